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
  /** No shared words, outside the service's paths, inert or isolated files. Such a candidate does not change the others' scores. */
  irrelevant: boolean;
  /** Newer candidates that are not irrelevant; those of one deploy share a rank in time. */
  newer: number;
  /** The ages of the nearest newer and older relevant ones; 0 and its own age where there is none. */
  nextAge: number;
  previousAge: number;
  hits: Record<Field, number[]>;
  /** Hits of all fields, each once. */
  mentions: number[];
  /** The count of each word of the symptom, by its index, and of all words. */
  counts: Map<number, number>;
  length: number;
  /** Neighbouring words of the symptom that are neighbours here. */
  phrases: number[];
  /** The words of message and paths, each once. */
  vocabulary: Set<string>;
  /** The number of its words in each topic of the symptom. */
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

const limits = { body: 1500, paths: 60, patch: 4000, grams: 800, patchGrams: 2500 };

type Texts = Record<Field, string>;

/** The commit in terms of the symptom's words. Its place among the others is set by the window. */
export const readCandidate = (
  commit: Commit,
  { age, symptom }: { age: number; symptom: Symptom },
): Candidate => {
  const texts = textsOf(commit);
  const { title, body, paths, patch } = texts;
  const words = readWords(texts, symptom);
  const text = `${title}\n${body}\n${paths}`.toLowerCase();
  const head = `${title}\n${paths}\n${body}`.slice(0, limits.grams).toLowerCase();
  return {
    ...{ commit, age, rank: 0, irrelevant: false, newer: 0, nextAge: 0, previousAge: age },
    ...words,
    mentions: [...new Set(fields.flatMap((field) => words.hits[field]))],
    topics: new Map(
      [...topicsOf(words.vocabulary.difference(symptom.signals))].filter(([topic]) =>
        symptom.topics.has(topic),
      ),
    ),
    patchGrams: gramHits(patch.slice(0, limits.patchGrams).toLowerCase(), symptom.grams),
    grams: gramHits(head, symptom.grams),
    text,
    squashed: symptom.compounds.length === 0 ? "" : text.replace(/[^\p{L}\p{N}\n]+/gu, ""),
    title: title.toLowerCase(),
    paths: paths.toLowerCase(),
    full: patch === "" ? text : `${text}\n${patch.toLowerCase()}`,
  };
};

const textsOf = ({ title, message, paths: all, patch = "" }: Commit): Texts => {
  const paths = all.slice(0, limits.paths);
  return {
    title,
    body: message.slice(message.indexOf(title) + title.length).slice(0, limits.body),
    paths: paths.join("\n"),
    names: paths.map((path) => path.slice(path.lastIndexOf("/") + 1)).join("\n"),
    patch: changedLines(patch).slice(0, limits.patch),
  };
};

type Words = Pick<Candidate, "hits" | "counts" | "length" | "phrases" | "vocabulary">;

/** Counts the symptom's words and pairs of neighbouring words in each field. */
const readWords = (texts: Texts, symptom: Symptom): Words => {
  const counts = new Map<number, number>();
  const phrases = new Set<number>();
  const vocabulary = new Set<string>();
  let length = 0;
  const readField = (field: Field): number[] => {
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
    return [...found];
  };
  const hits = {
    title: readField("title"),
    body: readField("body"),
    paths: readField("paths"),
    names: readField("names"),
    patch: readField("patch"),
  };
  return { hits, counts, length, phrases: [...phrases], vocabulary };
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
