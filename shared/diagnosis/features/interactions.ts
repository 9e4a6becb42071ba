import type { Feature } from "./feature.ts";
import { kind } from "./kind.ts";
import { names } from "./names.ts";
import { product } from "./product.ts";
import { text } from "./text.ts";
import { time } from "./time.ts";

const closeness: Feature = ({ newer }) => 1 / (1 + newer);
const freshness: Feature = ({ age }) => 1 / (1 + age / 3_600_000);

/** Words count more on a fresh change, and freshness more on a change that says what the alert says. */
export const interactions = {
  overlapByRank: product(text.logOverlap, time.logRank),
  overlapByAge: product(text.logOverlap, time.logAge),
  shareByRank: product(text.shareOfBest, time.logRank),
  shareByAge: product(text.shareOfBest, time.logAge),
  shareByCloseness: product(text.shareOfBest, closeness),
  bm25ByRank: product(text.bm25OfBest, time.logRank),
  bm25ByAge: product(text.bm25OfBest, time.logAge),
  cosineByRank: product(text.cosineOfBest, time.logRank),
  cosineByAge: product(text.cosineOfBest, time.logAge),
  phrasesByRank: product(text.phrases, time.logRank),
  bm25RankByRank: product(text.bm25Rank, time.logRank),
  saidByRank: product(text.saidShare, time.logRank),
  saidByFreshness: product(text.saidShare, freshness),
  gramByRank: product(text.gramOfBest, time.logRank),
  gramByAge: product(text.gramShare, time.logAge),
  textRankByRank: product(text.textRank, time.logRank),
  textRankByAge: product(text.textRank, time.logAge),
  mostToldByRank: product(text.mostTold, time.logRank),
  identifiersByRank: product(names.identifiers, time.logRank),
  filesByRank: product(names.files, time.logRank),
  insidePathsByRank: product(names.insidePaths, time.logRank),
  silentByCloseness: product(text.saysNothing, closeness),
  inertByOverlap: product(kind.inert, text.shareOfBest),
  fixByOverlap: product(kind.fix, text.shareOfBest),
  pathsByAge: product(text.inPaths, time.logAge),
  titleByAge: product(text.inTitle, time.logAge),
  patchByRank: product(text.inPatch, time.logRank),
} satisfies Record<string, Feature>;
