import type { EpochMs, IncidentId } from "../../brands.ts";
import type { Event } from "../events.ts";
import type { Pull } from "../model.ts";
import { digestOf, type Head, type Link } from "./link.ts";

/** A fact in a block: whole, as it is stored, or as the digest of its content where that is long or not for GitHub. */
export type Told = { fact: Event } | { n: number; type: string; at: EpochMs; digest: string; hash: string };

/**
 * The part of an incident's record that one text on GitHub carries: the facts after `from`, up to `head`. `pull`: the pull request as it
 * was. `skipped`: facts before the first one had no room.
 */
export type Block = {
  incident: IncidentId;
  round: number;
  pull?: Pick<Pull, "head" | "base" | "baseSha" | "diff">;
  from: Head & Pick<Link, "after">;
  facts: Told[];
  head: Head;
  skipped?: true;
};

type About = { id: IncidentId; round: number };

/** A block holds the latest of more facts than these, and no whole fact longer than this. */
const most = { facts: 100, bytes: 4000 };

/** The block of the last of these facts that follow each other. Undefined where an older version stored the last of them. */
export const blockOf = ({ id, round }: About, events: Event[], pull?: Pull): Block | undefined => {
  const all = events.filter(isLinked);
  const linked = lastInRow(all).slice(-most.facts);
  const [first, last] = [linked[0], linked.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const { n, former, after } = first.chain;
  return {
    ...{ incident: id, round, from: { n: n - 1, hash: former, ...(after !== undefined && { after }) } },
    ...(pull && { pull: { head: pull.head, base: pull.base, baseSha: pull.baseSha, diff: pull.diff } }),
    facts: linked.map(toldOf),
    head: { n: last.chain.n, hash: last.chain.hash },
    ...(all.length > linked.length && { skipped: true }),
  };
};

const lastInRow = (linked: Linked[]): Linked[] => {
  const gap = linked.findLastIndex(({ chain }, index) => chain.n !== (linked[index - 1]?.chain.n ?? 0) + 1);
  return linked.slice(Math.max(0, gap));
};

/** The block that only says where the record stands. Undefined for an incident without a chain. */
export const headBlock = ({ id, round, chain }: About & { chain?: Head }, pull?: Pull): Block | undefined =>
  chain && {
    ...{ incident: id, round, from: chain, facts: [], head: chain },
    ...(pull && { pull: { head: pull.head, base: pull.base, baseSha: pull.baseSha, diff: pull.diff } }),
  };

type Linked = Event & { chain: Link };
const isLinked = (event: Event): event is Linked => event.chain !== undefined;

const toldOf = (event: Linked): Told =>
  isForGithub(event)
    ? { fact: event }
    : {
        ...{ n: event.chain.n, type: event.type, at: event.at },
        ...{ digest: digestOf(event), hash: event.chain.hash },
      };

/** Alerts and diagnoses hold words of others, and an open question the name of its buttons. */
const isForGithub = (event: Event): boolean => {
  if (event.type === "RemedyApproved") return true;
  const isOwn = !["alerts", "diagnosis", "questions", "message", "terms"].some((name) => name in event);
  return isOwn && JSON.stringify(event).length <= most.bytes;
};
