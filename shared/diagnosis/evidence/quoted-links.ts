import type { Commit } from "../../ports/history.ts";
import type { Case, Evidence } from "../model.ts";
import { isErrorLevel } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";

const weight = 5;
const longest = { patch: 20_000, text: 20_000 };
/** A value that looks like nothing else: an image with its tag, an address, a version. */
const value = /(?<![\w.-])[A-Za-z0-9][\w.-]{0,200}(?:[:/@][\w.-]{1,200}){1,20}/g;
const shortest = 8;

/** Values that a commit adds and that the errors quote, while no line that it removes holds them: `ghcr.io/acme/shop:2.l4.0`. */
export const quotedLinks = (commits: Commit[], given: Case, { patterns }: Onset): Map<string, Evidence> => {
  const logged = patterns
    .filter(isErrorLevel)
    .map(({ text, fields = "" }) => `${text} ${fields}`)
    .join("\n")
    .slice(0, longest.text);
  const told = given.alerts
    .flatMap(({ annotations, labels }) => [...Object.values(annotations), ...Object.values(labels)])
    .join("\n")
    .slice(0, longest.text);
  const links = new Map<string, Evidence>();
  if (logged === "" && told === "") return links;
  for (const { sha, patch = "" } of commits) {
    const added = addedValues(patch.slice(0, longest.patch));
    const inLog = added.find((text) => logged.includes(text));
    const quoted = inLog ?? added.find((text) => told.includes(text));
    if (quoted === undefined) continue;
    const who = inLog === undefined ? "the alert quotes" : "the new errors quote";
    links.set(sha, {
      weight,
      reason: `${who} “${quoted.slice(0, 100)}”, which it sets`,
      ...(inLog === undefined ? {} : { measured: true }),
    });
  }
  return links;
};

const addedValues = (patch: string): string[] => {
  const lines = patch.split("\n");
  const of = (sign: string): string =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).join("\n");
  const removed = of("-");
  return [...new Set(of("+").match(value) ?? [])].filter(
    (text) => text.length >= shortest && !removed.includes(text),
  );
};
