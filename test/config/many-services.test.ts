import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { readConfigFiles } from "../../infra/host/settings/config-files.ts";
import { readWithAdvice } from "../../infra/host/settings/settings.ts";
import { describe, type Included, parseConfig } from "../../shared/config.ts";

const servicesOf = (text: string, included: Included[] = []) => {
  const parsed = parseConfig(text, included);
  if ("problems" in parsed) throw new Error(describe("c.yaml", parsed.problems));
  return parsed.config.services;
};
const problemsOf = (text: string, included: Included[] = []): string[] => {
  const parsed = parseConfig(text, included);
  return "problems" in parsed ? describe("c.yaml", parsed.problems).split("\n") : [];
};

const shared = `defaults:
  environments: [production]
  channel: C123
  policy: { mode: approve, minConfidence: 0.6 }
  approvers: [U024BE7LH]
`;

test("defaults are every service's, unless it says otherwise; the keys of a map are joined", () => {
  const [a, b] = servicesOf(`${shared}services:
  - { name: a, match: ['service="a"'], repository: acme/a }
  - { name: b, match: ['service="b"'], repository: acme/b, channel: C999, approvers: [U999BE7LH], policy: { mode: observe } }
`);
  assert.deepEqual(
    [a?.channel, a?.approvers, a?.policy.mode, a?.policy.minConfidence],
    ["C123", ["U024BE7LH"], "approve", 0.6],
  );
  assert.deepEqual(
    [b?.channel, b?.approvers, b?.policy.mode, b?.policy.minConfidence],
    ["C999", ["U999BE7LH"], "observe", 0.6],
  );
});

test("each stands for one service of each name, with the name wherever {name} is", () => {
  const services = servicesOf(`${shared}services:
  - each: [cart, search]
    match: ['service="{name}"', 'team=~"{name}-.*"']
    repository: acme/{name}
    paths: ["apps/{name}/"]
`);
  assert.deepEqual(
    services.map(({ name, repository, paths, match }) => [name, repository, paths, match.length]),
    [
      ["cart", "acme/cart", ["apps/cart/"], 2],
      ["search", "acme/search", ["apps/search/"], 2],
    ],
  );
});

test("keys of the file that begin with x- hold anchors, and mean nothing themselves", () => {
  const [a] = servicesOf(`x-team: &team { channel: C777, approvers: [U777BE7LH] }
services:
  - { <<: *team, name: a, match: ['service="a"'], repository: acme/a, environments: [production] }
`);
  assert.deepEqual([a?.channel, a?.approvers], ["C777", ["U777BE7LH"]]);
});

test("a merge key may name maps that have merge keys of their own", () => {
  const [a] = servicesOf(`x-org: &org { channel: C777, environments: [production] }
x-team: &team { <<: *org, approvers: [U777BE7LH] }
services:
  - { <<: *team, name: a, match: ['service="a"'], repository: acme/a }
`);
  assert.deepEqual([a?.channel, a?.environments, a?.approvers], ["C777", ["production"], ["U777BE7LH"]]);
});

test("aliases that lie in themselves, and aliases of aliases of aliases, are refused quickly", () => {
  const bomb = Array.from({ length: 24 }, (_, n) => `x-${n + 1}: &b${n + 1} [*b${n}, *b${n}]`).join("\n");
  for (const text of [
    "defaults: &d { policy: *d }\nservices:\n  - &s { policy: *s }\n",
    "services:\n  - &s { each: [a, b], policy: *s, match: [*s] }\n",
    "x-a: &a { <<: *a }\nservices:\n  - { <<: *a }\n",
    `x-0: &b0 [{}]\n${bomb}\nservices:\n  - { each: [a], match: *b24 }\n`,
  ])
    assert.ok(problemsOf(text).length > 0, text);
});

test("a list or a map where a text belongs is not written out, however much it holds", () => {
  const bomb = Array.from({ length: 64 }, (_, n) => `x-${n + 1}: &b${n + 1} [*b${n}, *b${n}]`).join("\n");
  const text = (value: string) => `x-0: &b0 [{}]
${bomb}
${shared}services:
  - { name: a, match: ['service="a"'], repository: acme/a, ${value} }
`;
  assert.deepEqual(problemsOf(text("channel: *b64")), [
    "c.yaml:72: services.0.channel: must be text, such as channel: C024BE91L, not a list",
  ]);
  assert.deepEqual(problemsOf(text("policy: { mode: *b64 }")), [
    "c.yaml:72: services.0.policy.mode: must be one of observe, approve, auto, not a list",
  ]);
});

