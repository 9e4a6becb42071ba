import assert from "node:assert/strict";
import { test } from "node:test";
import type { Ask } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { isRefused } from "../../../shared/yaml/refused.ts";
import { type Subject, subjects } from "./subjects.ts";

type Trap = {
  name: string;
  files: (subject: Subject, object: (value: string) => string) => Record<string, string>;
  ask?: (subject: Subject) => Partial<Ask>;
  reason: RegExp;
  skip?: (subject: Subject) => boolean;
};

const one =
  (value: (subject: Subject) => string): Trap["files"] =>
  (subject, object) => ({ "api.yaml": object(value(subject)) });
const good: Trap["files"] = one(({ from, quoted }) => (quoted ? `"${from}"` : from));
const isSize = ({ field }: Subject) => field === "memory" || field === "cpu";

const traps: Trap[] = [
  {
    name: "an alias",
    files: (subject, object) => ({
      "api.yaml": object("*scale").replace("metadata:", `x-scale: &scale ${subject.from}\nmetadata:`),
    }),
    reason: /^api\.yaml:\d+ is an alias \(\*scale\)$/,
  },
  {
    name: "an anchor used again",
    files: (subject, object) => ({ "api.yaml": `${object(`&scale ${subject.from}`)}x-again: *scale\n` }),
    reason: /^api\.yaml:\d+: .* is anchored \(&scale\) and used again in line \d+$/,
  },
  {
    name: "a block scalar",
    files: (subject, object) => ({
      "api.yaml": object(`|-\n${" ".repeat(30)}${subject.from}`).replace(/(\d|i) #.*\n/, "$1\n"),
    }),
    reason: /^api\.yaml:\d+: .* is a block scalar/,
  },
  {
    name: "a Helm template",
    files: one(() => "{{ .Values.scale }}"),
    reason: /^api\.yaml:\d+:? .*templated \(/,
  },
  {
    name: "a quoted Helm template",
    files: one(() => '"{{ .Values.scale }}"'),
    reason: /^api\.yaml:\d+: .* is templated \(/,
  },
  {
    name: "a variable to be put in",
    files: one(() => "$" + "{SCALE}"),
    reason: /^api\.yaml:\d+: .* is templated \(\$\{SCALE\}\)$/,
  },
  { name: "nothing", files: one(() => ""), reason: /^api\.yaml:\d+: .* is empty$/ },
  { name: "null", files: one(() => "~"), reason: /^api\.yaml:\d+: .* is empty$/ },
  {
    name: "a repeated key",
    files: (subject, object) => ({
      "api.yaml": object(subject.from).replace(/^( *)([\w./-]+): (\S+) #.*$/m, "$&\n$1$2: $3"),
    }),
    reason: /^api\.yaml:\d+: Map keys must be unique$/,
  },
  {
    name: "an octal number",
    files: one(() => "0300"),
    reason: /^api\.yaml:\d+: \S+ is 0300, no plain decimal number/,
    skip: isSize,
  },
  {
    name: "an exponent",
    files: one(() => "1e2"),
    reason: /^api\.yaml:\d+: \S+ is 1e2, no (plain decimal number|quantity)/,
  },
  {
    name: "a fraction in the file",
    files: one(() => "2.5"),
    reason: /^api\.yaml:\d+: \S+ is 2\.5, no plain decimal number/,
    skip: isSize,
  },
  {
    name: "words",
    files: one(() => "plenty"),
    reason: /^api\.yaml:\d+: \S+ is plenty, no (plain decimal number|quantity)/,
  },
  {
    name: "two in the same folder",
    files: (subject, object) => ({ "a.yaml": object(subject.from), "b.yaml": object(subject.from) }),
    reason:
      /^two owners: \S+ shop\/api \(a\.yaml:1\) and \S+ shop\/api \(b\.yaml:1\); say which with --path$/,
  },
  {
    name: "two overlays",
    files: overlays("shop", "shop"),
    reason: /^two owners: .*; say which with --path$/,
  },
  {
    name: "a base that two overlays share",
    files: overlays("shop", "dev"),
    reason:
      /^base\/api\.yaml:\d+: \S+ is also that of \S+ dev\/api of overlays\/b: set it for this one alone first/,
    // A number gets a value of its own in the overlay: test/remedy/scale/own-layer.test.ts.
    skip: (subject) => !isSize(subject) || subject.name === "NodePool",
  },
  {
    name: "broken YAML that may say something else of it",
    files: (subject, object) => ({
      ...good(subject, object),
      "other/broken.yaml": `apiVersion: ${subject.group}\nkind: ${subject.kind}\nmetadata: {name: api}\nb: [1,\nc: 2\n`,
    }),
    reason: /^other\/broken\.yaml:\d: .*; nothing is changed/,
  },
  {
    name: "a broken kustomization above it",
    files: (subject, object) => ({
      ...good(subject, object),
      "kustomization.yaml": "resources: [api.yaml]\nx: 'y\n",
    }),
    reason: /^kustomization\.yaml:\d: Missing closing 'quote/,
  },
  {
    name: "another name",
    files: good,
    ask: () => ({ target: { kind: "", namespace: "shop", name: "apix" } }),
    reason: /^there is no \S+ shop\/apix here/,
  },
  {
    name: "another namespace",
    files: good,
    ask: () => ({ target: { kind: "", namespace: "dev", name: "api" } }),
    reason: /^there is no \S+ dev\/api here; there is \S+ shop\/api \(api\.yaml:1\)$/,
  },
  {
    name: "an unknown kind",
    files: good,
    ask: () => ({ target: { kind: "DaemonSet", namespace: "shop", name: "api" } }),
    reason: /^DaemonSet is not a kind that is scaled here/,
  },
  {
    name: "a negative number",
    files: good,
    ask: () => ({ to: "-3" }),
    reason: /^api\.yaml:\d+: \S+: --\w+ -3 is negative/,
  },
  {
    name: "a fraction",
    files: good,
    ask: () => ({ to: "2.5" }),
    reason: /^api\.yaml:\d+: \S+: --\w+ 2\.5 is a fraction/,
    skip: isSize,
  },
  {
    name: "an absurd number",
    files: good,
    ask: () => ({ to: "99999999999999" }),
    reason: /^api\.yaml:\d+: \S+: --\w+ 9+ is (absurd|no quantity)/,
  },
  {
    name: "no number",
    files: good,
    ask: () => ({ to: "many" }),
    reason: /^api\.yaml:\d+: \S+: --\w+ many is no (whole number|quantity)/,
  },
  { name: "hexadecimal", files: good, ask: () => ({ to: "0x10" }), reason: /is no (whole number|quantity)/ },
  {
    name: "zero",
    files: good,
    ask: () => ({ to: "0" }),
    reason: /would take it to zero, which is never done$/,
  },
  {
    name: "what it is already",
    files: good,
    ask: ({ from }) => ({ to: from }),
    reason: /changes nothing: it is /,
  },
  {
    name: "more than twice",
    files: good,
    ask: ({ from }) => ({ to: from.replace(/\d+/, (digits) => String(Number(digits) * 2 + 1)) }),
    reason: /is more than 2 times the \S+ it is/,
  },
  {
    name: "past the ceiling",
    files: one(({ quoted }) => (quoted ? '"400"' : "400")),
    ask: () => ({ to: "600" }),
    reason: /^api\.yaml:\d+: \S+: --\w+ 600 is above the policy's ceiling of 500$/,
    skip: isSize,
  },
];

function overlays(a: string, b: string): Trap["files"] {
  return (subject, object) => ({
    "base/kustomization.yaml": "resources: [api.yaml]\n",
    "base/api.yaml": object(subject.quoted ? `"${subject.from}"` : subject.from).replace(
      "  namespace: shop\n",
      "",
    ),
    "overlays/a/kustomization.yaml": `namespace: ${a}\nresources: [../../base]\n`,
    "overlays/b/kustomization.yaml": `namespace: ${b}\nresources: [../../base]\n`,
  });
}

const cases = subjects.flatMap((subject) =>
  traps.filter(({ skip }) => !skip?.(subject)).map((trap) => ({ subject, trap })),
);

test(`every trap is refused with its own reason, for every owner (${cases.length} sets)`, () => {
  for (const { subject, trap } of cases) {
    const object = (value: string) =>
      `apiVersion: ${subject.group}\nkind: ${subject.kind}\nmetadata:\n  name: api\n  namespace: shop\n${subject.body(value)}`;
    const asked = trap.ask?.(subject);
    const target = { kind: subject.kind, namespace: "shop", name: "api" };
    const ask = {
      field: subject.field,
      to: subject.to,
      ...asked,
      target: { ...target, ...asked?.target, kind: asked?.target?.kind || subject.kind },
    };
    const result = scale(new Map(Object.entries(trap.files(subject, object))), ask);
    const said = isRefused(result) ? result.refused : `edited ${result.owner.file}:${result.owner.line}`;
    assert.match(said, trap.reason, `${subject.name}, ${trap.name}: ${said}`);
  }
});
