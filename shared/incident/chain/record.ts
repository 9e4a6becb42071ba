import type { IncidentId } from "../../brands.ts";
import { digestOf, type Head, type Link, linkHash, noFormer } from "./link.ts";

/** A fact as it lies in a store. `version` is the write that it came with; `fault` says why it cannot be trusted as it lies there. */
export type Recorded = { version: number; fact?: unknown; fault?: string };

/** The first fact that is not as it was written: its place among all facts, its number in the chain, and a sentence. */
export type Break = { place: number; n?: number; detail: string };
/** `before`: facts of a version that kept no chain; `facts`: those of the chain. `head`: its last fact as far as it holds. */
export type Checked = { before: number; facts: number; head?: Head; broken?: Break };

/** The fact before the first one here, which was archived: the write that it came with, and its place in the chain if it had one. */
export type Archived = { version: number; head?: Head };
/** The state of the record by the incident itself: its last fact, where that is stored beside the facts, and its last write. */
export type Stand = { head?: Head | undefined; version?: number; archived?: Archived | undefined };

/** Walks the facts of one incident, oldest first, up to where it says that it stands. */
export const checkRecord = (incident: IncidentId, recorded: Recorded[], stand: Stand): Checked => {
  const { head } = stand;
  const checked: Checked = { before: 0, facts: 0 };
  const begin = stand.archived?.head === undefined ? beginOf(recorded, head) : 0;
  for (const [index, one] of recorded.entries()) {
    const link = linkOf(one.fact);
    const former = checked.head ?? stand.archived?.head;
    const walked = { incident, recorded, index, begin, former, stand };
    const detail = one.fault ?? (link === undefined ? unlinkedFault(walked) : linkFault(walked, link));
    if (detail !== undefined) return { ...checked, broken: brokenAt(index, link, detail) };
    if (link === undefined) checked.before++;
    else Object.assign(checked, { facts: link.n, head: { n: link.n, hash: link.hash } });
  }
  const detail = lastWriteFault(recorded.at(-1), stand) ?? headFault(checked.head, stand);
  return detail === undefined ? checked : { ...checked, broken: brokenAt(recorded.length - 1, head, detail) };
};

const brokenAt = (index: number, link: { n: number } | undefined, detail: string): Break => ({
  place: Math.max(1, index + 1),
  ...(link && { n: link.n }),
  detail,
});

/** The index at which the chain must begin, by the first number in it, or by its end where no fact has a place. */
const beginOf = (recorded: Recorded[], head: Head | undefined): number => {
  const index = recorded.findIndex(({ fact }) => linkOf(fact) !== undefined);
  const first = linkOf(recorded[index]?.fact);
  return first === undefined ? recorded.length - (head?.n ?? 0) : index - (first.n - 1);
};

/** The position of the walk: `former` is the fact of the chain before it. */
type Walked = {
  incident: IncidentId;
  recorded: Recorded[];
  index: number;
  begin: number;
  former: Head | undefined;
  stand: Stand;
};

const unlinkedFault = (walked: Walked): string | undefined => {
  const { recorded, index, begin, former } = walked;
  const fact = recorded[index]?.fact;
  if (typeof fact !== "object" || fact === null) return "it is not a JSON object";
  if ("chain" in fact || index >= begin)
    return `it has no place in the chain, of which ${former?.n ?? 0} facts stand before it`;
  return versionFault(walked);
};

const linkFault = (walked: Walked, link: Link): string | undefined => {
  const { incident, recorded, index } = walked;
  const fault = orderFault(walked, link) ?? formerFault(walked, link) ?? versionFault(walked);
  if (fault !== undefined) return fault;
  const fact = Object(recorded[index]?.fact);
  return linkHash(incident, fact.chain, digestOf(fact)) === link.hash
    ? undefined
    : "it was changed: its hash is not that of its content";
};

const orderFault = ({ recorded, index, former }: Walked, { n }: Link): string | undefined => {
  const next = (former?.n ?? 0) + 1;
  if (n === next) return undefined;
  if (n < next) return `it was put in: it has the number ${n}, and fact ${next - 1} stands before it`;
  return recorded.slice(index + 1).some(({ fact }) => linkOf(fact)?.n === next)
    ? `it stands before fact ${next}`
    : `fact ${next} is missing before it`;
};

const formerFault = ({ recorded, index, former, stand }: Walked, link: Link): string | undefined => {
  if (former !== undefined)
    return link.former === former.hash
      ? undefined
      : `it does not follow fact ${former.n} as that stands here`;
  if (link.former !== noFormer) return "it is the first of the chain and names a fact before it";
  const [says, before] = [link.after ?? 0, recorded[index - 1]?.version ?? stand.archived?.version ?? 0];
  return says === before
    ? undefined
    : `it says that the chain begins after ${says} writes, and ${before} stand before it`;
};

/** A write has one version, and the next write the next one. */
const versionFault = ({ recorded, index, stand }: Walked): string | undefined => {
  const former = recorded[index - 1]?.version ?? stand.archived?.version ?? 0;
  const version = recorded[index]?.version ?? 0;
  if (version === former + 1 || (version === former && index > 0)) return undefined;
  return `it came with write ${version}, and the fact before it with write ${former}`;
};

const lastWriteFault = (last: Recorded | undefined, { version }: Stand): string | undefined => {
  const written = last?.version ?? 0;
  return version === undefined || written === version
    ? undefined
    : `the last fact came with write ${written}, and the incident is at write ${version}`;
};

const headFault = (last: Head | undefined, stand: Stand): string | undefined => {
  if (!("head" in stand)) return undefined;
  const { head } = stand;
  if (head === undefined) return last === undefined ? undefined : "the incident knows of no chain";
  const n = last?.n ?? 0;
  if (n < head.n) return `the facts after ${n} are missing: the incident's last fact is ${head.n}`;
  if (n > head.n) return `facts were added: the incident's last fact is ${head.n}`;
  return last?.hash === head.hash ? undefined : "its hash is not the one that the incident ends with";
};

const hex = /^[0-9a-f]{64}$/;

/** The place of a fact in the chain; undefined where it has none, or none that can be read. */
export const linkOf = (fact: unknown): Link | undefined => {
  if (typeof fact !== "object" || fact === null || !("chain" in fact)) return undefined;
  const { n, former, hash, after }: Partial<Record<keyof Link, unknown>> = fact.chain ?? {};
  if (typeof n !== "number" || !Number.isSafeInteger(n) || n < 1) return undefined;
  if (typeof former !== "string" || typeof hash !== "string") return undefined;
  if (!hex.test(former) || !hex.test(hash)) return undefined;
  return typeof after === "number" ? { n, former, hash, after } : { n, former, hash };
};
