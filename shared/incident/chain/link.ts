import { hash } from "node:crypto";
import type { IncidentId } from "../../brands.ts";
import { canonical } from "./canonical.ts";

/**
 * The place of a fact in its incident's chain. `n` counts from 1; `former` is the hash of the fact before it, zeros for the first.
 * `after`: only in the first, the number of writes before the chain began, by a version that kept none.
 */
export type Link = { n: number; former: string; hash: string; after?: number };
/** The last fact of a chain. */
export type Head = Pick<Link, "n" | "hash">;

/** The `former` of the first fact. */
export const noFormer = "0".repeat(64);

/** The digest of a fact without its place in the chain. */
export const digestOf = ({ chain: _, ...fact }: { chain?: unknown }): string => sha256(canonical(fact));

/** The hash of a fact: it binds the incident, the place with the hash of the former fact, and the fact's own digest. */
export const linkHash = (
  incident: IncidentId,
  { hash: _, ...place }: Partial<Link>,
  digest: string,
): string => sha256(canonical({ ...place, incident, digest }));

export const sha256 = (text: string): string => hash("sha256", text);
