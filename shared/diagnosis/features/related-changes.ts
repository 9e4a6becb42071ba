import type { Candidate } from "../ranking/candidate.ts";
import { isUnseen, type Window } from "../ranking/window.ts";
import { type Feature, perWindow } from "./feature.ts";
import { product } from "./product.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";

const maxPaths = 30;
/** A folder that more candidates touch brings none of them together. */
const maxTogether = 40;
/** The closeness of two changes whose titles name the same component, and the least closeness of one part of the system. */
const closeness = { named: 1.5, part: 1.5 };

/** The files a commit touches and every folder above them. */
const foldersOf = ({ commit }: Candidate): Set<string> => {
  const sums = new Set<string>();
  for (const path of commit.paths.slice(0, maxPaths)) {
    sums.add(path);
    for (let index = path.indexOf("/"); index > 0; index = path.indexOf("/", index + 1))
      sums.add(path.slice(0, index));
  }
  return sums;
};

/** `[component]` or `component:` before a title. */
const componentOf = ({ title }: Candidate): string =>
  /^\s*\[([^\]]+)\]/.exec(title)?.[1] ?? /^\s*([\w./-]{2,30}):/.exec(title)?.[1] ?? "";

/** The closeness of each candidate to the others: by the rarest folder that both touch, or the component that both name. */
const neighbours = ({ candidates }: Window): Map<number, number>[] => {
  const folders = new Map<string, number[]>();
  const components = new Map<string, number[]>();
  for (const one of candidates) {
    if (one.irrelevant || isUnseen(one)) continue;
    for (const folder of foldersOf(one)) put(folders, folder, one.rank);
    const component = componentOf(one);
    if (component !== "") put(components, component, one.rank);
  }
  const near = candidates.map(() => new Map<number, number>());
  const bring = (ranks: number[], by: number) => {
    for (const a of ranks) {
      const own = near[a];
      if (own === undefined) continue;
      for (const b of ranks) if (a !== b) own.set(b, Math.max(own.get(b) ?? 0, by));
    }
  };
  for (const ranks of folders.values())
    if (ranks.length > 1 && ranks.length <= maxTogether) bring(ranks, Math.log(50 / ranks.length));
  for (const ranks of components.values()) bring(ranks, closeness.named);
  return near;
};
const put = (by: Map<string, number[]>, key: string, rank: number) => {
  const known = by.get(key);
  if (known === undefined) by.set(key, [rank]);
  else known.push(rank);
};

type Around = { said: number; most: number; many: number; newer: number };
const around = perWindow((window): Around[] => {
  const { candidates } = window;
  return neighbours(window).map((near, rank) => {
    const sums = { said: 0, most: 0, many: 0, newer: 0 };
    for (const [other, by] of near) {
      const related = candidates[other];
      if (related === undefined) continue;
      const said = text.bm25(related, window) * by;
      sums.said += said;
      sums.most = Math.max(sums.most, said);
      sums.many += by;
      if (by > closeness.part && related.age < (candidates[rank]?.age ?? 0)) sums.newer++;
    }
    return { ...sums, said: sums.said / (sums.many + 2) };
  });
});
const best = perWindow((window) => around(window).reduce((top, { said }) => Math.max(top, said), 0));

/** The share of the alert's words in the other changes of the same folders or component. */
const sumOf = ({ rank }: Candidate, window: Window): Around =>
  around(window)[rank] ?? { said: 0, most: 0, many: 0, newer: 0 };
const aroundSaid: Feature = (candidate, window) => sumOf(candidate, window).said;
const aroundMost: Feature = (candidate, window) => Math.log1p(sumOf(candidate, window).most);
const aroundMany: Feature = (candidate, window) => Math.log1p(sumOf(candidate, window).many);
/** Newer changes to the same part. */
const aroundNewer: Feature = (candidate, window) => Math.log1p(sumOf(candidate, window).newer);
const aroundOfBest: Feature = (candidate, window) =>
  best(window) === 0 ? 0 : sumOf(candidate, window).said / best(window);

export const relatedChanges = {
  aroundSaid,
  aroundMost,
  aroundMany,
  aroundNewer,
  aroundOfBest,
  aroundByRank: product(aroundOfBest, time.logRank),
  aroundNewerByText: product(aroundNewer, text.bm25OfBest),
} satisfies Record<string, Feature>;
