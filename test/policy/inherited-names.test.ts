import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { keysAt, placesOf, schemasAt } from "../../shared/config/walk.ts";
import { learnedRules } from "../../shared/diagnosis/learned-rules.ts";
import { retry } from "../../shared/incident/rounds/resume.ts";
import { fromSlack } from "../../shared/policy/approval/person.ts";
import { requirementOf } from "../../shared/policy/approval/requirement.ts";
import { unmatched } from "../../shared/policy/left.ts";
import { selector } from "../../shared/policy/match.ts";
import { scopeOf } from "../../shared/policy/recovery/scope.ts";
import { knownBy } from "../../shared/promql/known-labels.ts";
import { selectors, sidesOf } from "../../shared/promql/selectors.ts";
import { scale } from "../../shared/remedy/scale/scale.ts";
import { alert, escalated, opened, past, policy } from "../support/incident.ts";

const bare = (name: string) => ({
  ...{ name: "shop", repository: "acme/shop", environments: ["production"], environmentLabel: name },
  match: [{ label: name, matches: (value: string) => value === "b", equals: "b" }],
});

/** Answers about text from outside, at the place where it is the key of a look-up. */
const readings: Record<string, (name: string) => unknown> = {
  "a metric": (name) => selectors(`sum by (${name}) (rate(${name}{a="b"}[5m])) > 1`),
  "a label without a mapping": (name) => knownBy({ alert: { [name]: "name" }, rule: {} }, {}, []),
  "a label that the series lack": (name) =>
    scopeOf("a > 1", { [name]: "x" }, [{ side: sidesOf("a > 1")[0]!, series: [{ labels: {}, points: [] }] }]),
  "a label that alerts lack": (name) => [
    unmatched([bare(name)], {}),
    selector([bare(name)])({ labels: {} }),
    learnedRules([alert({ labels: { [name]: "x" } })], [alert({ labels: {} })]),
  ],
  "the login of a person": (name) => [
    retry(past(opened(), escalated()), { type: "Retry", at: 1, round: 1, by: name }, policy),
    fromSlack({}, name),
  ],
  "the path of a change": (name) =>
    requirementOf(
      {
        services: [{ ...bare("a"), paths: [], approvers: ["codeowners"], policy: {} }],
        people: {},
      },
      {
        ...{ service: "shop", environment: "production", repository: "acme/shop" },
        ground: { paths: [name], authors: [], isComplete: true, owners: {} },
      },
    ),
  "the kind of a workload": (name) =>
    scale(new Map(), { target: { kind: name, namespace: "", name: "a" }, field: "replicas", by: "1" }),
  "a key of the configuration": (name) => {
    const schema = z.object({ a: z.string() });
    return [schemasAt(schema, [name]), keysAt(schema, [name]), placesOf(schema, name)];
  },
};

const inherited = Object.getOwnPropertyNames(Object.prototype);

for (const [place, read] of Object.entries(readings))
  test(`${place} may be called like what every object inherits, and is read as any other`, () => {
    const any = JSON.stringify(read("ordinary"));
    for (const name of [...inherited, "CONSTRUCTOR"])
      assert.equal(JSON.stringify(read(name))?.replaceAll(name, "ordinary"), any, name);
  });
