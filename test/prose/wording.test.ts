import assert from "node:assert/strict";
import { test } from "node:test";
import { readSources } from "../structure/syntax.ts";
import { commentsOf } from "./comments.ts";
import { passagesOf } from "./markdown.ts";
import { faultsOf } from "./wording.ts";

const inCode = (text: string) =>
  [...readSources(new Map([["a.ts", text]]), (_, file) => commentsOf(file)).values()]
    .flat()
    .flatMap(faultsOf);
const inMarkdown = (text: string) => passagesOf(text).flatMap(faultsOf);

test("an opening that names nothing is refused, also after a colon or a semicolon", () => {
  const riddles = [
    "What of the batch is to be sent again.",
    "What every store promises.",
    "A token of one purpose: what may only read.",
    "Who holds the token.",
    "Whoever read the pipe has seen enough.",
    "Whatever fails becomes an error.",
    "A private answer is a kindness: that it fails changes nothing.",
    "The page is rewritten; whoever read it must read it again.",
    "Reads the item. That which is gone is left out.",
  ];
  assert.deepEqual(
    riddles.map((riddle) => inCode(`/** ${riddle} */\nconst a = 1;`).length),
    riddles.map(() => 1),
  );
});

test("a thing that is no other thing is refused, and what is absent or over is not", () => {
  assert.deepEqual(
    inCode(`
      // Undefined when the text is no YAML.
      // Throws for an item that is none of ours.
      // There is no message yet, and the service is no longer configured.
      // One to one: nobody is asked.
    `),
    [
      { line: 2, text: "Undefined when the text is no YAML." },
      { line: 3, text: "Throws for an item that is none of ours." },
    ],
  );
});

test("comments are told from texts, templates and regular expressions that look like them", () => {
  assert.deepEqual(
    inCode(`const a = "// Who calls."; const b = \`/* Who calls. \${a /* Who asks. */} // Who calls. */\`;
const c = /\\/\\/ Who calls./; const d = 4 / 2; // Who reads.
/**
 * The reader.
 *
 * Who writes is named in \`e\`.
 */
const e = a;`),
    [
      { line: 1, text: "Who asks." },
      { line: 2, text: "Who reads." },
      { line: 6, text: "Who writes is named in `e`." },
    ],
  );
});

test("a page is read without its code; items, cells and headings stand by themselves", () => {
  assert.deepEqual(
    inMarkdown(
      [
        "# Who is asked",
        "## What it does",
        "",
        "A change `Who calls` is read",
        "by people. **Whoever** approves is named.",
        "- first. It is no bump.",
        "- who reads it",
        "",
        "```",
        "Who calls.",
        "```",
        "| who reads it | Who may approve? | What of it. |",
      ].join("\n"),
    ),
    [
      { line: 1, text: "Who is asked" },
      { line: 5, text: "Whoever approves is named." },
      { line: 6, text: "It is no bump." },
      { line: 12, text: "What of it." },
    ],
  );
});
