import assert from "node:assert/strict";
import { after } from "node:test";
import type { View } from "../../shared/ports/chat.ts";

const faults = new Set<string>();

/** Holds every text that a test's Slack is given to one colon a sentence; the run fails with those that have more. */
export const hear = ({ headline = "", lines }: Pick<View, "lines"> & { headline?: string }): void => {
  // The line about the alerts is in the words of their rules.
  const ours = lines.filter(({ label }) => label !== "Alert").map(({ text }) => text);
  for (const fault of [headline, ...ours].flatMap(doubleColons)) faults.add(fault);
};

/** The sentences with two colons or more, outside of quotes and brackets. */
export const doubleColons = (text: string): string[] =>
  text
    .replace(/“[^”]*”|"[^"]*"|`[^`]*`|\([^()]*\)/g, "…")
    .split(/(?<=[.;?!])\s|\n| – /)
    .filter((sentence) => sentence.split(": ").length > 2);

after(() => assert.deepEqual([...faults], []));
