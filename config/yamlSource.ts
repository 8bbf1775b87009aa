import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type ParsedNode } from 'yaml';

/** A place in a text file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something that the text itself does wrong, before its meaning is looked at. */
export interface SyntaxFault {
  readonly at: Position;
  readonly message: string;
  /** The rest of the document can still be judged. */
  readonly harmless: boolean;
}

/** A YAML 1.2 text as plain values that remembers where each value stands. */
export interface YamlSource {
  readonly value: unknown;
  readonly faults: readonly SyntaxFault[];
  /** Where the value at a path stands; the nearest surrounding map where the path is not in the file. */
  positionOf(path: readonly PropertyKey[], part?: 'key' | 'value'): Position;
}

/** Largest config file; a config is written by people. */
export const MAX_CONFIG_BYTES = 1 << 20;
const MAX_ALIASES = 100;
const START: Position = { line: 1, column: 1 };

/** Reads YAML 1.2. Duplicate keys are faults; so are more than 100 uses of aliases (a "billion laughs" bomb). */
export function readYaml(text: string): YamlSource {
  if (Buffer.byteLength(text) > MAX_CONFIG_BYTES) {
    const message = `the file is larger than ${MAX_CONFIG_BYTES / 1024} KiB; a config holds settings, not data`;
    return {
      value: undefined,
      faults: [{ at: START, message, harmless: false }],
      positionOf: () => START,
    };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const faults: SyntaxFault[] = document.errors.map((error) => ({
    at: at(error.pos[0]),
    message: error.code === 'DUPLICATE_KEY' ? duplicateKey(text, error.pos[0]) : `not YAML: ${error.message}`,
    harmless: error.code === 'DUPLICATE_KEY',
  }));
  return {
    ...valueOf(document, faults),
    positionOf: (path, part = 'value') => at(offsetOf(document.contents, path, part)),
  };
}

function valueOf(
  document: Document.Parsed,
  faults: readonly SyntaxFault[],
): Pick<YamlSource, 'value' | 'faults'> {
  if (faults.some(({ harmless }) => !harmless)) return { value: undefined, faults };
  try {
    return { value: document.toJS({ maxAliasCount: MAX_ALIASES }), faults };
  } catch (error) {
    const message = `${error instanceof Error ? error.message : String(error)} (at most ${MAX_ALIASES} uses of aliases)`;
    return { value: undefined, faults: [...faults, { at: START, message, harmless: false }] };
  }
}

function duplicateKey(text: string, offset: number): string {
  const key = /^[^:\n]*/.exec(text.slice(offset))?.[0].trim() ?? '';
  return `the key "${key}" stands here for the second time; keep one of them`;
}

function offsetOf(contents: ParsedNode | null, path: readonly PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = contents;
  let offset = contents?.range[0] ?? 0;
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      const keyOffset = startOf(pair.key) ?? offset;
      offset = last && part === 'key' ? keyOffset : (startOf(pair.value) ?? keyOffset);
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  const range = (node as { range?: readonly number[] | null } | null | undefined)?.range;
  return range?.[0];
}
