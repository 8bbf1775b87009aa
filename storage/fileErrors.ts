import { StoreError, StoreUnavailableError } from '../contracts/errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const FORBIDDEN = new Set(['EACCES', 'EPERM', 'EROFS']);
const SHORT_OF_HANDLES = new Set(['EMFILE', 'ENFILE']);
/** A part of the path is a file, or the whole of it is a folder. */
const NESTED = new Set(['ENOTDIR', 'EISDIR', 'EEXIST']);

/** The `code` of a file system error, `ENOENT` for instance. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** Says of a file system error what it means for the store, and what to do. Unknown ones come back as they are. */
export function explainFileError(error: unknown, doing: string, root: string): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  const cause = { cause: error };
  if (FULL.has(code)) {
    return new StoreUnavailableError(
      `${doing}: no space left for the store in ${root} (${code}); free some space, then retry`,
      cause,
    );
  }
  if (FORBIDDEN.has(code)) {
    return new StoreError(
      `${doing}: this user may not do that in ${root} (${code}); give the user the right to write there, ` +
        'or choose another store with ASSAY_STORE',
      cause,
    );
  }
  if (SHORT_OF_HANDLES.has(code)) {
    return new StoreUnavailableError(
      `${doing}: too many open files (${code}); raise the limit (ulimit -n)`,
      cause,
    );
  }
  if (NESTED.has(code)) {
    return new StoreError(`${doing}: no key may be a folder of another one (${code} in ${root})`, cause);
  }
  return error;
}
