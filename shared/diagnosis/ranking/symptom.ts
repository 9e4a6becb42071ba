import { eachWord, isPlain } from "./tokens.ts";
import { topicsOf } from "./topics.ts";

/** The words of an alert. A candidate's hits are indexes into `words`. */
export type Symptom = {
  text: string;
  words: Map<string, number>;
  /** The words as they were written first, lower-cased, by place. */
  written: string[];
  /** Neighbours among its words: place of the first × 1000 + place of the second. */
  pairs: Set<number>;
  /** Neighbouring words written together: “rate limit” is `ratelimit` elsewhere. */
  compounds: string[];
  /** Words that only machines write: `max_connections`, `fx/rates.ts`, `HTTP2`. Lower-cased. */
  identifiers: string[];
  /** Numbers of two digits or more. */
  numbers: string[];
  /** Names of files, without folder. */
  files: string[];
  /** Runs of four characters of its words. */
  grams: Map<string, number>;
  /** The subjects its words belong to. */
  topics: Set<number>;
  /** Stems of the words that tell only the subject: a change that says one itself is not told apart by it. */
  signals: Set<string>;
};

/** Characters read of what an alert says; a longer text keeps its beginning and its end. */
const maxText = 8_000;
const maxWords = 300;
const maxEach = 40;

/**
 * `ignored`: a text whose words tell nothing, such as the name that the service and all its code carry. `signals`: words that tell only
 * the subject, such as `cpu`.
 */
export const readSymptom = (raw: string, ignored = "", signals = ""): Symptom => {
  const text = raw.length <= maxText ? raw : `${raw.slice(0, maxText * 0.75)}\n${raw.slice(-maxText * 0.25)}`;
  const ignoredWords = new Set(written(ignored).map(({ word }) => word));
  const telling = text.split("\n").map((line) => written(line).filter(({ word }) => !ignoredWords.has(word)));
  const signalWords = new Set(written(signals).map(({ word }) => word));
  const lines = telling.map((line) => line.filter(({ word }) => !signalWords.has(word)));
  const all = lines.flat();
  const unique = new Map(all.toReversed().map(({ word, raw }) => [word, raw]));
  const indexes = new Map(
    [...unique.keys()]
      .toReversed()
      .slice(0, maxWords)
      .map((word, index) => [word, index]),
  );
  const pairs = lines.flatMap((line) =>
    line.slice(1).map((second, index) => [line[index]?.word ?? "", second.word] as const),
  );
  return {
    text,
    words: indexes,
    written: [...indexes.keys()].map((word) => unique.get(word) ?? word),
    pairs: new Set(pairs.map(([a, b]) => (indexes.get(a) ?? -1) * 1000 + (indexes.get(b) ?? -1))),
    compounds: distinct(pairs.map(([a, b]) => `${a}${b}`).filter((pair) => pair.length >= 7)),
    identifiers: identifiers(text),
    numbers: distinct(text.match(/(?<![\w.])\d[\d.,:]*\d(?!\w)/g) ?? []),
    files: distinct(
      (text.match(/[\w./-]+\.[a-z]{1,5}\b/gi) ?? []).map((path) => path.slice(path.lastIndexOf("/") + 1)),
    ),
    grams: new Map(
      [...new Set([...indexes.keys()].flatMap(gramsOf))].slice(0, 1500).map((gram, index) => [gram, index]),
    ),
    signals: signalWords,
    topics: new Set(topicsOf([...indexes.keys(), ...signalsIn(telling, signalWords)]).keys()),
  };
};

const signalsIn = (lines: { word: string }[][], signals: Set<string>): string[] =>
  lines.flat().flatMap(({ word }) => (signals.has(word) ? [word] : []));

const distinct = (found: string[]): string[] =>
  [...new Set(found.map((text) => text.toLowerCase()))].slice(0, maxEach);

const identifiers = (text: string): string[] =>
  distinct(
    (text.match(/[A-Za-z0-9_$][\w$./:-]*[A-Za-z0-9_$]/g) ?? []).filter(
      (word) =>
        word.length > 3 &&
        (/[_/:$-]|\w\.\w|[a-z][A-Z]/.test(word) || (/\d/.test(word) && /[a-z]/i.test(word))),
    ),
  );

const written = (line: string): { word: string; raw: string }[] => {
  const found: { word: string; raw: string }[] = [];
  eachWord(line, (word, raw) => {
    if (word !== "" && !isPlain(raw)) found.push({ word, raw: raw.toLowerCase() });
  });
  return found;
};

const gramsOf = (word: string): string[] =>
  word.length < 4 ? [] : Array.from({ length: word.length - 3 }, (_, index) => word.slice(index, index + 4));
