import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAllDocuments } from "yaml";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";
import { fits, layouts, unmarked } from "./layouts.ts";
import { subjects } from "./subjects.ts";

const cases = subjects.flatMap((subject) =>
  layouts.filter((layout) => fits(layout, subject)).map((layout) => ({ subject, layout })),
);

test(`every owner in every layout is edited in its own line and nowhere else (${cases.length} sets)`, () => {
  assert.ok(cases.length >= 150);
  for (const { subject, layout } of cases) {
    const made = Object.entries(layout.files(subject));
    const files = new Map(made.map(([path, text]) => [path, unmarked(text)]));
    const [[file, text]] = made.filter(([, text]) => text.includes("«")) as [[string, string]];
    const ask: Ask = {
      target: { kind: subject.kind, namespace: "shop", name: layout.called ?? "api" },
      ...{ field: subject.field, to: subject.to, ...(layout.path && { path: layout.path }) },
    };
    const what = `${subject.name}, ${layout.name}`;
    const result = scale(files, ask);
    assert.ok(!isRefused(result), `${what}: ${isRefused(result) ? result.refused : ""}`);
    assert.equal(result.owner.file, file, what);
    assert.equal(result.text, text.replace(/«[^»]*»/, subject.to), what);
    const line = text.slice(0, text.indexOf("«")).split("\n").length;
    assert.equal(result.owner.line, line, what);
    assert.equal(String(result.before), subject.from, what);
    assert.equal(String(result.after), subject.to, what);
    assert.deepEqual(
      parseAllDocuments(result.text).map((document) => document.errors),
      parseAllDocuments(unmarked(text)).map(() => []),
      what,
    );
  }
});
