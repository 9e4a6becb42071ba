import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { day, hour, type Landing, repository } from "./shop.ts";

/** A service whose prices go stale once its cache holds them for a day. */
export const landings: Landing[] = [
  { message: "start", files: { "README.md": "shop\n" }, ago: 40 * day },
  { message: "prices: cache for an hour", files: { "src/prices.js": "3600\n" }, ago: 12 * day },
  { message: "prices: cache for a day", files: { "src/prices.js": "86400\n" }, ago: 3 * hour },
];
export const stale = {
  name: "PricesStale",
  annotations: { summary: "prices are a day old, the cache holds them" },
};

/** The commits before and after. Ids do not depend on the folder, so images can name them before the repository is served. */
export const shas = (() => {
  const dir = mkdtempSync(join(tmpdir(), "countersteer-prices-"));
  const { shaOf } = repository(dir, "shop", landings);
  const [old, fresh] = [shaOf("prices: cache for an hour"), shaOf("prices: cache for a day")];
  rmSync(dir, { recursive: true });
  return { old, fresh };
})();

export const kustomization = (sha: string): string =>
  `images:\n  - name: ghcr.io/acme/payments\n    newTag: main-${sha.slice(0, 9)}\n`;
export const values = (sha: string): string => `image:\n  repository: ghcr.io/acme/payments\n  tag: ${sha}\n`;
