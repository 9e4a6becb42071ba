import type { IncidentId, Sha } from "../brands.ts";
import type { Block, Told } from "../incident/chain/block.ts";
import { digestOf, type Head, type Link, linkHash, noFormer } from "../incident/chain/link.ts";
import { linkOf } from "../incident/chain/record.ts";
import type { Event } from "../incident/events.ts";
import { short } from "./format.ts";
import { isBereft, readRecord } from "./record-block.ts";

/** A text of our account on a pull request: its body first, then its comments in their order. `edited`: after it was posted. */
export type Text = { place: string; text: string; edited?: boolean };
/** A pull request as GitHub has it. `by`: the account that merged it. */
export type Merged = { head: Sha; mergeSha?: Sha; by?: string };
/** The first thing in its place that is not as it was written. `n`: the fact. */
export type PullBreak = { place: string; n?: number; detail: string };
/** A fact as the pull request tells it. `fact`: where it is told whole. */
export type Known = Head & { type?: string; at?: number; fact?: Event; place: string };
export type Chain = { incident: IncidentId; facts: Known[]; head: Head };
export type PullRecord = { chains: Chain[]; broken: PullBreak[] };

/** The position of the walk, by incident: the facts by number, and the numbers that a round or a lack of room left out. */
type Walk = { facts: Map<number, Known>; begins: Set<number> };
type Walks = Map<IncidentId, Walk>;

/** Walks the record that the texts of one pull request carry. `account` wrote them; texts of others do not count. */
export const checkPull = (texts: Text[], pull: Merged, account: string): PullRecord => {
  const walks: Walks = new Map();
  const broken = texts.flatMap((one) => {
    const read = readText(one, walks);
    if (read === undefined) return [];
    return "detail" in read ? [read] : walkBlock(walks, read, one.place);
  });
  const chains = [...walks].map(([incident, { facts }]) => chainOf(incident, facts));
  const gaps = [...walks].flatMap(([incident, walk]) => gapsOf(incident, walk));
  return { chains, broken: [...broken, ...gaps, ...mergeFaults(chains, pull, account)] };
};

const readText = ({ place, text, edited }: Text, walks: Walks): Block | PullBreak | undefined => {
  const read = readRecord(text);
  if (read !== undefined && "fault" in read) return { place, detail: read.fault };
  if (edited) return { place, detail: "it was edited after it was posted" };
  if (read !== undefined) return read.block;
  return isBereft(text, walks.size > 0) ? { place, detail: "its record was removed" } : undefined;
};

const chainOf = (incident: IncidentId, known: Map<number, Known>): Chain => {
  const facts = [...known.values()].sort((one, other) => one.n - other.n);
  const { n, hash } = facts.at(-1) ?? { n: 0, hash: noFormer };
  return { incident, facts: facts.filter(({ type }) => type !== undefined), head: { n, hash } };
};

const walkBlock = (walks: Walks, block: Block, place: string): PullBreak[] => {
  const { incident, from, facts, head } = block;
  const walk = walks.get(incident) ?? { facts: new Map(), begins: new Set() };
  walks.set(incident, walk);
  if (block.skipped || (facts[0] && typeOf(facts[0]) === "IncidentOpened")) walk.begins.add(from.n + 1);
  let former: Head & Pick<Link, "after"> = from;
  const broken = meet(walk, { n: from.n, hash: from.hash, place });
  for (const told of facts) {
    const known = knownOf(told, place);
    const fault = linkFault(incident, told, former) ?? meet(walk, known).map(({ detail }) => detail)[0];
    if (fault !== undefined) return [...broken, { place, n: known.n, detail: fault }];
    former = { n: known.n, hash: known.hash };
  }
  if (former.n === head.n && former.hash === head.hash) return broken;
  return [...broken, { place, n: head.n, detail: "its facts do not lead to the head that it names" }];
};

const typeOf = (told: Told): string => ("fact" in told ? told.fact.type : told.type);

const knownOf = (told: Told, place: string): Known => {
  if (!("fact" in told)) return { n: told.n, hash: told.hash, type: told.type, at: told.at, place };
  const { fact } = told;
  const { n, hash } = linkOf(fact) ?? { n: 0, hash: "" };
  return { n, hash, type: fact.type, at: fact.at, fact, place };
};

const linkFault = (
  incident: IncidentId,
  told: Told,
  former: Head & Pick<Link, "after">,
): string | undefined => {
  const { n, hash } = knownOf(told, "");
  if (n !== former.n + 1) return `fact ${former.n + 1} is missing before it`;
  const { after } = n === 1 ? former : {};
  const place = { n, former: former.hash, ...(after !== undefined && { after }) };
  const digest = "fact" in told ? digestOf(told.fact) : told.digest;
  return linkHash(incident, place, digest) === hash
    ? undefined
    : "it was changed, or does not follow the fact before it";
};

/** Every text that tells a fact tells the same one. Of two that agree, the whole fact stays. */
const meet = ({ facts }: Walk, known: Known): PullBreak[] => {
  if (known.n === 0) return [];
  const before = facts.get(known.n);
  if (before !== undefined && before.hash !== known.hash)
    return [{ place: known.place, n: known.n, detail: `it is another fact than in ${before.place}` }];
  if (before?.fact === undefined && (known.type !== undefined || before === undefined))
    facts.set(known.n, known);
  return [];
};

/** The first text of a round tells it from its opening, or from the beginning of the chain. */
const gapsOf = (incident: IncidentId, { facts, begins }: Walk): PullBreak[] => {
  const told = [...facts.values()]
    .filter(({ type }) => type !== undefined)
    .sort((one, other) => one.n - other.n);
  return told.flatMap(({ n, place }, index) => {
    const next = (told[index - 1]?.n ?? 0) + 1;
    if (n === next || begins.has(n)) return [];
    const missing = next === n - 1 ? `fact ${next}` : `the facts ${next} to ${n - 1}`;
    return [
      { place, n: next, detail: `a comment before it is missing: no text tells ${missing} of ${incident}` },
    ];
  });
};

/** Our account merges only the head of a recorded approval. */
const mergeFaults = (chains: Chain[], { head, mergeSha, by }: Merged, account: string): PullBreak[] => {
  if (mergeSha === undefined || by?.toLowerCase() !== account.toLowerCase() || chains.length === 0) return [];
  const approvals = chains.flatMap(({ facts }) =>
    facts.flatMap(({ fact }) => (fact?.type === "RemedyApproved" ? [fact.head] : [])),
  );
  if (approvals.includes(head)) return [];
  const told =
    approvals.length === 0 ? "no text tells an approval" : `approved was ${approvals.map(short).join(", ")}`;
  return [{ place: "the merge", detail: `${account} merged ${short(head)}, and ${told}` }];
};
