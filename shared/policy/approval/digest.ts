import { createHash } from "node:crypto";
import type { Required } from "./requirement.ts";

/** A digest of the people who must approve. It changes when one of them does. */
export const policyDigest = (required: Required): string =>
  createHash("sha256").update(JSON.stringify(required)).digest("hex").slice(0, 16);
