/** Words that say nothing about a cause: English glue and what every alert and every commit says. */
const common = new Set(
  `the and for with from into that this than then when has have had was were are not but its our all any can
  will via per use used uses using add added adds fix fixed fixes make makes update updates updated remove removes
  change changes changed new old more less one two test tests src lib app service services environment production
  prod staging severity critical warning page alert alertname high low rate ratio above below over under last
  minutes minute seconds return const let var function import export true false null undefined`.split(/\s+/),
);

/** The words of a text, lower-cased: identifiers split at case and punctuation, the glue left out. At most 20,000 characters are read. */
export const words = (text: string): Set<string> => {
  const found = new Set<string>();
  const spaced = text.slice(0, 20_000).replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2");
  for (const [word] of spaced.toLowerCase().matchAll(/[\p{L}][\p{L}\d]{2,30}/gu)) {
    const stem = word.length > 4 && word.endsWith("s") ? word.slice(0, -1) : word;
    if (!common.has(word) && !common.has(stem)) found.add(stem);
  }
  return found;
};

/** The added and removed lines of a unified diff. */
export const changedLines = (patch: string): string =>
  patch
    .split("\n")
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .map((line) => line.slice(1))
    .join("\n");
