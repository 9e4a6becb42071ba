import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A bare repository with a bad commit among good ones; `culprit` is the one to blame. */
export type BareShop = { bare: string; culprit: string; git: (...args: string[]) => string };

const rates = (yen: string): string => `export const digits = { EUR: 2, USD: 2, ${yen} };\n`;

export const bareShop = (dir: string): BareShop => {
  const bare = join(dir, "shop.git");
  const work = join(dir, "work");
  const run = (cwd: string, args: string[], at = Date.now()): string =>
    execFileSync("git", args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...{ PATH: process.env.PATH ?? "", GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" },
        ...{
          GIT_AUTHOR_NAME: "Ann",
          GIT_AUTHOR_EMAIL: "ann@example.com",
          GIT_COMMITTER_NAME: "Ann",
          GIT_COMMITTER_EMAIL: "ann@example.com",
        },
        ...{
          GIT_AUTHOR_DATE: `${Math.floor(at / 1000)} +0000`,
          GIT_COMMITTER_DATE: `${Math.floor(at / 1000)} +0000`,
        },
      },
    }).trim();
  run(dir, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
  run(dir, ["clone", "--quiet", bare, work]);
  const minute = 60_000;
  const commit = (message: string, files: Record<string, string>, minutesAgo: number): string => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      writeFileSync(join(work, path), text);
    }
    run(work, ["add", "--all"]);
    run(work, ["commit", "--quiet", "-m", message], Date.now() - minutesAgo * minute);
    return run(work, ["rev-parse", "HEAD"]);
  };
  commit(
    "Start the shop",
    { "src/rates.js": rates("JPY: 0"), "src/cart.js": "export const cart = [];\n" },
    600,
  );
  commit("Keep carts for a day", { "src/cart.js": "export const cart = [];\nexport const days = 1;\n" }, 300);
  const culprit = commit(
    "Give every currency two digits, JPY payments too",
    { "src/rates.js": rates("JPY: 2") },
    10,
  );
  commit("Explain carts", { "docs/cart.md": "A cart lasts a day.\n" }, 8);
  commit(
    "Log slow carts",
    { "src/cart.js": "export const cart = [];\nexport const days = 1;\nexport const slow = 500;\n" },
    5,
  );
  run(work, ["push", "--quiet", "origin", "main"]);
  return { bare, culprit, git: (...args) => run(bare, args) };
};
