import { join } from "node:path";
import { initialize } from "./git.ts";
import { gitSync } from "./git-runner.ts";

/** A bare repository with a bad commit among good ones; `culprit` is the one to blame. */
export type BareShop = { bare: string; culprit: string; git: (...args: string[]) => string };

const rates = (yen: string): string => `export const digits = { EUR: 2, USD: 2, ${yen} };\n`;
/** Oldest first: message, files, minutes ago. */
const past: [string, Record<string, string>, number][] = [
  ["Start the shop", { "src/rates.js": rates("JPY: 0"), "src/cart.js": "export const cart = [];\n" }, 600],
  ["Keep carts for a day", { "src/cart.js": "export const cart = [];\nexport const days = 1;\n" }, 300],
  ["Give every currency two digits, JPY payments too", { "src/rates.js": rates("JPY: 2") }, 10],
  ["Explain carts", { "docs/cart.md": "A cart lasts a day.\n" }, 8],
  [
    "Log slow carts",
    { "src/cart.js": "export const cart = [];\nexport const days = 1;\nexport const slow = 500;\n" },
    5,
  ],
];

export const bareShop = (dir: string): BareShop => {
  const bare = join(dir, "shop.git");
  const run = (args: string[], input = ""): string => gitSync(dir, args, { input }).toString().trim();
  const git = (...args: string[]): string => run(["--git-dir", bare, ...args]);
  initialize(bare);
  run(["--git-dir", bare, "fast-import", "--quiet"], past.map(imported).join("\n"));
  return { bare, culprit: git("rev-parse", "main~2"), git };
};

/** One commit of main as `git fast-import` reads it. */
const imported = ([message, files, minutesAgo]: (typeof past)[number]): string =>
  [
    "commit refs/heads/main",
    `committer Ann <ann@example.com> ${Math.floor(Date.now() / 1000) - minutesAgo * 60} +0000`,
    data(message),
    ...Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`),
  ].join("\n");
const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}`;
