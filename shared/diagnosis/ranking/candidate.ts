import type { Commit } from "../../ports/history.ts";
import { changedLines } from "./changed-lines.ts";
import type { Symptom } from "./symptom.ts";
import { eachWord } from "./tokens.ts";
import { topicsOf } from "./topics.ts";

export const fields = ["title", "body", "paths", "names", "patch"] as const;
export type Field = (typeof fields)[number];

/** One commit as features see it. Times are epoch ms, `age` ms before the onset. Hits are places in the symptom's words. */
export type Candidate = {
  commit: Commit;
  age: number;
  /** Its place in the window. */
  rank: number;
  /** Says nothing of what the alert says, is not the service's, and touches only what cannot run or what no other touches: one more such changes nothing for the others. */
  irrelevant: boolean;
  /** Newer candidates that are not irrelevant; those of one deploy share a rank in time. */
  newer: number;
  /** The ages of the nearest newer and older relevant ones; 0 and its own age where there is none. */
  nextAge: number;
  previousAge: number;
  hits: Record<Field, number[]>;
  /** Hits of all fields, each once. */
  mentions: number[];
  /** How often it says each word of the symptom, by place, and how many words it says in all. */
  counts: Map<number, number>;
  length: number;
  /** Neighbouring words of the symptom that are neighbours here. */
  phrases: number[];
  /** The words of message and paths, each once. */
  vocabulary: Set<string>;
  /** How many of its words belong to each subject that the symptom speaks of. */
  topics: Map<number, number>;
  grams: number[];
  patchGrams: number[];
  /** Message and paths, and with them the changed lines, lower-cased. */
  text: string;
  /** Message and paths without anything between words. */
  squashed: string;
  title: string;
  paths: string;
  full: string;
};

const limits = { body: 1500, paths: 60, patch: 4000, grams: 800 };
/** A commit read for what the symptom says; its place among the others is given later. */
export const readCandidate = (
  commit: Commit,
  { age, symptom }: { age: number; symptom: Symptom },
): Candidate => {
  const body = commit.message
    .slice(commit.message.indexOf(commit.title) + commit.title.length)
    .slice(0, limits.body);
  const paths = commit.paths.slice(0, limits.paths);
  const patch = changedLines(commit.patch ?? "").slice(0, limits.patch);
  const names = paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).join("\n");
  const texts: Record<Field, string> = { title: commit.title, body, paths: paths.join("\n"), names, patch };
  const counts = new Map<number, number>();
  const phrases = new Set<number>();
  const vocabulary = new Set<string>();
  let length = 0;
  const hits = Object.fromEntries(
    fields.map((field) => {
      const found = new Set<number>();
      let before = -1;
      eachWord(texts[field], (word) => {
        if (word === "") return;
        length++;
        if (field !== "patch") vocabulary.add(word);
        const index = symptom.words.get(word) ?? -1;
        if (before >= 0 && symptom.pairs.has(before * 1000 + index)) phrases.add(before * 1000 + index);
        before = index;
        if (index < 0) return;
        found.add(index);
        counts.set(index, (counts.get(index) ?? 0) + 1);
      });
      return [field, [...found]];
    }),
  ) as Record<Field, number[]>;
  const text = `${texts.title}\n${body}\n${texts.paths}`.toLowerCase();
  return {
    commit,
    age,
    ...{ rank: 0, irrelevant: false, newer: 0, nextAge: 0, previousAge: age },
    hits,
    mentions: [...new Set(fields.flatMap((field) => hits[field]))],
    counts,
    length,
    phrases: [...phrases],
    vocabulary,
    topics: new Map([...topicsOf(vocabulary)].filter(([topic]) => symptom.topics.has(topic))),
    patchGrams: gramHits(patch.slice(0, 2500).toLowerCase(), symptom.grams),
    grams: gramHits(
      `${texts.title}\n${texts.paths}\n${body}`.slice(0, limits.grams).toLowerCase(),
      symptom.grams,
    ),
    text,
    squashed: symptom.compounds.length === 0 ? "" : text.replace(/[^\p{L}\p{N}\n]+/gu, ""),
    title: texts.title.toLowerCase(),
    paths: texts.paths.toLowerCase(),
    full: patch === "" ? text : `${text}\n${patch.toLowerCase()}`,
  };
};

const gramHits = (text: string, vocabulary: Map<string, number>): number[] => {
  if (vocabulary.size === 0) return [];
  const found = new Set<number>();
  for (let index = 0; index + 4 <= text.length; index++) {
    const gram = vocabulary.get(text.slice(index, index + 4));
    if (gram !== undefined) found.add(gram);
  }
  return [...found];
};
