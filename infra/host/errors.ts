/** The start failed because of something that a person can mend; `message` is one sentence about it. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The arguments of a command are wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
