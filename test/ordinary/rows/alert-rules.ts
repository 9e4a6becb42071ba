import assert from "node:assert/strict";
import { day, diagnosed, hour, type Landing, minute, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

export const landings: Landing[] = [
  { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day },
  { message: "mail: plain text part", files: { "src/mail.js": "1\n" }, ago: 3 * day },
];
export const rule = (name: string, threshold: string): string =>
  `groups:\n  - name: shop\n    rules:\n      - alert: ${name}\n        expr: shop_lag_seconds > ${threshold}\n`;

const rules: [name: string, from: string, to: string][] = [
  ["QueueLagHigh", "2", "0.2"],
  ["CheckoutSlow", "1.5", "0.5"],
  ["DiskFillsUp", "90", "60"],
];
export const changedRules: Sibling[] = rules.map(([name, from, to]) => ({
  sibling: `a change of the alert's own rule in a second GitOps repository is the first suspect: ${name} from ${from} to ${to}`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings,
      gitops: [
        { message: "start of rules", files: { "payments/rules.yaml": rule(name, from) }, ago: 30 * day },
        {
          message: `alerts: ${name} earlier`,
          files: { "payments/rules.yaml": rule(name, to) },
          ago: 10 * minute,
        },
      ],
      deploys: [
        ["start", 20 * day],
        ["mail: plain text part", 2 * day],
      ],
      configured: {
        gitops: [
          { repository: "acme/absent", branch: "main", paths: [] },
          { repository: "acme/config", branch: "main", paths: ["payments/"] },
        ],
      },
      alert: { name, annotations: { summary: `${name} fires` }, ago: hour / 60 },
    });
    const { incident, diagnosis } = await diagnosed(stage);
    const [first] = diagnosis.suspects;
    assert.equal(first?.title, `alerts: ${name} earlier`);
    assert.deepEqual([first?.in, first?.repository], ["gitops", "acme/config"]);
    assert.deepEqual(
      [diagnosis.remedies[0]?.in, diagnosis.remedies[0]?.repository],
      ["gitops", "acme/config"],
    );
    assert.ok(
      diagnosis.notes?.some((note) =>
        note.startsWith("the commits of its GitOps repository could not be looked at: "),
      ),
    );
    assert.equal(incident.status, "proposed");
    assert.match("pull" in incident ? (incident.pull?.url ?? "") : "", /acme\/config/);
  },
}));
