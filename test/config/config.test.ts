import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describe, parseConfig } from "../../shared/config.ts";

const example = readFileSync(join(import.meta.dirname, "../../infra/host/countersteer.example.yaml"), "utf8");
const minimal = `services:
  - name: a
    match: [service="a"]
    repository: acme/a
    channel: C123
    environments: [production]
`;
const problemsOf = (text: string): string[] => {
  const parsed = parseConfig(text);
  return "problems" in parsed ? describe("c.yaml", parsed.problems).split("\n") : [];
};

test("the commented example is right", () => {
  assert.deepEqual(problemsOf(example), []);
});

test("the smallest configuration observes, with every limit at its default", () => {
  const parsed = parseConfig(minimal);
  assert.ok("config" in parsed);
  const [service] = parsed.config.services;
  assert.deepEqual(service?.policy, {
    mode: "observe",
    minConfidence: 0.5,
    autoConfidence: 0.9,
    lookAgainMs: [120_000, 300_000, 600_000],
    changePrior: 0.7,
    stepMs: 900_000,
    approvalMs: 7_200_000,
    deployMs: 1_800_000,
    verifyMs: 1_800_000,
    cooldownMs: 604_800_000,
    deadlineMs: 2_700_000,
  });
  assert.deepEqual([service?.branch, service?.paths, service?.verify.holdMs], ["main", [], 300_000]);
});

test("every problem is told at once, each with its line and its path", () => {
  assert.deepEqual(
    problemsOf(minimal.replace("acme/a", "acme").replace("C123", '"#ops"').replace("[production]", "[]")),
    [
      "c.yaml:4: services.0.repository: OWNER/REPO such as acme/shop, without the address of GitHub",
      "c.yaml:5: services.0.channel: a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change",
      "c.yaml:6: services.0.environments: must have at least one entry, such as environments: [production]",
    ],
  );
});

test("a missing setting is called missing", () => {
  assert.deepEqual(problemsOf(minimal.replace("    channel: C123\n", "")), [
    "c.yaml:2: services.0.channel: is missing: write channel: C024BE91L",
  ]);
  assert.deepEqual(problemsOf("baseUrl: https://countersteer.test\n"), [
    'c.yaml:1: services: is missing: write services: [{ name: checkout, match: [service="checkout"], repository: acme/shop, environments: [production], channel: C024BE91L }]',
  ]);
});

test("an unknown setting is a problem: a typo must not switch a limit off", () => {
  assert.deepEqual(problemsOf(`${minimal}    policy: { minConfidense: 0.9 }\n`), [
    "c.yaml:7: services.0.policy.minConfidense: is not a setting: did you mean minConfidence?",
  ]);
});

test("mode approve without an approver is a problem", () => {
  assert.deepEqual(problemsOf(`${minimal}    policy: { mode: approve }\n`), [
    "c.yaml:2: services.0.approvers: mode approve needs at least one approver, such as approvers: [U024BE7LH]: it asks whenever it may not act by itself",
  ]);
});

test("a service named twice is a problem", () => {
  assert.deepEqual(problemsOf(minimal + minimal.split("\n").slice(1).join("\n")), [
    'c.yaml:7: services.1.name: the service a stands here a second time: give it another name, or write one service whose matcher takes both, such as service=~"a|a-eu"',
  ]);
});

test("a hold that is longer than the time for verifying is a problem", () => {
  assert.deepEqual(problemsOf(`${minimal}    verify: { hold: 2h }\n`), [
    "c.yaml:7: services.0.verify.hold: longer than policy.verifyTimeout, so nothing could ever be verified: make hold shorter or verifyTimeout longer, such as hold: 5m and verifyTimeout: 30m",
  ]);
});

