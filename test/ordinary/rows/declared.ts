import assert from "node:assert/strict";
import { kustomization, landings, shas, stale, values } from "../prices.ts";
import { day, diagnosed, hour, shop } from "../shop.ts";
import type { Sibling } from "./row.ts";

export const layouts: [string, string, string, string[], (sha: string) => string][] = [
  [
    "overlays of one folder",
    "apps/pay/overlays/production/kustomization.yaml",
    "apps/pay/overlays/staging/kustomization.yaml",
    ["apps/pay/"],
    kustomization,
  ],
  [
    "folders at the top",
    "production/pay/kustomization.yaml",
    "staging/pay/kustomization.yaml",
    [],
    kustomization,
  ],
  [
    "values files of one chart",
    "charts/pay/values-prod.yaml",
    "charts/pay/values-stage.yaml",
    ["charts/pay/"],
    values,
  ],
  [
    "a folder that is production's alone",
    "prod/pay/kustomization.yaml",
    "stg/pay/kustomization.yaml",
    ["prod/"],
    kustomization,
  ],
];

export const undeclared: Sibling[] = layouts.map(([what, production, staging, paths, file]) => ({
  sibling: `what production does not declare is not a candidate there: ${what}`,
  play: async (host, t) => {
    const stage = await shop(t, {
      host,
      landings,
      gitops: [
        {
          message: "start of config",
          files: { [production]: file(shas.old), [staging]: file(shas.old) },
          ago: 11 * day,
        },
        { message: "staging: new image", files: { [staging]: file(shas.fresh) }, ago: hour },
      ],
      configured: { gitops: [{ repository: "acme/config", branch: "main", paths }] },
      alert: stale,
    });
    const { diagnosis } = await diagnosed(stage);
    assert.deepEqual(diagnosis.suspects, []);
    assert.ok(
      diagnosis.notes?.some((note) => note.includes("what landed after it does not run there")),
      diagnosis.notes?.join("\n"),
    );
  },
}));
