import { globSync } from "node:fs";
import { isAbsolute, join, matchesGlob } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Folders of quick tests: they share one process, and `npm run check` runs only these. */
const quick = [
  "config",
  "docs",
  "incident",
  "loop",
  "policy",
  "prose",
  "receivers",
  "remedy",
  "structure",
  "text",
];
/** Tests that mostly wait, the longest first: they start before those that compute. */
const waiting = ["server/crash", "demo/kill", "adapters/prometheus-real", "demo/", "aws/kill", "server/"];

export type Plan = {
  /** Files of which each is a process of its own, in the order of their start. */
  early: string[];
  late: string[];
  /** Files that share a process. */
  together: string[];
};

/** `quick` means the quick tests, a path in the repository the files under it, and nothing every test. */
export const planOf = (wanted: string[]): Plan => {
  const files = globSync("test/**/*.test.ts", { cwd: root }).sort().filter(isWanted(wanted));
  const apart = files.filter((file) => !isQuick(file));
  return {
    early: apart.filter((file) => rankOf(file) >= 0).toSorted((a, b) => rankOf(a) - rankOf(b)),
    together: files.filter(isQuick),
    late: [...apart.filter((file) => rankOf(file) < 0), ...wanted.filter(isAbsolute)],
  };
};

const isWanted =
  (wanted: string[]) =>
  (file: string): boolean =>
    wanted.length === 0 || wanted.some((path) => (path === "quick" ? isQuick(file) : file.startsWith(path)));
const isQuick = (file: string): boolean => matchesGlob(file, `test/{${quick.join()}}/**`);
const rankOf = (file: string): number => waiting.findIndex((name) => file.startsWith(`test/${name}`));
