import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonLog } from "../../shared/adapters/log.ts";
import { mrkdwn, plain } from "../../shared/adapters/slack/mrkdwn.ts";
import { visible } from "../../shared/text/controls.ts";
import { code, fenced, inline } from "../../shared/text/markdown.ts";
import { anyText } from "../support/any-text.ts";
import { doors } from "../support/doors.ts";
import { burning, culprit, world } from "../support/world.ts";

/** Characters that a terminal, a browser or an editor may obey, by their properties in Unicode. */
const obeyed =
  /[^\P{Cc}\t\n\r]|\r(?!\n)|\p{Bidi_Control}|\p{Zl}|\p{Zp}|[\u00ad\u2060\ufeff]|[\u{e0000}-\u{e007f}]/u;

const nasty = fc.constantFrom(
  ..."\u202e\u202d\u2066\u2069\u200e\u200f\u061c\u001b\u0007\u0008\u0000\u007f\u0085\u009b\u2028\u2029\ufeff\u2060\u00ad\r\n\t",
  ...[
    "\u001b[31m",
    "\u001b]8;;https://evil.example\u0007",
    "\u{e0041}",
    "\ud800",
    "👩‍👩‍👧",
    "می‌خواهم",
    "\r\n",
    "word",
  ],
);
const text = fc.array(fc.oneof(nasty, anyText(8)), { maxLength: 20 }).map((parts) => parts.join(""));
const runs = { numRuns: 10_000 };

const encoders: Record<string, (text: string) => string> = {
  "the command line": visible,
  "Slack's plain text": (given) => plain(given, 10_000),
  "Slack's mrkdwn": (given) => mrkdwn(given, 10_000),
  "a line of Markdown": (given) => inline(given, 10_000),
  "a code span": (given) => code(given, 10_000),
  "a fenced block": (given) => fenced(given),
  "the log": (given) => {
    let line = "";
    jsonLog(
      (one) => {
        line = one;
      },
      () => 0,
    ).info(given, { [given]: given });
    return line;
  },
};

for (const [name, encode] of Object.entries(encoders))
  test(`${name} shows what a screen would obey, whatever the text`, () => {
    fc.assert(
      fc.property(text, (given) => {
        const found = obeyed.exec(encode(given));
        assert.equal(found, null, found === null ? "" : JSON.stringify(found[0]));
      }),
      runs,
    );
    assert.match(encode("pay \u202enoillim"), /pay .*u202enoillim/);
  });

test("joiners of scripts and emoji, tabs and line ends stay, and JSON stays the same JSON", () => {
  for (const kept of ["👩‍👩‍👧", "می‌خواهم", "a\tb\r\nc\n", "❤️", "naïve “quoted”"])
    assert.equal(visible(kept), kept);
  assert.equal(visible("a\rb\u{e0041}"), "a\\u000db\\udb40\\udc41");
  fc.assert(
    fc.property(text, (given) => {
      assert.deepEqual(JSON.parse(visible(JSON.stringify({ [given]: given }))), { [given]: given });
    }),
    runs,
  );
});

test("no page has such a character, wherever the text stands on it", async () => {
  const hostile = "pay \u202enoillim\u2066 \u001b[31m \u200e";
  const made = world();
  made.state.commits = [{ ...culprit, title: hostile, author: hostile }];
  await made.alerts([{ ...burning, name: hostile, annotations: { summary: hostile } }]);
  await made.settle();
  for (const path of ["/incidents", "/incidents/payment-gateway/production"]) {
    const page = await (await doors(made).app.request(path)).text();
    assert.equal(obeyed.exec(page), null, path);
    if (path !== "/incidents") assert.match(page, /pay \\u202enoillim\\u2066 \\u001b\[31m \\u200e/);
  }
});
