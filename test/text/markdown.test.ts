import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { visible as escaped } from "../../shared/text/controls.ts";
import { code, fenced, inline, link } from "../../shared/text/markdown.ts";
import { anyText } from "../support/any-text.ts";

const pieces = [
  ..."`* _ ~~ < > | [x] [a](b) ![i](u) # #1 @org/team GH-3 $x$ \\ &amp; &#64; ``` - + 1. === *** ---".split(
    " ",
  ),
  ...["</details>", "<!-- countersteer:x -->", "<img src=x>", "fixes #9", "https://github.com/a/b/issues/1"],
  ...[
    "www.x.com",
    "a@b.co",
    "mailto:a@b.co",
    "\n",
    "\r\n\r\n",
    "    ",
    "\t",
    "\u202E",
    "\u200B",
    "\0",
    "\uD800",
    "é",
    " ",
    "a",
  ],
];
const untrusted = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string(), anyText(3)), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
const holds = (check: (text: string) => void) =>
  fc.assert(
    fc.property(untrusted, (text) => void check(text)),
    { numRuns: 1000, seed: 20_260_101 },
  );

/** The text that a reader sees of a Markdown text without structure. */
const shown = (markdown: string) =>
  markdown.replace(/&#(\d+);/g, (_, number) => String.fromCharCode(Number(number))).replaceAll("\u200B", "");
const visible = (text: string) =>
  escaped(
    text
      .toWellFormed()
      .replace(/\s+/g, " ")
      .trim()
      .replace(/[\u200B\u2060\uFEFF]/g, ""),
  );

test("inline text reads as it was and holds nothing that Markdown, HTML or a table would read", () =>
  holds((text) => {
    const encoded = inline(text, 10_000);
    assert.equal(shown(encoded), visible(text));
    assert.doesNotMatch(encoded.replace(/&#\d+;/g, ""), /[&<>`*_~[\]()!|\\\n\r"']/);
    assert.doesNotMatch(encoded, /^([-+#=]|\d+[.)])(\s|$)/);
  }));

test("inline text mentions nobody, refers to nothing and links nowhere once rendered", () =>
  holds((text) => {
    const rendered = inline(text, 10_000).replace(/&#(\d+);/g, (_, number) =>
      String.fromCharCode(Number(number)),
    );
    assert.doesNotMatch(rendered, /@[\w-]|#\d|\bGH-\d|:\/\/|\bwww\.|\b(mailto|xmpp):[^\s\u200B]/i);
  }));

test("a code span reads as it was, whatever backticks it holds", () =>
  holds((text) => {
    const line = visible(text);
    const span = code(text, 10_000);
    if (line === "") return assert.equal(span, "");
    if (line.includes("|")) return assert.equal(span, `<code>${inline(text, 10_000)}</code>`);
    const fence = /^`+/.exec(span)![0];
    const inside = span.slice(fence.length, -fence.length);
    assert.ok(span.endsWith(fence));
    assert.ok(!inside.split(/[^`]+/).includes(fence));
    const padded = inside.startsWith(" ") && inside.endsWith(" ");
    assert.equal(padded ? inside.slice(1, -1) : inside, line);
  }));

test("a fenced block ends where it should, whatever it holds", () =>
  holds((text) => {
    const lines = fenced(text, "diff").split("\n");
    const fence = /^`{3,}/.exec(lines[0]!)![0];
    assert.equal(lines[0], `${fence}diff`);
    assert.equal(
      lines.findIndex((line, at) => at > 0 && line.trim().startsWith(fence)),
      lines.length - 1,
    );
    assert.equal(lines.at(-1), fence);
  }));

test("a link goes to a web page or nowhere", () => {
  assert.equal(link("a]b", "https://x.y/z?a=1&copy=2"), "[a&#93;b](<https://x.y/z?a=1&amp;copy=2>)");
  assert.equal(link("x", "https://x.y/>) <img>"), "[x](<https://x.y/%3E)%20%3Cimg%3E>)");
  for (const url of ["javascript:alert(1)", "data:text/html,x", "/relative", "", "https://user:pass@x.y/"])
    assert.equal(link("x", url), "x");
});

test("long text is cut between characters", () => {
  assert.equal(inline("😀".repeat(10), 6), "😀😀…");
  assert.equal(fenced("x".repeat(30_000)).length, 20_000 + 8);
});
