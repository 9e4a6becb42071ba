import assert from "node:assert/strict";
import { test } from "node:test";
import { similarTo } from "../../shared/incident/rounds/similar.ts";
import { postmortem } from "../../shared/text/postmortem.ts";
import { stateOf } from "../support/states.ts";

const started = (name: string, at = 0, id?: string) => {
  const { incident, log } = stateOf(name);
  if (incident.status === "none") throw new Error(`${name} has not begun`);
  return { incident: { ...incident, openedAt: incident.openedAt + at, ...(id && { id }) }, log };
};
const day = 24 * 60 * 60_000;

test("the draft of a post-mortem tells impact, cause, timeline and how the change comes back, and asks a person for the rest", () => {
  const { incident, log } = started("verified");
  const past = [
    started("recovered", -day, "cart/production").incident,
    started("rejected", -2 * day, "fees/production").incident,
    started("verified", day).incident,
  ];
  const text = String(postmortem(incident, log, similarTo(incident, past)));
  const headings = text.split("\n").filter((line) => line.startsWith("## "));
  assert.deepEqual(headings, [
    "## Impact",
    "## Cause",
    "## Timeline",
    "## What worked, and what did not",
    "## Similar incidents",
    "## What follows",
  ]);
  assert.match(text, /- From 2026-11-28 11:03 UTC to 2026-11-28 11:21 UTC, 18 min\n/);
  assert.match(text, /`PaymentErrorsHigh` was at 22 % at its worst; it alerts above 5 %/);
  assert.match(text, /- `cart\/production` of .*, the same change: recovered/);
  assert.match(text, /- `fees\/production` of .*, the same change: rejected \(revert/);
  assert.match(text, /`countersteer revert acme\/payment-gateway [0-9a-f]{40} --reland` opens a draft/);
  assert.equal(text.match(/^_.*_$/gm)?.length, 3);
});

test("text from outside is data in the draft of a post-mortem", () => {
  const { incident, log } = started("hostile");
  const text = String(postmortem(incident, log, []));
  // A code span shows its text as it is.
  assert.doesNotMatch(text.replace(/`[^`]+`/g, ""), /<script|<img|(?<!&)@(?!&#8203;)\w/);
  assert.match(text, /None is on record\./);
});
