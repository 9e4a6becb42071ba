import assert from "node:assert/strict";
import { html } from "hono/html";
import { jsonLog } from "../../shared/adapters/log.ts";
import { mrkdwn, plain, link as slackLink } from "../../shared/adapters/slack/mrkdwn.ts";
import { refName } from "../../shared/git/ref-name.ts";
import { quoted, unquoted } from "../../shared/promql/quoted.ts";
import { plainTitle } from "../../shared/remedy/revert/commit-message.ts";
import { scrub } from "../../shared/scrub.ts";
import { code, fenced, inline, link } from "../../shared/text/markdown.ts";
import { type Fuzzed, grammar, target } from "./target.ts";

const markdownPieces = [
  "`",
  "```",
  "*",
  "_",
  "~~",
  "<",
  ">",
  "|",
  "[",
  "](",
  ")",
  "![",
  "#1",
  "@acme/x",
  "GH-7",
  "$$",
  "\\",
  "&amp;",
  "&#64;",
  "<!-- ",
  " -->",
  "</details>",
  "- [x] ",
  "1. ",
  "===",
  "https://x.y/",
  "www.x.y",
  "mailto:a@b.c",
  "    ",
  "a",
];
const slackPieces = [
  "<!channel>",
  "<@U1>",
  "<",
  ">",
  "|",
  "&",
  "&lt;",
  "*",
  "_",
  "~",
  "`",
  "```",
  "a",
  "@here",
  "#ops",
  "https://x.y",
];
const htmlPieces = [
  "<script>",
  "</p>",
  "<",
  ">",
  "&",
  "&lt;",
  '"',
  "'",
  "onload=",
  "javascript:",
  "a",
  "<!--",
];
const refPieces = [
  "/",
  ".",
  "..",
  ".lock",
  "-",
  "@{",
  "~",
  "^",
  ":",
  "?",
  "*",
  "[",
  "a",
  "HEAD",
  "refs/heads/",
  " ",
  "@",
];
const logPieces = [
  "\u001b[31m",
  "\u0085",
  "\u2029",
  "\u009b",
  '"level":"info"',
  "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  "Bearer abcdefghijkl",
  "xoxb-1-2-abc",
  "https://u:p@x.y/",
  "a",
  "{",
  "}",
];
const titlePieces = [
  "[skip ci]",
  "[ci skip]",
  "***NO_CI***",
  "skip-checks: true",
  "#9",
  "@acme/x",
  "GH-7",
  "https://x.y",
  "fixes ",
  "[",
  "]",
  "a",
];

export const encoderTargets: Fuzzed[] = [
  target({
    name: "Markdown",
    input: grammar(markdownPieces),
    holds: (text) => {
      const line = inline(text, 5000);
      assert.doesNotMatch(line.replace(/&#\d+;/g, ""), /[&<>`*_~[\]()!|\\\n\r"']/);
      assert.doesNotMatch(line, /@[\w-]|(?<!&)#\d|\bGH-\d|:\/\/|\bwww\./i);
      const span = code(text, 5000);
      const fence = /^`*/.exec(span)?.[0] ?? "";
      if (fence !== "") assert.ok(!span.slice(fence.length, -fence.length).split(/[^`]+/).includes(fence));
      const [opening = "", ...lines] = fenced(text).split("\n");
      assert.equal(
        lines.findIndex((one) => one.trim().startsWith(opening)),
        lines.length - 1,
      );
      const linked = link(text, text);
      assert.ok(!linked.startsWith("[") || /\]\(<https?:\/\/[^<>\s`|\\]*>\)$/.test(linked));
    },
  }),
  target({
    name: "Slack's mrkdwn",
    input: grammar(slackPieces),
    holds: (text) => {
      const shown = mrkdwn(text, 300);
      assert.ok(shown.length <= 300 && shown.isWellFormed());
      assert.doesNotMatch(shown, /[<>`\n\r\p{Cc}]|&(?!amp;|lt;|gt;)/u);
      assert.doesNotMatch(plain(text, 100), /[\n\r\p{Cc}\u202a-\u202e]/u);
      assert.doesNotMatch(slackLink(text, text).replace(/^<https?:[^<>|\s]+\|[^<>]*>$/, ""), /[<>]/);
    },
  }),
  target({
    name: "HTML",
    input: grammar(htmlPieces),
    holds: (text) => {
      const page = String(html`<p title="${text}">${text}</p>`);
      assert.equal(
        page
          .replace(/&(amp|lt|gt|quot|#39);/g, "")
          .match(/[<>"']/g)
          ?.join(""),
        '<"">' + "<>",
      );
    },
  }),
  target({
    name: "branch names",
    input: grammar(refPieces),
    holds: (text) => {
      const name = refName(text);
      assert.match(name, /^[\w.-]+(\/[\w.-]+)*$/);
      assert.doesNotMatch(name, /(^|\/)[.-]|\.\.|\.lock(\/|$)|[./]$/i);
    },
  }),
  target({
    name: "lines of the log",
    input: grammar(logPieces),
    holds: (text) => {
      const lines: string[] = [];
      jsonLog(
        (line) => lines.push(line),
        () => 0,
      ).warn(text, { [text]: text });
      assert.match(lines.join(""), /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/u);
      JSON.parse(lines[0] ?? "");
      assert.doesNotMatch(scrub(text), /ghp_a{36}|xoxb-1-2-abc/);
    },
  }),
  target({
    name: "strings of PromQL",
    input: grammar(["`", "\\x41", "\\101", "\\u00e9", "\\U0001f600", "\\n", "}", "{", "=", "a"]),
    holds: (text) => {
      assert.equal(unquoted(quoted(text)), text.toWellFormed());
      unquoted(`"${text}"`);
    },
  }),
  target({
    name: "titles of commits",
    input: grammar(titlePieces),
    holds: (text) => {
      const title = plainTitle(text);
      assert.doesNotMatch(
        title,
        /\[(skip|no) ci\]|\[ci skip\]|\*\*\*\s*no_ci|\bskip-checks\s*:|@[\w-]|#\d|\bGH-\d|:\/\/|[\n\r]/i,
      );
    },
  }),
];
