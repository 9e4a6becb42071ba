import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { day, diagnosed, hour, type Landing, minute, repository, shop } from "./shop.ts";

const landings: Landing[] = [
  { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day },
  { message: "prices: cache for an hour", files: { "src/prices.js": "3600\n" }, ago: 12 * day },
  { message: "prices: cache for a day", files: { "src/prices.js": "86400\n" }, ago: 3 * hour },
];
const alert = { name: "PricesStale", annotations: { summary: "prices are a day old, the cache holds them" } };

/** Ids do not depend on the folder, so the images can name them before the repository is served. */
const shas = (() => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-declared-"));
  const { shaOf } = repository(dir, "shop", landings);
  const [old, fresh] = [shaOf("prices: cache for an hour"), shaOf("prices: cache for a day")];
  rmSync(dir, { recursive: true });
  return { old, fresh };
})();

const kustomization = (sha: string): string =>
  `images:\n  - name: ghcr.io/acme/payments\n    newTag: main-${sha.slice(0, 9)}\n`;
const values = (sha: string): string => `image:\n  repository: ghcr.io/acme/payments\n  tag: ${sha}\n`;

const layouts: [string, string, string, string[], (sha: string) => string][] = [
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

for (const [what, production, staging, paths, file] of layouts)
  test(`what production does not declare is not a candidate there: ${what}`, async (t) => {
    const stage = await shop(t, {
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
      alert,
    });
    const { diagnosis } = await diagnosed(stage);
    assert.deepEqual(diagnosis.suspects, []);
    assert.ok(
      diagnosis.notes?.some((note) => note.includes("what landed after it does not run there")),
      diagnosis.notes?.join("\n"),
    );
  });

test("what a bump of production brought is a candidate, live since the bump", async (t) => {
  const [, production, staging] = layouts[0] ?? ["", "", ""];
  const stage = await shop(t, {
    landings,
    gitops: [
      {
        message: "start of config",
        files: { [production ?? ""]: kustomization(shas.old), [staging ?? ""]: kustomization(shas.old) },
        ago: 11 * day,
      },
      { message: "staging: new image", files: { [staging ?? ""]: kustomization(shas.fresh) }, ago: hour },
      {
        message: "production: new image",
        files: { [production ?? ""]: kustomization(shas.fresh) },
        ago: 6 * minute,
      },
    ],
    configured: { gitops: [{ repository: "acme/config", branch: "main", paths: ["apps/pay/"] }] },
    alert,
  });
  const { diagnosis } = await diagnosed(stage);
  const [first] = diagnosis.suspects;
  assert.equal(first?.title, "prices: cache for a day");
  assert.equal(first?.change?.deploy?.at, stage.state.now - 6 * minute);
  assert.equal(diagnosis.remedies[0]?.in, "gitops");
});
