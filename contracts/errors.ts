/**
 * What we foresee. The message says where, what was expected, what was found, and what to do. Not retried, unless
 * `retryable` says so. Errors of transport are deliberately not children: Temporal retries those.
 */
export class PlatformError extends Error {
  override readonly name: string = 'PlatformError';
  readonly retryable: boolean = false;
}

/** The user's data can't be used as it is: which file, column, row, and what to do. */
export class DataError extends PlatformError {
  override readonly name = 'DataError' as const;
}

/** assay.yaml, a flag or a parameter is wrong. */
export class ConfigError extends PlatformError {
  override readonly name = 'ConfigError' as const;
}

/** The store holds something else than it promised, or can't do what we need of it. */
export class StoreError extends PlatformError {
  override readonly name = 'StoreError' as const;
}

/** The store could not be reached or is full: worth trying again. */
export class StoreUnavailableError extends PlatformError {
  override readonly name = 'StoreUnavailableError' as const;
  override readonly retryable = true;
}

/** Something that Assay needs on this machine is missing (Temporal server, engine, Chromium …). */
export class MissingToolError extends PlatformError {
  override readonly name = 'MissingToolError' as const;
}

/** A loss became NaN or infinite. */
export class DivergedError extends PlatformError {
  override readonly name = 'DivergedError' as const;
}

/** Memory of the machine or of the device ran out in a computation. */
export class OutOfMemoryError extends PlatformError {
  override readonly name = 'OutOfMemoryError' as const;
}

/** Spark ended a job, or could not do what it was asked: a lost cluster is worth trying again. */
export class SparkError extends PlatformError {
  override readonly name = 'SparkError' as const;
  override readonly retryable = true;
}

/** The work was asked to stop. */
export class CancelledError extends PlatformError {
  override readonly name = 'CancelledError' as const;
}