test("a problem is told where it is written, once: in the defaults, in the entry of each, in the included file", () => {
  const entry = "  - { name: a, match: ['service=\"a\"'], repository: acme/a }\n";
  assert.deepEqual(
    problemsOf(
      `${shared.replace("C123", '"#ops"')}services:\n${entry}${entry.replaceAll("a", "b").replace("nbme", "name").replace("mbtch", "match").replace("bcme", "acme")}`,
    ).slice(0, 1),
    [
      "c.yaml:3: defaults.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change",
    ],
  );
  assert.deepEqual(
    problemsOf(
      `${shared}services:\n  - each: [cart, search]\n    match: ['service="{name}"']\n    repository: "{name}"\n`,
    ),
    ["c.yaml:9: services.0.repository: OWNER/REPO such as acme/shop, without the address of GitHub"],
  );
  const team = { name: "team.yaml", text: "- name: a\n  match: ['service=\"a\"']\n  repo: acme/a\n" };
  assert.deepEqual(problemsOf(`${shared}services: []\n`, [team]), [
    "team.yaml:3: 0.repo: is not a setting: did you mean repository?",
  ]);
  assert.deepEqual(problemsOf("defaults: [a]\nservices:\n  - each: cart\n    match: [a]\n"), [
    "c.yaml:1: defaults: must hold keys of a service, such as channel",
    'c.yaml:2: services: must have at least one entry, such as services: [{ name: checkout, match: [service="checkout"], repository: acme/shop, environments: [production], channel: C024BE91L }]',
    "c.yaml:3: services.0.each: must be a list of names, such as [cart, search]",
  ]);
  assert.deepEqual(problemsOf(`${shared}services:\n${entry}`, [{ name: "t.yaml", text: "baseUrl: x\n" }]), [
    "t.yaml:1: must be a list of services, or hold the key services",
  ]);
});

test("two services of one name in two files are refused", () => {
  const one = "- { name: a, match: ['service=\"a\"'], repository: acme/a }\n";
  assert.deepEqual(
    problemsOf(`${shared}include: t.yaml\n`, [
      { name: "t.yaml", text: one },
      { name: "u.yaml", text: `services:\n${one}` },
    ]).map((line) => line.replace(/: .*/, "")),
    ["u.yaml:2"],
  );
});

const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(tmpdir(), "many-services-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};
const entryOf = (name: string): string =>
  `- { name: ${name}, match: ['service="${name}"'], repository: acme/${name} }\n`;

test("included files are read in the order of their names, and their warnings name them", (context) => {
  const folder = folderWith({
    "c.yaml": `${shared}include: [services/*.yaml, extra.yaml]\n`,
    "services/b.yaml": entryOf("b"),
    "services/a.yaml": entryOf("a"),
    "services/notes.txt": "not a file of services",
    "extra.yaml": entryOf("x").replace(" }", ", traffic: 'rate(x) keep_metric_names' }"),
  });
  context.after(() => rmSync(folder, { recursive: true }));
  const { config, advice } = readWithAdvice(join(folder, "c.yaml"));
  assert.deepEqual(
    config.services.map(({ name }) => name),
    ["a", "b", "x"],
  );
  assert.deepEqual(
    advice.map(({ text }) => text.replace(folder, "").replace(/: warning.*/, "")),
    ["/extra.yaml:1: 0.traffic"],
  );
});

test("a pattern that fits no file, or a file that cannot be read, is refused in one sentence", (context) => {
  const folder = folderWith({
    "c.yaml": "include: services/*.yaml\n",
    "d.yaml": "include: none.yaml\n",
    "e.yaml": "include: a*/b.yaml\n",
    "services/x.txt": "",
  });
  context.after(() => rmSync(folder, { recursive: true }));
  const refusal = (name: string): string => {
    try {
      readConfigFiles(join(folder, name));
    } catch (error) {
      return (error as Error).message.replaceAll(`${folder}/`, "");
    }
    return "";
  };
  assert.deepEqual(["c.yaml", "d.yaml", "e.yaml"].map(refusal), [
    "c.yaml:1: include: services/*.yaml: no file of services has such a name",
    "d.yaml:1: include: none.yaml cannot be read: there is no such file (ENOENT)",
    "e.yaml:1: include: a*/b.yaml: a * may stand in the name of a file, not of a folder: name each folder",
  ]);
});
