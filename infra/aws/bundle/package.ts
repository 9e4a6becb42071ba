import { spawnSync } from "node:child_process";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");
const allowExample = "--allow-example";

/** Builds, then has osls write the template and the zips. Options are those of osls, and `--allow-example`. Returns the exit code. */
const main = (options: string[]): number => {
  const run = (file: string, args: string[]): number =>
    spawnSync(process.execPath, [join(root, file), ...args], { cwd: root, stdio: "inherit" }).status ?? 1;
  const allowed = options.filter((option) => option === allowExample);
  const built = run("infra/aws/bundle/build.ts", allowed);
  if (built !== 0) return built;
  const rest = options.filter((option) => option !== allowExample);
  return run("node_modules/osls/bin/serverless.js", ["package", ...rest]);
};

process.exitCode = main(process.argv.slice(2));