test("broken YAML, an alias bomb, an empty and an oversized file are problems, not crashes", () => {
  assert.match(problemsOf("services: [")[0]!, /^c\.yaml:1: /);
  assert.equal(problemsOf("").length, 1);
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefghij"
    .split("")
    .map((key, index) => `${key}: &${key} [${Array(9).fill(`*${"abcdefghij"[index]}`).join(",")}]`)
    .join("\n")}\n`;
  assert.ok(problemsOf(bomb).length >= 1);
  assert.deepEqual(problemsOf("#".repeat(17_000_000)), ["c.yaml:1: larger than 16777216 characters"]);
});

test("registries are hosts and origins; what is more than that is a problem", () => {
  const parsed = parseConfig(
    `${minimal}registries: [{ host: "ghcr.io" }, { host: "r.test:5000", url: "http://r.test:5000", realm: "https://t.test" }]\n`,
  );
  assert.ok("config" in parsed);
  assert.deepEqual(parsed.config.registries, [
    { host: "ghcr.io" },
    { host: "r.test:5000", url: "http://r.test:5000", realm: "https://t.test" },
  ]);
  assert.deepEqual(
    problemsOf(
      `${minimal}registries:\n  - host: "https://ghcr.io"\n  - { host: ghcr.io, url: "https://ghcr.io/v2" }\n`,
    ),
    [
      "c.yaml:8: registries.0.host: a registry's host as image names begin with it, such as ghcr.io",
      "c.yaml:9: registries.1.url: an address without a path, such as https://ghcr.io",
    ],
  );
});

test("dependsOn names other services of the file, and logs one store", () => {
  const two = `${minimal}    dependsOn: [b, a]\n    logs: { loki: '{app="a"}', elasticsearch: { index: "x", query: "y" } }\n`;
  const problems = problemsOf(two);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /^c\.yaml:8: services\.0\.logs: either loki: a LogQL query, or elasticsearch: /);
  const named = problemsOf(`${minimal}    dependsOn: [b, a]\n`);
  assert.deepEqual(named, [
    "c.yaml:7: services.0.dependsOn.0: no service b stands in this file: it has a",
    "c.yaml:7: services.0.dependsOn.1: is the service itself: name only other services",
  ]);
  const right = parseConfig(
    `${minimal}    dependsOn: [b]\n    logs: { elasticsearch: { index: "app-*", query: "y" } }\n${minimal.slice("services:\n".length).replaceAll('"a"', '"b"').replaceAll(": a\n", ": b\n")}`,
  );
  assert.ok("config" in right, JSON.stringify(right));
  const [service] = right.config.services;
  assert.deepEqual(
    [service?.dependsOn, service?.logs],
    [["b"], { elasticsearch: { index: "app-*", query: "y" } }],
  );
});

test("flags are names or PROJECT/NAME, with stars", () => {
  const right = parseConfig(`${minimal}    flags: ["checkout-*", shop/new.rates, "*"]\n`);
  assert.ok("config" in right, JSON.stringify(right));
  assert.deepEqual(right.config.services[0]?.flags, ["checkout-*", "shop/new.rates", "*"]);
  const what = 'a flag\'s name such as "checkout-*", or PROJECT/NAME; * stands for any characters';
  assert.deepEqual(problemsOf(`${minimal}    flags: ["a b", a/b/c, "/x"]\n`), [
    `c.yaml:7: services.0.flags.0: ${what}`,
    `c.yaml:7: services.0.flags.1: ${what}`,
    `c.yaml:7: services.0.flags.2: ${what}`,
  ]);
});

test("versionLabel is a label and traffic a query; without them nothing more is asked", () => {
  const wrong = problemsOf(`${minimal}    versionLabel: "a) or (b"\n    traffic: ""\n`);
  assert.deepEqual(
    wrong.map((problem) => problem.split(": ").slice(0, 2).join(": ")),
    ["c.yaml:7: services.0.versionLabel", "c.yaml:8: services.0.traffic"],
  );
  const settings = (text: string) => {
    const read = parseConfig(text);
    assert.ok("config" in read, JSON.stringify(read));
    const [service] = read.config.services;
    return [service?.versionLabel, service?.traffic, Object.keys(service!).includes("traffic")];
  };
  assert.deepEqual(settings(`${minimal}    versionLabel: version\n    traffic: sum(rate(requests[1m]))\n`), [
    "version",
    "sum(rate(requests[1m]))",
    true,
  ]);
  assert.deepEqual(settings(minimal), [undefined, undefined, false]);
});

test("gitops is one repository or a list of them, each with its defaults", () => {
  const placesOf = (gitops: string) => {
    const parsed = parseConfig(`${minimal}    gitops: ${gitops}\n`);
    return "config" in parsed ? parsed.config.services[0]?.gitops : parsed.problems;
  };
  const config = { repository: "acme/config", branch: "main", paths: [] };
  assert.deepEqual(placesOf("{ repository: acme/config }"), [config]);
  assert.deepEqual(placesOf("[{ repository: acme/config }, { repository: acme/rules, paths: [shop/] }]"), [
    config,
    { repository: "acme/rules", branch: "main", paths: ["shop/"] },
  ]);
});

test("a freeze is for once, weekly or daily, in a time zone that exists, and both ends are of one form", () => {
  const problemsOf = (freeze: string) => {
    const parsed = parseConfig(`services:
  - name: a
    match: ['service="a"']
    repository: acme/a
    environments: [production]
    channel: C024BE91L
    policy: { freeze: [${freeze}] }
`);
    return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
  };
  const at = "services.0.policy.freeze.0";
  assert.deepEqual(
    problemsOf('{ reason: r, from: "fri 16:00", to: "mon 08:00", timeZone: Europe/Berlin }'),
    [],
  );
  assert.deepEqual(problemsOf('{ reason: r, from: "2026-12-23T18:00", to: 2027-01-04, emergency: 2 }'), []);
  assert.deepEqual(problemsOf('{ reason: r, from: "16:00", to: "mon 08:00" }'), [
    `${at}.to: is not of the same form as from: a date, a day of the week or a time`,
  ]);
  assert.deepEqual(problemsOf('{ reason: r, from: "2026-12-23", to: "2026-12-23" }'), [
    `${at}.to: is not after from: give a later moment, such as to: 2027-01-02T08:00`,
  ]);
  assert.deepEqual(problemsOf('{ reason: r, from: "later", to: "16:00", timeZone: Europe/Nowhere }'), [
    `${at}.from: a moment such as "2026-12-23T18:00", "fri 16:00" or "16:00", not "later"`,
    `${at}.timeZone: a time zone such as Europe/Berlin`,
  ]);
});

test("an emergency that asks for more people than may approve is a problem, and one of a group is not", () => {
  const freeze = (approvers: string, emergency: number) =>
    problemsOf(`services:
  - name: a
    match: ['service="a"']
    repository: acme/a
    environments: [staging]
    channel: C024BE91L
    approvers: [${approvers}]
    policy: { mode: approve, freeze: [{ reason: r, from: "16:00", to: "17:00", emergency: ${emergency} }] }
`);
  assert.deepEqual(freeze("U1AB, U2AB", 2), []);
  assert.deepEqual(freeze("S1AB", 5), []);
  assert.deepEqual(freeze("U1AB, U2AB", 3), [
    "c.yaml:8: services.0.policy.freeze.0.emergency: 3 approvals are asked for in an emergency, and 2 people may approve: name more approvers, lower it, or leave it out to merge nothing in the freeze",
  ]);
});

test("freezes that leave no time to merge are refused, whichever windows they are made of", () => {
  const problemsOf = (freeze: string, mode = "approve") => {
    const parsed = parseConfig(`services:
  - name: a
    match: [service="a"]
    repository: acme/a
    environments: [production]
    channel: C024BE91L
    approvers: [U1AB, U2AB]
    policy: { mode: ${mode}, freeze: [${freeze}] }
`);
    return "problems" in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
  };
  const window = (from: string, to: string, more = "") =>
    `{ reason: r, from: "${from}", to: "${to}"${more} }`;
  const never = [
    "services.0.policy.freeze: leaves no time of the week in which anything could be merged: shorten a window, allow an emergency in it, or set mode: observe",
  ];
  const zone = ", timeZone: Asia/Kolkata";
  for (const windows of [
    window("00:00", "24:00"),
    window("09:00", "09:00"),
    window("mon 00:00", "mon 00:00"),
    `${window("mon 00:00", "sat 00:00")}, ${window("fri 12:00", "mon 01:00")}`,
    `${window("08:00", "20:00")}, ${window("20:00", "08:00")}`,
    `${window("00:00", "20:00", zone)}, ${window("14:00", "19:00")}`,
  ])
    assert.deepEqual(problemsOf(windows), never, windows);
  for (const windows of [
    window("fri 16:00", "mon 06:00"),
    window("00:00", "23:59"),
    window("00:00", "24:00", ", emergency: 2"),
    `${window("08:00", "20:00")}, ${window("20:00", "08:00", ", emergency: 1")}`,
    window("2026-01-01", "2036-01-01"),
  ])
    assert.deepEqual(problemsOf(windows), [], windows);
  assert.deepEqual(problemsOf(window("00:00", "24:00"), "observe"), []);
});
