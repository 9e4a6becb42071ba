import type { EpochMs } from "../brands.ts";
import type { SignedIn } from "./issuer.ts";

/** A load balancer that signs people in itself, and signs what it tells of them. */
export interface Balancer {
  /** The person of whom its header tells, or a sentence why they are not known. Throws UpstreamError when its key cannot be read. */
  read(told: string, now: EpochMs): Promise<SignedIn | { refused: string }>;
}
