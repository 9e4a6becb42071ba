import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseAllDocuments, stringify } from "yaml";
import { isSimple } from "../../../shared/remedy/scale/manifests/fast-path.ts";
import { limits } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { howMuch } from "../../../shared/remedy/scale/sizing.ts";
import { unequal } from "../../../shared/remedy/scale/value-edit.ts";
import { parseYaml } from "../../../shared/yaml/document.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const leaf = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constantFrom("yes", "0300", "1e3", "a: b", "# no", "🚀", "two\nlines\n", "", "{{ x }}", "'quoted'"),
  word,
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(word, tie("tree"), { maxKeys: 4 }),
  ),
}));

/** An HPA whose other fields are anything, printed in any style, with comments and line ends of any kind. */
const printed = fc
  .record({
    ...{
      before: fc.array(tree, { maxLength: 2 }),
      after: fc.array(tree, { maxLength: 2 }),
      more: fc.dictionary(word, tree),
    },
    ...{ min: fc.integer({ min: 1, max: 20 }), room: fc.integer({ min: 1, max: 200 }) },
    ...{
      indent: fc.constantFrom(1, 2, 4),
      crlf: fc.boolean(),
      bom: fc.boolean(),
      comment: fc.boolean(),
      flow: fc.boolean(),
      ended: fc.boolean(),
    },
  })
  .map(({ before, after, more, min, room, indent, crlf, bom, comment, flow, ended }) => {
    const max = min + room;
    const hpa = {
      ...{
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: "api", namespace: "shop", more },
      },
      spec: {
        ...more,
        scaleTargetRef: { kind: "Deployment", name: "api" },
        minReplicas: min,
        maxReplicas: max,
        zz: more,
      },
    };
    const style = { indent, lineWidth: 0, ...(flow && { collectionStyle: "flow" as const }) };
    const documents = [...before, hpa, ...after].map((one) => stringify(one, style));
    const text = documents.join(ended ? "...\n---\n" : "---\n");
    const noted = comment ? text.replace(/^(\s*maxReplicas: \d+)$/m, '$1   # why: it\'s "full"') : text;
    const ends = crlf ? noted.replaceAll("\n", "\r\n") : noted;
    return { text: `${bom ? "\uFEFF" : ""}${ends}`, min, max };
  });

test("one line of generated YAML changes, and one parsed path", () => {
  fc.assert(
    fc.property(printed, fc.integer({ min: 1, max: 100 }), ({ text, min, max }, percent) => {
      const to = Math.min(max + Math.max(1, Math.floor((max * percent) / 100)), max * 2);
      const ask = {
        target: { kind: "HorizontalPodAutoscaler", namespace: "shop", name: "api" },
        field: "max" as const,
        to: String(to),
      };
      const result = scale(new Map([["all.yaml", text]]), ask);
      if (isRefused(result)) return assert.fail(`${result.refused}\n${text}`);
      assert.deepEqual([result.before, result.after], [max, to]);
      const [was, now] = [text.split("\n"), result.text.split("\n")];
      assert.deepEqual(
        was.flatMap((line, at) => (line === now[at] ? [] : [at + 1])),
        [result.owner.line],
      );
      assert.equal(was.length, now.length);
      assert.equal(
        was[result.owner.line - 1]!.replace(`maxReplicas: ${max}`, `maxReplicas: ${to}`),
        now[result.owner.line - 1],
      );
      const values = (all: string) => parseAllDocuments(all).map((document) => document.toJS() as unknown);
      const [change, ...others] = unequal(values(text), values(result.text), []);
      assert.deepEqual(
        [change?.keys.slice(1), change?.was, change?.now, others],
        [["spec", "maxReplicas"], max, to, []],
      );
      assert.ok(to >= min && to <= limits.ceiling);
    }),
    { numRuns: 100 },
  );
});

test("whatever number is asked for, it is edited within the policy or refused with its place", () => {
  const files = new Map([
    ["a.yaml", "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: api}\nspec: {replicas: 4}\n"],
  ]);
  const said = fc.oneof(fc.integer({ min: -5, max: 600 }).map(String), fc.double().map(String), fc.string());
  fc.assert(
    fc.property(said, (to) => {
      const result = scale(files, {
        target: { kind: "sts", namespace: "", name: "api" },
        field: "replicas",
        to,
      });
      if (isRefused(result)) return assert.match(result.refused, /^a\.yaml:4: spec\.replicas: --to /);
      assert.ok(typeof result.after === "number" && result.after > 4 && result.after <= 8, to);
    }),
    { numRuns: 200 },
  );
});

test("how much never passes the policy, and never goes down", () => {
  const count = fc.integer({ min: 1, max: 600 });
  const seen = fc.record({
    current: count,
    utilisation: fc.double({ min: 0, max: 1000, noNaN: true }),
    target: fc.integer({ min: 1, max: 100 }),
  });
  fc.assert(
    fc.property(seen, (one) => {
      const found = howMuch(one);
      if (isRefused(found)) return;
      assert.ok(
        found.to > one.current && found.to <= one.current * limits.step && found.to <= limits.ceiling,
      );
      assert.ok(found.to <= Math.ceil((one.current * one.utilisation) / one.target));
    }),
  );
});

test("what is told to be simple without parsing is YAML for the parser too", () => {
  const lines = [
    "a: 1",
    "  b: x",
    "  - c",
    "- d: 1",
    "    e: |",
    "      f",
    "  g:",
    "h:",
    "  'q': \"z\"",
    "# c",
    "",
    "---",
    "  - - j",
    "    k: [a, b]",
    "-",
    "- |",
    "   t",
    "l: - m",
    "n: 'o",
    "a: b: c",
    "  x: >-",
    "p: q #r",
    "\tt: 1",
    "z: {}",
    "- {a: 1}",
    "m: { a: 1, b: [c] }",
    "m: { a: 1, b: c }",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 7 }), (chosen) => {
      const text = chosen.join("\n");
      if (!isSimple(text)) return;
      assert.deepEqual(
        parseYaml("a", text).errors.filter(({ code }) => code !== "DUPLICATE_KEY"),
        [],
        text,
      );
    }),
    { numRuns: 3000 },
  );
});
