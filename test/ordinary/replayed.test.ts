import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { replay } from "../../infra/cli/diagnosis/replay.ts";
import { scratch } from "../support/scratch.ts";
import { day, diagnosed, type Given, hour, type Landing, minute, now, shop } from "./shop.ts";

// `replay` of a webhook over the same repository ranks as the loop does: same suspects, reasons and probabilities, same remedy.

const start: Landing = {
  message: "start",
  files: { "src/fees.js": "exports.rate = 2;\n", "src/mail.js": "0\n", "README.md": "shop\n" },
  ago: 20 * day,
};
const landed = (message: string, path: string, ago: number): Landing => ({
  ...{ message, ago },
  files: { [path]: `// ${message}\n` },
});
const branch: Landing[] = [
  { ...landed("table of fees", "src/table.js", 6 * hour), on: "fees", from: "main" },
  { ...landed("round half up", "src/fees.js", 5.8 * hour), on: "fees" },
];
const alert = {
  ...{ name: "FeeMismatch", ago: minute },
  annotations: { summary: "fees differ from the ledger by half a cent", description: "rounding of fees" },
};
const pushes = [
  start,
  landed("mail: plain text part", "src/mail.js", 8 * hour),
  landed("fees: round half to even", "src/fees.js", 2 * hour),
  landed("docs: how to page us", "README.md", 40 * minute),
];
const train = [
  start,
  ...Array.from({ length: 45 }, (_, index) =>
    landed(`part ${index}: tidy`, `src/part${index}.js`, (50 - index) * hour),
  ),
  landed("fees: three digits", "src/fees.js", 30 * minute),
];

/** A clone does not know what a pull request said of itself, beside its title. */
const isCoarse = /by merge$/;
const scenes: [string, Given][] = [
  ["pushes", { landings: pushes, alert }],
  ["forty-six pushes", { landings: train, alert }],
  [
    "an alert whose words no change says",
    { landings: pushes, alert: { name: "HighErrorRate", annotations: { summary: "error rate above 5 %" } } },
  ],
  ...(["merge", "squash"] as const).map((method): [string, Given] => [
    `a pull request merged by ${method}`,
    {
      landings: [...pushes.slice(0, 2), ...branch],
      merged: [{ branch: "fees", title: "Fees in half cents", method, ago: 2 * hour }],
      alert,
    },
  ]),
  ["a folder of a monorepo", { landings: pushes, alert, configured: { paths: ["src/"] } }],
];

for (const [name, given] of scenes)
  test(`replay ranks as the loop does: ${name}`, async (t) => {
    const stage = await shop(t, given);
    const { diagnosis } = await diagnosed(stage);
    const again = await replayed(await scratch(t), { stage, given });
    const seen = (one: Seen) =>
      one.suspects.map(({ sha, title, score, reasons }) =>
        isCoarse.test(name) ? [sha, title, score.toFixed(2)] : [sha, title, score, reasons],
      );
    assert.deepEqual(seen(again), seen(diagnosis));
    assert.equal(again.none.toFixed(3), diagnosis.none.toFixed(3));
    const offered = (one: Pick<Seen, "remedies">) =>
      one.remedies.map((remedy) => ({ ...remedy, score: remedy.score.toFixed(isCoarse.test(name) ? 2 : 9) }));
    assert.deepEqual(offered(again), offered(JSON.parse(JSON.stringify(diagnosis))));
  });

type Seen = {
  suspects: { sha: string; title: string; score: number; reasons: string[] }[];
  none: number;
  remedies: { score: number }[];
};

const replayed = async (
  dir: string,
  { stage, given }: { stage: Awaited<ReturnType<typeof shop>>; given: Given },
): Promise<Seen> => {
  const { ago = minute, name, annotations, labels } = given.alert;
  const webhook = join(dir, "webhook.json");
  const told = {
    ...{ status: "firing", fingerprint: "f1", startsAt: new Date(now - ago).toISOString(), annotations },
    labels: { alertname: name, service: "payment-gateway", environment: "production", ...labels },
  };
  writeFileSync(webhook, JSON.stringify({ version: "4", alerts: [told] }));
  const config = join(dir, "countersteer.yaml");
  const paths = given.configured?.paths ?? [];
  writeFileSync(
    config,
    `services: [{ name: payment-gateway, match: ['service="payment-gateway"'], repository: acme/payments, paths: ${JSON.stringify(paths)}, environments: [production], channel: C0PAYMENTS, approvers: [U0ANN], policy: { mode: approve } }]`,
  );
  const [out, err]: [string[], string[]] = [[], []];
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const args = ["--alert", webhook, "--at", String(now), "--repo", stage.own.bare, "--config", config];
  assert.equal(await replay([...args, "--json"], {}, io), 0, err.join("\n"));
  return JSON.parse(out.join("\n"));
};
