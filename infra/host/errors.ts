/** The start failed because of something that a person can mend; `message` is one sentence about it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The arguments of a command are wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The system's code of an error, such as `ENOENT`, or its message where it has none. */
export const codeOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.message;
};
