import type { System } from "./brands.ts";
import { scrub } from "./scrub.ts";

/** Input from outside that can never become valid. Hosts answer `status` with `message`, which holds no secret and no internal detail. */
export class BadRequest extends Error {
  override readonly name = "BadRequest";
  readonly status: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 421;
  constructor(status: 400 | 401 | 403 | 404 | 408 | 413 | 415 | 421, message: string) {
    super(message);
    this.status = status;
  }
}

/** Another process wrote the incident first: load it again and decide again. */
export class ConflictError extends Error {
  override readonly name = "ConflictError";
}

/**
 * Another system failed or refused. `message` holds the attempt, its object and the answer.
 * `retryable`: the same call may succeed later (outage, rate limit, timeout), so the incident waits;
 * otherwise it never will (refused, not found, forbidden), so people are told.
 */
export class UpstreamError extends Error {
  override readonly name = "UpstreamError";
  readonly system: System;
  readonly retryable: boolean;
  readonly status: number | undefined;
  /** The thing that was to be changed no longer exists. */
  readonly gone: boolean;
  /** The system refuses another try before this instant, epoch ms. */
  readonly retryAt: number | undefined;
  constructor(
    system: System,
    message: string,
    options: { retryable: boolean; status?: number; retryAt?: number; gone?: boolean; cause?: unknown },
  ) {
    // A system may repeat what it was sent, and the message becomes a fact, a comment and a reply.
    super(scrub(message), { cause: options.cause });
    this.system = system;
    this.retryable = options.retryable;
    this.status = options.status;
    this.retryAt = options.retryAt;
    this.gone = options.gone ?? false;
  }
}

/** A thrown value as an Error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });

export const messageOf = (thrown: unknown): string => asError(thrown).message;
