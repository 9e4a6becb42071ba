import assert from "node:assert/strict";
import { day, diagnosed, hour, type Landing, type Merging, minute, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

export const start: Landing = {
  message: "start",
  files: { "src/fees.js": "exports.rate = 2;\n", "src/mail.js": "0\n", "README.md": "shop\n" },
  ago: 20 * day,
};
const branch = (name: string, ...changes: [string, Record<string, string>][]): Landing[] =>
  changes.map(([message, files], index) => ({
    ...{ message, files, on: name },
    ...(index === 0 ? { from: "main" } : {}),
    ago: 6 * hour - index * 10 * minute,
  }));
export const innocent: Landing = {
  message: "mail: plain text part",
  files: { "src/mail.js": "1\n" },
  ago: 8 * hour,
};
export const three = branch(
  "fees",
  ["fees: prepare the table", { "src/table.js": "1\n" }],
  ["fees: round half up", { "src/fees.js": "exports.rate = Math.round(2.5);\n" }],
  ["fees: test the rounding", { "test/fees.test.js": "1\n" }],
);
export const merging = (method: Merging["method"]): Merging => ({
  ...{ branch: "fees", method, ago: 2 * hour },
  title: "Fees in half cents",
  body: "Customers asked for it.",
});
export const alert = {
  name: "FeeMismatch",
  annotations: { summary: "fees differ from the ledger by half a cent" },
};

export const pullRequests: Sibling[] = (["merge", "squash", "rebase"] as const).map((method) => ({
  sibling: `a pull request of three commits merged by ${method} is one candidate, proposed and reverted as a whole`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings: [start, innocent, ...three],
      merged: [merging(method)],
      deploys: [
        ["start", 10 * day],
        ["mail: plain text part", 7 * hour],
      ],
      alert,
    });
    const head = stage.own.git("rev-parse", "main");
    await stage.store.recordDeploy({
      ...{ service: "payment-gateway", environment: "production", sha: head, status: "succeeded" },
      at: stage.state.now - 4 * minute,
    });
    const { incident, diagnosis } = await diagnosed(stage);
    const [first] = diagnosis.suspects;
    assert.deepEqual(
      diagnosis.suspects.map(({ title }) => title),
      ["Fees in half cents (#1)", "mail: plain text part"],
    );
    assert.ok((first?.score ?? 0) >= 0.5, `${first?.score}`);
    assert.equal(first?.sha, head);
    assert.equal(first?.change?.kind, "pull");
    assert.equal(first?.change?.pull?.number, 1);
    const landed = { merge: 4, squash: 1, rebase: 3 }[method];
    assert.equal(first?.change?.commits.length, landed);
    assert.equal(incident.status, "proposed");
    const pull = "pull" in incident ? incident.pull : undefined;
    const paths = stage.own.git("diff", "--name-only", `${head}`, pull?.head ?? "").split("\n");
    assert.deepEqual(paths, ["src/fees.js", "src/table.js", "test/fees.test.js"]);
  },
}));
