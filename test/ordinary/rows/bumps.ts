import assert from "node:assert/strict";
import { kustomization, landings, shas, stale, values } from "../prices.ts";
import { day, hour, minute, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

export const looks = {
  lookAgainMs: [2 * minute, 5 * minute, 10 * minute],
  minConfidence: 0.3,
  stepMs: 15 * minute,
};
export const policyOf = (over: object = {}) => ({
  ...{ mode: "approve" as const, autoConfidence: 0.9, changePrior: 0.7, approvalMs: 2 * hour },
  ...{ deployMs: hour, verifyMs: hour, cooldownMs: day, deadlineMs: 10 * hour },
  ...looks,
  ...over,
});
const manifest = (sha: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: payments\nspec:\n  template:\n    spec:\n      containers:\n        - name: payments\n          image: ghcr.io/acme/payments:${sha.slice(0, 12)}\n`;

/** `of` is the repository whose commits the deployer reports, `first` the result of the first look. */
type Bumped = { of: "gitops" | "application"; path: string; file: (sha: string) => string; landed: number };
export const bumps: [string, Bumped & { late: number; first: string }][] = [
  [
    "a kustomization, told 20 s late by its GitOps commit",
    {
      ...{ of: "gitops", path: "pay/overlays/production/kustomization.yaml", file: kustomization },
      ...{ landed: 3, late: 20_000, first: "opened" },
    },
  ],
  [
    "values of a chart, told two minutes late by their GitOps commit",
    {
      ...{ of: "gitops", path: "charts/pay/values-production.yaml", file: values },
      ...{ landed: 12, late: 2 * minute - 1_000, first: "opened" },
    },
  ],
  [
    "a manifest, told after the second look by its GitOps commit",
    {
      ...{ of: "gitops", path: "production/pay.yaml", file: manifest },
      ...{ landed: 2, late: 4 * minute, first: "opened" },
    },
  ],
  [
    "a kustomization, told late by the application's commit",
    {
      ...{ of: "application", path: "production/kustomization.yaml", file: kustomization },
      ...{ landed: 3, late: 30_000, first: "proposed" },
    },
  ],
];
export const bumpsToldLate: Sibling[] = bumps.map(([what, { of, path, file, landed, late, first }]) => ({
  sibling: `a bump whose deploy is told after the alert is rolled back in the GitOps repository, its commit behind it: ${what}`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings,
      gitops: [
        { message: "start of config", files: { [path]: file(shas.old) }, ago: 5 * day },
        { message: "a new image", files: { [path]: file(shas.fresh) }, ago: landed * minute },
      ],
      deploys: [[of === "gitops" ? "start of config" : "prices: cache for an hour", 4 * day]],
      configured: {
        gitops: [{ repository: "acme/config", branch: "main", paths: [] }],
        policy: policyOf(),
      },
      alert: stale,
    });
    const looked = await stage.settle();
    assert.equal(looked.status, first);
    stage.state.now += late;
    const told = of === "gitops" ? "a new image" : "prices: cache for a day";
    await stage.store.recordDeploy({
      ...{
        service: "payment-gateway",
        environment: "production",
        sha: stage.shaOf(told),
        status: "succeeded",
      },
      at: stage.state.now - late - 80_000,
    });
    const incident = await stage.settle();
    assert.ok(incident.status === "proposed", incident.status);
    const { remedy } = incident;
    assert.deepEqual(remedy.kind === "revert" && [remedy.in, remedy.title, remedy.behind?.title], [
      "gitops",
      "a new image",
      "prices: cache for a day",
    ]);
  },
}));
