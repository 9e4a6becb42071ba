import assert from "node:assert/strict";
import fc from "fast-check";
import { readCommand } from "../../functions/approval/command.ts";
import { lineOf } from "../../shared/adapters/logs/line.ts";
import { parseConfig } from "../../shared/config.ts";
import { readMetric } from "../../shared/diagnosis/onset/version-labels.ts";
import { changedLines } from "../../shared/diagnosis/ranking/changed-lines.ts";
import { patched } from "../../shared/git/listing/blobs.ts";
import { patch } from "../../shared/git/print-patch.ts";
import { codeowners } from "../../shared/policy/approval/codeowners.ts";
import { momentOf } from "../../shared/policy/calendar.ts";
import { matchesGlob } from "../../shared/policy/globs.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { quantilesIn } from "../../shared/promql/buckets.ts";
import { withoutGates } from "../../shared/promql/gates.ts";
import { withHeldGates } from "../../shared/promql/held-gates.ts";
import { inlined } from "../../shared/promql/inline.ts";
import { lookbackMs } from "../../shared/promql/lookback.ts";
import { narrowed } from "../../shared/promql/narrow.ts";
import { selectors, selectorText, sidesOf } from "../../shared/promql/selectors.ts";
import { thresholdsOf } from "../../shared/promql/threshold.ts";
import { comparedValues, trafficQueries } from "../../shared/promql/traffic.ts";
import { revertedIds } from "../../shared/remedy/revert/revert-messages.ts";
import { parseImage, parseVersion, versionOf } from "../../shared/remedy/rollback/image.ts";
import { gitTagsOf, shasIn } from "../../shared/remedy/rollback/tag.ts";
import { readHcl } from "../../shared/remedy/scale/iac/hcl.ts";
import { quantity } from "../../shared/remedy/scale/quantity.ts";
import { objectsOf, parseYaml } from "../../shared/yaml/document.ts";
import { parseManifests } from "../../shared/yaml/manifests.ts";
import { type Fuzzed, grammar, target } from "./target.ts";

const promql = [
  ...'rate( sum( by (job) without(a) errors_total total {job="api"} {le=~".+"} [5m] [1h:1m] ) / > < == and or unless on() 0.5 5 1e3'.split(
    " ",
  ),
  ...'offset 1w @ end() absent( vector(1) bool histogram_quantile(0.9, {__name__="x"} {"utf8 name"="v"} {a=\'\\\\x41\'} `raw` # , - ^'.split(
    " ",
  ),
];
const questions: ((expr: string) => unknown)[] = [
  selectors,
  withoutGates,
  (expr) => withHeldGates(expr, 7_000),
  (expr) => inlined(expr, { errors_total: ["sum(total)"] }),
  quantilesIn,
  lookbackMs,
  thresholdsOf,
  comparedValues,
  trafficQueries,
  (expr) => sidesOf(expr).map(selectorText),
  (expr) => {
    const labels = new Map(selectors(expr).map((text) => [text, { pod: 'a"b\\' }]));
    const made = narrowed(expr, labels);
    assert.ok(made === undefined || selectors(made).length === labels.size || labels.size === 0);
  },
];

const yaml = [
  "a",
  ": ",
  "- ",
  "\n",
  "  ",
  "{",
  "}",
  "[",
  "]",
  ",",
  "&x ",
  "*x",
  "!!str ",
  "!t ",
  "|\n",
  ">-\n",
  "---\n",
  "...\n",
  "# c",
  "'",
  "? ",
  "<<: ",
  "%YAML 1.2\n",
  "~",
  "0x1f",
  "1_0",
  "kind: Deployment\n",
];
const config = [
  "services:\n",
  "- name: a\n",
  "  match: ",
  '[service="a"]',
  "repository: acme/a\n",
  "policy: ",
  "{ mode: auto }",
  "hold: ",
  "5m",
  "people: ",
  "freeze: ",
  "approvers: ",
  "[U1]",
  "*x",
  "&x ",
  "!!js ",
  ": ",
  "\n",
  "    ",
  "environments: ",
  "__proto__: ",
];

const matchers = [
  "a",
  "=",
  "!=",
  "=~",
  "!~",
  '"',
  "\\",
  "(",
  ")",
  "(a+)+",
  "[",
  "]",
  "[[:digit:]]",
  "(?i)",
  "{1000}",
  "{2,}",
  "*",
  "+",
  "?",
  "|",
  "^",
  "$",
  "\\pL",
  "\\b",
  ".",
  "b",
];

const hcl = [
  "a",
  "=",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  '"',
  "${",
  "}",
  "%{",
  "<<EOT\n",
  "EOT\n",
  "<<-E\n",
  "#",
  "//",
  "/*",
  "*/",
  "1",
  ".",
  ",",
  ":",
  "\n",
  'resource "aws_x" "y" ',
  "count = 3",
  "?",
  "=>",
];

const diffs = [
  "@@ -1,2 +1,2 @@",
  "@@ -9999999999,1 +1 @@ ",
  "@@",
  "\n",
  "+",
  "-",
  " ",
  "\\ No newline at end of file",
  "a",
  "line",
  "diff --git a/x b/x",
  "--- a/x",
  "+++ b/x",
  "Binary files differ",
];

const logs = [
  "level=error",
  " msg=",
  '"',
  "\\",
  "{",
  "}",
  '"msg":',
  '"level":"warn"',
  "err=",
  " ",
  "=",
  "a",
  "panic: ",
  "\n    at f (x.js:1:2)",
  "\u001b[31m",
  '{"a":{"b":1}}',
  "msg=x ",
  "😀",
];

