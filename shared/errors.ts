/** Input from outside that can never become valid. Hosts answer `status` with `message`, which holds no secret and no detail of ours. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status: 400 | 401 | 408 | 413 | 415;
  constructor(status: 400 | 401 | 408 | 413 | 415, message: string) {
    super(message);
    this.status = status;
  }
}

/** Someone wrote the incident first: load it again and decide again. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/**
 * Another system failed or refused. `message` says what was attempted, on what, and what came back.
 * `retryable`: the same call may succeed later (outage, rate limit, timeout), so the incident waits;
 * otherwise it never will (refused, not found, forbidden), so people are told.
 */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly system:
    | "github"
    | "slack"
    | "prometheus"
    | "loki"
    | "elasticsearch"
    | "registry"
    | "store"
    | "bus"
    | "configuration";
  readonly retryable: boolean;
  readonly status: number | undefined;
  constructor(
    system: UpstreamError["system"],
    message: string,
    options: { retryable: boolean; status?: number; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.system = system;
    this.retryable = options.retryable;
    this.status = options.status;
  }
}
