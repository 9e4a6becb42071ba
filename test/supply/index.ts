import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Budget, faultsOf, installedBy, type Lock } from "./lockfile.ts";
import { secretsIn } from "./secrets.ts";
import { signaturesFrom } from "./signatures.ts";

/** `npm run supply` calls this: dependencies within their budget, no secret in the repository, and the registry's signatures where it answers. */
const text = (path: string): string => readFileSync(path, "utf8");
const manifest = JSON.parse(text("package.json"));
const lock = JSON.parse(text("package-lock.json")) as Lock;
const budget = JSON.parse(text(".ci/dependencies.json")) as Budget;
const files = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0").filter(Boolean);

const faults = [...faultsOf(manifest, lock, budget), ...files.flatMap((path) => secretsIn(path, text(path)))];
const counts = `${Object.keys(manifest.dependencies).length} direct, ${installedBy(lock).length} installed`;
console.log(`production dependencies: ${counts}; ${files.length} files looked through for secrets`);

if (!process.argv.includes("--offline")) {
  const npm = spawnSync("npm", ["audit", "signatures", "--fetch-retries=0"], {
    ...{ encoding: "utf8", timeout: 120_000 },
    env: { ...process.env, npm_config_loglevel: "error" },
  });
  const { is, told } = signaturesFrom(npm.status, `${npm.stdout}\n${npm.stderr}`);
  if (is === "refused") faults.push(told);
  const head =
    is === "unknown"
      ? "THE SIGNATURES OF THE PACKAGES WERE NOT CHECKED: nobody could tell"
      : `signatures: ${is}`;
  console.log(`${head}\n${told.replaceAll(/^/gm, "  ")}`);
}
if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
}