const owners = [
  "*",
  "**",
  "/",
  "?",
  "a",
  ".js",
  "\\ ",
  " @acme/x",
  " @ann",
  " ann@x.test",
  "#",
  "!",
  "[",
  "]",
  "\n",
  "docs/",
  "**/",
  ".",
  "\\",
];
const paths = [
  "src/a.js",
  "a",
  "docs/b c.md",
  "a/a/a/a/a/a/a/a/b",
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
  "*",
];

const images = [
  "a",
  "A",
  "-",
  "_",
  "__",
  ".",
  "/",
  ":",
  "@",
  "sha256:",
  "f".repeat(64),
  "localhost",
  ":5000",
  "latest",
  "v1.2.3",
  "0",
  "gcr.io/",
  "--",
];

const messages = [
  "This reverts commit ",
  "a".repeat(40),
  "0123456",
  'Revert "',
  '"',
  "\n",
  "\n\n",
  "(cherry picked from commit ",
  ")",
  ".",
  ", reversing\nchanges made to ",
  "x",
  "fixup! ",
  "/countersteer ",
  "reject ",
  "approve",
];
const moments = ["fri", "16:00", "2026-12-23", "T", "18:00", " ", "24:00", "-", ":", "99", "daily", "0"];
const amounts = ["1", "500", "m", "Mi", "Gi", "e", "E", "-", "+", ".", "0", "k", "Ki", "∞"];

export const languageTargets: Fuzzed[] = [
  target({
    name: "PromQL questions and their scope",
    input: fc.tuple(
      grammar(promql, ["§", "sum(rate(a{§}[5m])) > 1", "a > § or b"]),
      fc.constantFrom(...questions),
    ),
    holds: ([expr, ask]) => void ask(expr),
  }),
  target({
    name: "YAML files",
    input: grammar(yaml, ["§", "a: §\n", "x: &x [1]\ny: §"]),
    holds: (text) => {
      if (text.length % 2 === 0) parseManifests("a.yaml", text);
      else objectsOf(parseYaml("a.yaml", text));
    },
  }),
  target({
    name: "configurations",
    input: grammar(config, ["§", "services: [{ name: a, §", "services:\n  - name: a\n    §"]),
    holds: (text) => {
      const read = parseConfig(text);
      if ("problems" in read)
        for (const { line, message } of read.problems) assert.ok(line >= 1 && message !== "");
    },
  }),
  target({
    name: "Alertmanager matchers",
    input: grammar(matchers, ["§", 'a=~"§"', "a!~§", '"§"="x"']),
    holds: (text) => {
      const matcher = parseMatcher(text);
      if (matcher === undefined) return;
      assert.equal(typeof matcher.matches(`${"a".repeat(300)}!`), "boolean");
      assert.ok(matcher.equals === undefined || matcher.matches(matcher.equals));
    },
  }),
  target({
    name: "HCL and tfvars",
    input: grammar(hcl, ["§", "a = §\n", 'resource "a" "b" {\n§\n}\n']),
    holds: (text) => {
      const read = readHcl(text);
      if ("attributes" in read)
        for (const { value, start, end } of read.attributes) assert.equal(text.slice(start, end), value);
    },
  }),
  target({
    name: "diffs and patches",
    input: grammar(diffs, ["§", "@@ -1,3 +1,3 @@\n§", "@@ -1 +1 @@\n-a\n+b\n§"]),
    holds: (text) => {
      changedLines(text);
      patched(Buffer.from("a\nb\nc\n"), text);
      const shown = patch({ path: "a/x", before: version("a\n"), after: version(text) });
      assert.equal(shown.isWellFormed(), true);
    },
  }),
  target({
    name: "log lines",
    input: grammar(logs, ["§", "{§}", "level=info msg=§"]),
    holds: (text) => {
      const line = lineOf({ at: 0, service: "a", text });
      assert.ok(line.text.length <= 2000 && typeof line.level === "string");
      readMetric(text);
    },
  }),
  target({
    name: "CODEOWNERS and globs",
    input: fc.tuple(grammar(owners, ["§", "§ @acme/x", "/a/**/§"]), fc.constantFrom(...paths)),
    holds: ([text, path]) => {
      assert.ok(Array.isArray(codeowners(text)(path)));
      assert.equal(typeof matchesGlob(path, text), "boolean");
      codeowners("a* @x")(text);
    },
  }),
  target({
    name: "image references and tags",
    input: grammar(images, ["§", "a/§", "a:§", "a@sha256:§"]),
    holds: (text) => {
      const image = parseImage(text);
      if (image !== undefined) assert.deepEqual(parseImage(text), image);
      const parts = parseVersion(text);
      if (parts !== undefined) assert.equal(versionOf(parts), text);
      assert.ok(shasIn(text).length <= 3 && gitTagsOf(text).length <= 2);
    },
  }),
  target({
    name: "messages of commits and commands on pull requests",
    input: grammar(messages, ["§", 'Revert "x"\n\n§', "/countersteer §"]),
    holds: (text) => {
      for (const sha of revertedIds(text)) assert.match(sha, /^[0-9a-f]{7,40}$/i);
      const command = readCommand(text);
      assert.ok(command.does !== "reject" || command.why.length <= 1000);
    },
  }),
  target({
    name: "moments and quantities",
    input: grammar([...moments, ...amounts], ["§", "fri §", "2026-12-23T§"]),
    holds: (text) => {
      momentOf(text);
      const amount = quantity(text);
      assert.ok(amount === undefined || Number.isFinite(amount));
    },
  }),
];

const version = (text: string) => ({ mode: "100644", content: Buffer.from(text) });
