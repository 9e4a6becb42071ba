import assert from "node:assert/strict";
import { after } from "node:test";
import type { View } from "../../shared/ports/chat.ts";

const faults = new Set<string>();

/** Holds every text that a test's Slack is given to one colon a sentence and to no riddle; the run fails with those that have one. */
export const hear = ({ headline = "", lines }: Pick<View, "lines"> & { headline?: string }): void => {
  // The line about the alerts is in the words of their rules.
  const ours = lines.filter(({ label }) => label !== "Alert").map(({ text }) => text);
  for (const fault of [headline, ...ours].flatMap((text) => [...doubleColons(text), ...riddlesIn(text)]))
    faults.add(fault);
};

/** Sentences that stopped readers at night, by kind: fillers, a moment of nothing, words that are counted, and who is called by nobody. */
const riddles = [
  /\b(went live|before the trouble|against it speaks).{0,40}\b0 (s|min) before\b/,
  /\bis about [\w ]+, as the alert is\b/,
  /\bsays? \d+ of the alert's words\b/,
  /\bof the alert's words, not \d+/,
  /\btimes less likely\b|\bpoints? at it less\b/,
  /\bthe trouble is about\b/,
  /\bpeople are called\b/i,
  /\bNothing happens without an answer\b/i,
  /\b(To be known|What may be done)\b/,
  /\bTime is over: /,
  /× [\d.]+ ÷/,
];

/** The sentences of these kinds. Quoted text is somebody else's. */
export const riddlesIn = (text: string): string[] =>
  text
    .replace(/“[^”]*”/g, "…")
    .split("\n")
    .filter((line) => riddles.some((riddle) => riddle.test(line)));

/** The sentences with two colons or more, outside of quotes and brackets. */
export const doubleColons = (text: string): string[] =>
  text
    .replace(/“[^”]*”|"[^"]*"|`[^`]*`|\([^()]*\)/g, "…")
    .split(/(?<=[.;?!])\s|\n| – /)
    .filter((sentence) => sentence.split(": ").length > 2);

after(() => assert.deepEqual([...faults], []));
