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

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "this user may not read it",
  EPERM: "this user may not do that",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
};

/** The same for a terminal: the reason in words where there are some, else the message of the error. */
export const saidOf = (error: unknown): string => {
  const why = whyOf(error);
  if (why !== codeOf(error)) return why;
  return error instanceof Error ? error.message : String(error);
};

/** Why a file could not be read or written, in words, with the system's code. */
export const whyOf = (error: unknown): string => {
  const code = codeOf(error);
  return reasons[code] === undefined ? code : `${reasons[code]} (${code})`;
};
