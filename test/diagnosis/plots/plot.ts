import type { LogLine, Series } from "../../../shared/diagnosis/model.ts";
import {
  type Deploying,
  day,
  hour,
  type Landing,
  lines,
  minute,
  noise,
  now,
  type Ordinary,
  step,
} from "../../ordinary/weigh.ts";

/** An incident after a public post-mortem. `guilty` is the title of the change that must be proposed; without it nothing may be. */
export type Plot = { name: string; guilty?: string; given: Ordinary };

/** A commit that landed `ago`; every file is a path and its changed lines. */
export const c = (title: string, files: Record<string, string>, ago = 2 * hour): Landing => [
  title,
  files,
  ago,
];

/** One deploy of all `commits`, `ago` before the alert arrives. Each of them landed before it. */
export const shipped = (ago: number, ...commits: Landing[]): Pick<Ordinary, "commits" | "deploys"> => {
  const landed = commits.map(
    ([title, files, landedAgo], index): Landing => [
      ...([title, files] as const),
      landedAgo > ago ? landedAgo : ago + (index + 1) * 10 * minute,
    ],
  );
  const ordered = landed.toSorted((a, b) => b[2] - a[2]);
  const newest = ordered.at(-1);
  const deploys: Deploying[] = newest === undefined ? [] : [[newest[0], ago]];
  return { commits: ordered, deploys };
};

/** The alert, which began to fire a minute before it arrives. */
export const fires = (
  name: string,
  summary: string,
  description = "",
  labels: Record<string, string> = {},
): Ordinary["alert"] => ({
  ...{ name, labels, ago: minute },
  annotations: { summary, ...(description !== "" && { description }) },
});

/** A metric of the alert that steps. */
export const stepped = (name: string, ago: number, usual: number, then: number): Series =>
  step(ago, usual, then, { metric: `${name}'s value`, alert: name });

/** A metric of the alert that climbs from `usual` to `then`, beginning `ago`. */
export const climbed = (name: string, ago: number, usual: number, then: number): Series => ({
  ...{ service: "shop", metric: `${name}'s value`, alert: name },
  points: Array.from({ length: 361 }, (_, index) => {
    const at = now - (360 - index) * minute;
    const share = Math.max(0, (at - (now - ago)) / ago);
    return [at, usual + (then - usual) * share + usual * 0.02 * (index % 4)];
  }),
});

export const traffic = (ago: number, factor: number): Series => ({
  ...step(ago, 100, 100 * factor),
  ...{ metric: "traffic", load: true },
});

/** The usual warnings, and new lines from `ago` on. */
export const logged = (ago: number, ...texts: string[]): LogLine[] => [
  ...noise,
  ...texts.flatMap((text) => lines(ago, text)),
];

// Innocent changes of any day.
export const css = c(
  "web: round corners of the cards",
  { "web/app.css": "+.card { border-radius: 4px }" },
  3 * hour,
);
export const runbook = c(
  "docs: whom to call for the queue",
  { "docs/runbook.md": "+Queue: #team-queue" },
  hour,
);
export const invoice = c(
  "invoices: print the VAT number",
  { "src/invoices.js": "+exports.vat = (order) => order.customer.vat;" },
  2.5 * hour,
);
export const wishlist = c(
  "wishlist: sort by date added",
  { "src/wishlist.js": "-items.sort(byName)\n+items.sort(byAdded)" },
  4 * hour,
);
export const tests = c(
  "test: cover the empty basket",
  { "test/basket.test.js": "+test('empty', () => {});" },
  1.5 * hour,
);
export const reviews = c(
  "reviews: hide those below the fold",
  { "src/reviews.js": "+const visible = reviews.slice(0, 3);" },
  5 * hour,
);
export const danish = c("i18n: Danish texts of the basket", { "web/da.json": '+"basket": "kurv"' }, 2 * hour);
export { day, hour, lines, minute, noise, now };
