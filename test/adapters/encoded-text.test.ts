import assert from "node:assert/strict";
import { test } from "node:test";
import { WebClient } from "@slack/web-api";
import { call, connect } from "../../shared/adapters/slack/api.ts";
import { format, type Mrkdwn, mrkdwn, type PlainText, plain } from "../../shared/adapters/slack/mrkdwn.ts";
import { type RefName, refName } from "../../shared/git/ref-name.ts";
import type { Pulls } from "../../shared/ports/pulls.ts";
import { service } from "../support/world.ts";

const outside = "<!channel> *pay* now";

test("raw text does not compile as Slack text, and encoded text of one kind not as the other", () => {
  const encoded: Mrkdwn = mrkdwn(outside, 100);
  const shown: PlainText = plain(outside, 100);
  // @ts-expect-error raw text
  const raw: Mrkdwn = outside;
  // @ts-expect-error plain text is not mrkdwn
  const mixed: Mrkdwn = shown;
  // @ts-expect-error mrkdwn is not plain text
  const other: PlainText = encoded;
  // @ts-expect-error a template takes encoded values only
  const spliced = format`*${outside}*`;
  assert.equal(format`*${encoded}*`, "*&lt;!channel&gt; ∗pay∗ now*");
  assert.deepEqual([raw, mixed, other, spliced].length, 4);
});

test("a Slack call does not compile with raw text", () => {
  const app = connect(new WebClient("xoxb-none"));
  // @ts-expect-error raw text
  const raw = () => call(app, "chat.postMessage", { where: "to C1", text: outside });
  const encoded = () => call(app, "chat.postMessage", { where: "to C1", text: mrkdwn(outside, 100) });
  assert.deepEqual([typeof raw, typeof encoded], ["function", "function"]);
});

test("a raw branch name does not compile", () => {
  // @ts-expect-error raw text
  const raw: RefName = outside;
  // @ts-expect-error raw text
  const find = (pulls: Pulls) => pulls.findPull(service(), outside);
  assert.deepEqual([typeof raw, typeof find], ["string", "function"]);
});

test("a branch name from any text is one that git accepts", () => {
  const names = ["a..b", "x.lock", "-a", "a b~c^d:e?f*[g\\h", "a//b", "é/ü", ".hid", "end.", "@{now}"];
  assert.deepEqual(names.map(refName), [
    "a.b",
    "x-lock",
    "a",
    "a-b-c-d-e-f-g-h",
    "a/x/b",
    "x/x",
    "hid",
    "end",
    "now",
  ]);
});
