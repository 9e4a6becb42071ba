import type { Alert } from "../incident/model.ts";
import type { AlertRule } from "./model.ts";

/** Placeholders of a template. One of a label is a word of this trouble; any other is a value at one instant. */
const placeholder = /\{\{.*?\}\}/gs;
const ofLabel = /labels\.|labels "|reReplaceAll|match /i;
const percentage = /(?<![\w.])\d+(?:\.\d+)?(?=\s?%)/g;

/** Characters of an annotation that are aligned with its template. */
const longest = 2000;

/** The alerts without the values that templates rendered: “22.41 %” is as old as the notification, and shares no word with a change. */
export const withoutValues = (alerts: Alert[], rules: AlertRule[] = []): Alert[] =>
  alerts.map((alert) => {
    const templates = rules.filter((rule) => rule.alert === alert.name).flatMap((rule) => rule.templates);
    const annotations = Object.entries(alert.annotations).map(([key, text]) => [key, bare(text, templates)]);
    return alert.name === "" ? alert : { ...alert, annotations: Object.fromEntries(annotations) };
  });

const bare = (text: string, templates: string[]): string => {
  const spans = templates.map((template) => valuesIn(text.slice(0, longest), template));
  const found = spans.find((one) => one !== undefined && one.length > 0) ?? [];
  const cut = found
    .toReversed()
    .reduce((left, [from, to]) => `${left.slice(0, from)} ${left.slice(to)}`, text);
  return cut.replace(percentage, " ");
};

/** The ranges of the text that the template's values take; undefined where it is not a text of the template. */
const valuesIn = (text: string, template: string): [number, number][] | undefined => {
  const [first = "", ...fixed] = template.split(placeholder);
  const names = template.match(placeholder) ?? [];
  if (names.length === 0 || !text.startsWith(first)) return undefined;
  const found: [number, number][] = [];
  let from = first.length;
  for (const [index, part] of fixed.entries()) {
    const isLast = index === fixed.length - 1;
    // Two placeholders side by side do not show where one ends.
    if (part === "" && !isLast) return undefined;
    const to = isLast ? text.length - part.length : text.indexOf(part, from);
    if (to < from || !text.startsWith(part, to)) return undefined;
    if (!ofLabel.test(names[index] ?? "")) found.push([from, to]);
    from = to + part.length;
  }
  return found;
};
