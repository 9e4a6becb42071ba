import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDocument } from "yaml";
import { parseYaml, plain } from "../../shared/yaml/document.ts";
import { joinedLines } from "../../shared/yaml/joined-lines.ts";
import { mustCost } from "../support/cost.ts";

const values = (text: string): unknown[] | string => {
  const { documents, errors } = parseYaml("a.yaml", text);
  return errors.length > 0
    ? (errors[0]?.message ?? "")
    : documents.map((document) => plain(document, document));
};

const taken: [string, string, unknown][] = [
  [
    "a double-quoted text that goes on at its key's indentation",
    'a:\n  n: "x\n  y"\n  b: 1\n',
    { a: { n: "x   y", b: 1 } },
  ],
  ["one that goes on before it", 'a:\n  n: "x\ny"\n  b: 1\n', { a: { n: "x y", b: 1 } }],
  [
    "a single-quoted text with a quote in it",
    "a:\n  n: 'it''s\n  y'\n  b: 1\n",
    { a: { n: "it's   y", b: 1 } },
  ],
  ["an item of a list", 'a:\n- "x\n- y"\n- b\n', { a: ["x - y", "b"] }],
  [
    "a flow sequence at its key's indentation",
    "a:\n  l:\n  [x, y]\n  b: 1\n",
    { a: { l: ["x", "y"], b: 1 } },
  ],
  [
    "one whose lines stand there",
    "a:\n  l: [\n  x, # one ]\n  y\n  ]\n  b: 1\n",
    { a: { l: ["x", "y"], b: 1 } },
  ],
  ["one behind a comment", "l: # all\n# of them\n[x,\ny]\nb: 1\n", { l: ["x", "y"], b: 1 }],
  ["a flow map that stands before its key", "a:\n  m: {\nx: 1\n}\n  b: 1\n", { a: { m: { x: 1 }, b: 1 } }],
  ["a quoted key", '"a":\n  "l": [\n  x\n  ]\n', { a: { l: ["x"] } }],
  [
    "a quote inside a plain text or a block",
    "a: it's\nb: |\n  'open\n  [\nc:\n  l: [\n  x\n  ]\n",
    { a: "it's", b: "'open\n[\n", c: { l: ["x"] } },
  ],
  ["a comment right behind a text", 'a: "x"#c\nb: 1\n', { a: "x", b: 1 }],
  ["line ends of Windows", 'a:\r\n  n: "x\r\n  y"\r\n  b: 1\r\n', { a: { n: "x    y", b: 1 } }],
];
for (const [name, text, expected] of taken)
  test(`other readers take ${name}`, () => assert.deepEqual(values(text), [expected]));

const broken = [
  'a: "open\nb: 1\n',
  "a: [x\nb: 1\n",
  'a: "x" y\n',
  "a: b: c\n",
  "a:\n\tb: 1\n",
  'a: "one\nb: 1\nc: "two"\n',
];
for (const text of broken)
  test(`no reader takes ${JSON.stringify(text)}`, () => assert.equal(typeof values(text), "string"));

test("a text keeps its length and every character that is no line end or comment", () => {
  const pieces = [
    "a: ",
    "\n",
    "  ",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    ",",
    "x",
    "#c",
    " ",
    "- ",
    "|\n",
    ": ",
    "\r\n",
    "&a ",
    "!t ",
    "\\",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 24 }), (chosen) => {
      const text = chosen.join("");
      const out = joinedLines(text);
      assert.equal(out.length, text.length);
      for (const [at, char] of [...out].entries()) assert.ok(char === text[at] || char === " ");
    }),
    { numRuns: 2000 },
  );
});

test("what the parser takes means the same with its lines joined", () => {
  const pieces = [
    "a: 1\n",
    "b:\n",
    "  c: [x,\n    y]\n",
    "  d: 'q\n    r'\n",
    "- e\n",
    "f: |\n  [\n  '\n",
    "# it's\n",
    "g: it's\n",
    "  - {h: 1}\n",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (chosen) => {
      const text = chosen.join("");
      const [plainly, joined] = [parseDocument(text), parseDocument(joinedLines(text))];
      if (plainly.errors.length > 0) return;
      const folded = (value: unknown) => JSON.stringify(value).replace(/ +/g, " ");
      assert.equal(folded(joined.toJS()), folded(plainly.toJS()), text);
    }),
    { numRuns: 1000 },
  );
});

test("hostile texts take little time", () => {
  for (const text of [
    `a: "${"[".repeat(100_000)}`,
    `${'a: x "'.repeat(50_000)}\n`,
    `a:\n${"[\n".repeat(50_000)}`,
    "'\n".repeat(50_000),
  ]) {
    mustCost(2000, () => joinedLines(text), text.slice(0, 10));
  }
});
