import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signalsOfShop } from "./conventions.ts";
import { type Past, writePasts } from "./past.ts";
import { edges } from "./rule-edges.ts";
import { nativeRules } from "./rule-native.ts";
import { ruleTurns } from "./rule-turns.ts";
import { ruleWorlds } from "./rule-worlds.ts";
import { isMissing, startPrometheus } from "./verify-kinds.ts";

const skip = isMissing && "prometheus is not on PATH: the rules were NOT tried against the real one";

const tables: [name: string, pasts: Record<string, Past>][] = [
  [
    "a rule that is true only while something changes is verified once its value is back, and not where it stays",
    edges,
  ],
  [
    "shapes of public rules come to their verdicts where the trouble is over, goes on, and where nothing tells of it",
    ruleWorlds,
  ],
  ["absence, states, gates and replaced series hide no trouble", ruleTurns],
  ["a native histogram needs observations, and data on each side of a rule", nativeRules],
];

const prometheus = skip ? undefined : await startPrometheus([], ["native-histograms"]);
after(() => prometheus?.stop());
for (const [name, pasts] of tables)
  test(name, { skip }, async () => {
    const come = Object.entries(await writePasts(prometheus?.url ?? "", pasts));
    const silent = come.filter(([, { fired }]) => !fired).map(([one]) => one);
    assert.deepEqual(silent, [], "never fired");
    const expected = Object.fromEntries(Object.entries(pasts).map(([one, past]) => [one, past.expected]));
    assert.deepEqual(Object.fromEntries(come.map(([one, { verdict }]) => [one, verdict])), expected);
  });

test("a real Prometheus tells the golden signals of services by the conventions in which each of them counts", {
  skip,
}, async () => {
  const { values, unread, from } = await signalsOfShop(prometheus?.url ?? "");
  assert.deepEqual(values, {
    "cart error ratio": [0, 0.25],
    "cart error ratio 1.0.0": [0, 0],
    "cart error ratio 1.1.0": [0, 0.5],
    "cart latency": [0.095, 0.91],
    "cart traffic": [20, 20],
    "cart restarts": [0, 3],
    "cart cpu throttled ratio": [0.1, 0.8],
    "cart memory working set": [4e8, 9e8],
    "pricing error ratio": [0.2, 0.33],
    "pricing error ratio v1": [0, 0],
    "pricing error ratio v2": [1, 1],
    "pricing traffic": [10, 12],
    "stock error ratio": [0.25, 0.25],
    "stock traffic": [4, 4],
  });
  assert.deepEqual(unread, [
    "the signals of mail were not read (its series are of several namespaces, and which of them are meant is not known)",
  ]);
  assert.deepEqual(from, {
    cart: ["OpenTelemetry HTTP", "kube-state-metrics", "cAdvisor"],
    ...{ pricing: ["Istio"], mail: [], stock: ["gRPC"], ghost: [] },
  });
});
