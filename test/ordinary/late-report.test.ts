import assert from "node:assert/strict";
import { test } from "node:test";
import { landings, shas, stale } from "./prices.ts";
import { bumps, looks, policyOf } from "./rows/bumps.ts";
import { day, hour, type Landing, type Merging, minute, shop } from "./shop.ts";

const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** A change of before that says all that the alert says, and whose file was rewritten since: its revert is not clean. */
const older: Landing[] = [
  { message: "start", files: { "src/fees.js": "1\n2\n3\n", "src/mail.js": "0\n" }, ago: 20 * day },
  {
    message: "fees: round fees of the ledger to half a cent",
    files: { "src/fees.js": "one\n2\n3\n" },
    ago: 30 * hour,
  },
];
const branch = (titles: string[], ago: number): Landing[] =>
  titles.map((message, index) => ({
    ...{ message, files: { "src/fees.js": `${index}\nof\n${titles.length}\n` }, on: "work", ago: ago + hour },
    ...(index === 0 ? { from: "main" } : {}),
  }));
const alert = {
  name: "FeeMismatch",
  annotations: { summary: "fees of the ledger differ by half a cent" },
  ago: minute,
};

const pulls: [string, Merging["method"], string[], number, number][] = [
  [
    "three commits merged with a merge commit, told 20 s late",
    "merge",
    ["a table", "round", "test"],
    2,
    20_000,
  ],
  ["two commits that were squashed, told a minute late", "squash", ["prepare", "switch over"], 10, minute],
  ["four commits that were rebased, told three minutes late", "rebase", ["a", "b", "c", "d"], 40, 3 * minute],
];
for (const [what, method, titles, landedAgo, late] of pulls)
  test(`a pull request whose deploy is told after the alert is waited for, then proposed: ${what}`, async (t) => {
    const stage = await shop(t, {
      landings: [...older, ...branch(titles, landedAgo * minute)],
      merged: [{ branch: "work", title: "Fees by table", method, ago: landedAgo * minute }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 29 * hour],
      ],
      alert,
      configured: { policy: policyOf() },
    });
    const { state } = stage;
    const first = await stage.settle();
    assert.equal(first.status, "opened");
    const [message] = [...state.messages.values()];
    assert.match(message?.headline ?? "", new RegExp(`looking again at ${timeOf(state.now + 2 * minute)}`));
    assert.match(
      message?.lines.find(({ label }) => label === "Not sure yet")?.text ?? "",
      /“Fees by table \(#1\)”.* landed at .*, and its deploy is not reported yet/,
    );
    const head = stage.own.git("rev-parse", "main");
    state.now += late;
    await stage.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", sha: head, status: "succeeded" },
      at: state.now - late - 90_000,
    });
    const incident = await stage.settle();
    assert.equal(incident.status === "proposed" && incident.diagnosis.suspects[0]?.change?.pull?.number, 1);
    const types = (await stage.store.log(incident.id)).map(({ type }) => type);
    assert.equal(types.includes("IncidentEscalated"), false);
  });

const unwaited: [string, Partial<Parameters<typeof shop>[1]>][] = [
  [
    "its own deploy came minutes before the trouble",
    {
      landings: [...older, { message: "mail: footer", files: { "src/mail.js": "1\n" }, ago: 2 * minute }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 4 * minute],
      ],
    },
  ],
  [
    "the newer change landed after the trouble began",
    {
      landings: [...older, { message: "mail: footer", files: { "src/mail.js": "1\n" }, ago: 10_000 }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 29 * hour],
      ],
    },
  ],
  [
    "the newer change landed long before, and is simply not deployed yet",
    {
      landings: [...older, { message: "mail: footer", files: { "src/mail.js": "1\n" }, ago: 3 * hour }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 29 * hour],
      ],
    },
  ],
  [
    "the newer change is of another folder than the service's",
    {
      landings: [...older, { message: "web: footer", files: { "web/a.css": "1\n" }, ago: 2 * minute }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 29 * hour],
      ],
      configured: { paths: ["src/"], policy: policyOf() },
    },
  ],
  [
    "no further look is to come",
    {
      landings: [...older, { message: "mail: footer", files: { "src/mail.js": "1\n" }, ago: 2 * minute }],
      deploys: [
        ["start", 15 * day],
        ["fees: round fees of the ledger to half a cent", 29 * hour],
      ],
      configured: { policy: policyOf({ lookAgainMs: [] }) },
    },
  ],
];
for (const [what, given] of unwaited)
  test(`a likely change is proposed at once when ${what}`, async (t) => {
    const stage = await shop(t, {
      ...{ landings: older, alert, configured: { policy: policyOf() } },
      ...given,
    });
    const incident = await stage.settle();
    assert.equal(incident.status === "proposed" && incident.remedy.title, older[1]?.message);
  });

test("what no deploy was ever told of is proposed after the last look, and said not to have been looked at", async (t) => {
  const stage = await shop(t, {
    landings: [...older, { message: "mail: footer", files: { "src/mail.js": "1\n" }, ago: 2 * minute }],
    deploys: [
      ["start", 15 * day],
      ["fees: round fees of the ledger to half a cent", 29 * hour],
    ],
    alert,
    configured: { policy: policyOf() },
  });
  const opened = stage.state.now;
  for (const age of looks.lookAgainMs) {
    assert.equal((await stage.settle()).status, "opened");
    stage.state.now = opened + age;
  }
  const incident = await stage.settle();
  assert.equal(incident.status === "proposed" && incident.remedy.title, older[1]?.message);
  assert.ok(
    "diagnosis" in incident &&
      incident.diagnosis?.notes?.some((note) => /“mail: footer” landed at .*: not looked at/.test(note)),
    JSON.stringify("diagnosis" in incident && incident.diagnosis?.notes),
  );
});

for (const [what, { path, file, landed }] of bumps.filter(([, { of }]) => of === "gitops"))
  test(`a bump that no deploy is ever told of counts as live at the last look, and that is said: ${what.split(",", 1)}`, async (t) => {
    const stage = await shop(t, {
      landings,
      gitops: [
        { message: "start of config", files: { [path]: file(shas.old) }, ago: 5 * day },
        { message: "a new image", files: { [path]: file(shas.fresh) }, ago: landed * minute },
      ],
      deploys: [["start of config", 4 * day]],
      configured: {
        gitops: [{ repository: "acme/config", branch: "main", paths: [] }],
        policy: policyOf(),
      },
      alert: stale,
    });
    assert.equal((await stage.settle()).status, "opened");
    stage.state.now += 10 * minute;
    const incident = await stage.settle();
    assert.ok(incident.status === "proposed", incident.status);
    const { remedy, diagnosis } = incident;
    assert.deepEqual(remedy.kind === "revert" && [remedy.in, remedy.title, remedy.behind?.title], [
      "gitops",
      "a new image",
      "prices: cache for a day",
    ]);
    assert.match(diagnosis.notes?.join("\n") ?? "", /“a new image” landed at .*: taken as live since then/);
  });
