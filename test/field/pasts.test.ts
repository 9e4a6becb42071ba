import assert from "node:assert/strict";
import { after, test } from "node:test";
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
