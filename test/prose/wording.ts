import type { Passage } from "./comments.ts";

const opening = /^(?:what|who|whoever|whatever|that it|that which)\b/i;
const phrases = [
  /\b(?:is|are|was|were) none of\b/i,
  /\bnone of (?:ours|theirs)\b/i,
  /(?<!\bthere )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|such\b|one\b)\w+/i,
];

/** The sentences and clauses of a passage that a newcomer must read twice. */
export const faultsOf = ({ line, text }: Passage): Passage[] => {
  const faults: Passage[] = [];
  for (const { index, 0: clause } of text.matchAll(/\S[\s\S]*?(?:[.!?:;](?=\s)|\n\s*\n|$)/g)) {
    const plain = clause.replace(/\s+/g, " ").trim();
    const first = text.slice(0, index).trim() === "";
    if (opens(plain, first) || phrases.some((phrase) => phrase.test(plain)))
      faults.push({ line: line + text.slice(0, index).split("\n").length - 1, text: plain });
  }
  return faults;
};

/** A question may open so, and a heading with “What”. A cell or an item without a capital is not a sentence. */
const opens = (clause: string, first: boolean): boolean => {
  if (!opening.test(clause) || clause.endsWith("?")) return false;
  const isHeading = /^what\b/i.test(clause) && !/[.:;]$/.test(clause);
  return !(first && (isHeading || /^[a-z]/.test(clause)));
};
