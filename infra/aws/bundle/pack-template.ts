import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretsOf } from "../secrets.ts";
import { bundle } from "./bundle.ts";
import { placeholder, placeholders, plainTemplate, type Template } from "./plain-template.ts";

const root = join(import.meta.dirname, "../../..");
const osls = join(root, "node_modules/osls/bin/serverless.js");

/** Has osls keep its compiled checks beside itself: to make them anew costs half of a packaging. */
export const oslsCache = {
  SLS_SCHEMA_CACHE_BASE_DIR: join(root, "node_modules/.cache/osls"),
  ...(process.env.NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
};

/**
 * Writes the plain template and the packages that it names to `out`, of the serverless.yml in `place`. The packages hold code alone, so the
 * same ones serve every stage.
 */
export const packTemplate = async (place: string, out: string): Promise<void> => {
  const names = Object.keys(secretsOf);
  const dist = join(place, "dist");
  rmSync(dist, { recursive: true, force: true });
  await bundle(names, dist);
  const work = join(place, ".serverless-template");
  rmSync(work, { recursive: true, force: true });
  const packaging = spawnSync(
    process.execPath,
    [osls, "package", "--stage", placeholder("Stage"), "--package", work],
    {
      cwd: place,
      env: { PATH: process.env.PATH, HOME: join(work, "home"), ...oslsCache, ...placeholders() },
      encoding: "utf8",
    },
  );
  if (packaging.status !== 0) throw new Error(`osls package failed: ${packaging.stdout}${packaging.stderr}`);
  const packaged: Template = JSON.parse(
    readFileSync(join(work, "cloudformation-template-update-stack.json"), "utf8"),
  );
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "countersteer.json"), `${JSON.stringify(plainTemplate(packaged), undefined, 1)}\n`);
  for (const name of names) renameSync(join(work, `${name}.zip`), join(out, `${name}.zip`));
  rmSync(work, { recursive: true, force: true });
};
