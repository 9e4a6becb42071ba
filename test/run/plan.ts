import { globSync } from "node:fs";
import { isAbsolute, join } from "node:path";

export const root = join(import.meta.dirname, "../..");

/** Folders of quick tests: they share one process, and `npm run check` runs only these. */
const quick = [
  "config",
  "docs",
  "incident",
  "limits",
  "loop",
  "mutants",
  "policy",
  "prose",
  "receivers",
  "remedy",
  "structure",
  "text",
];
/** Further folders whose files share a process, a process a row, the longest first: each file alone would start Node and read the program anew. */
const grouped = [
  ["ordinary"],
  ["aws"],
  ["field"],
  ["cli", "release"],
  ["server"],
  ["diagnosis", "promql"],
  ["sandbox", "simulation"],
  ["adapters"],
  ["demo"],
  ["git", "contract", "power", "soak"],
];
/** Files that stay apart: they wait long for real servers, or change what belongs to the whole process. */
const alone = [
  "server/crash",
  "demo/kill",
  "aws/kill",
  "aws/package",
  "aws/calls",
  "aws/metric-lines",
  "aws/trace",
  "adapters/dynamodb",
  "adapters/log.",
  "adapters/sqlite",
  "adapters/alertmanager-real",
  "field/verify.",
  "field/real-victoria",
];
/** Files that stay apart and take long, the longest first: they start before all others, so that none is left alone at the end. */
const longest = [
  "server/crash",
  "ordinary/lifecycle-aws",
  "demo/kill",
  "field/verify.",
  "field/real-victoria",
  "aws/kill",
  "adapters/prometheus-real",
];

export type Plan = {
  /** Files of which each is a process of its own, in the order of their start. */
  early: string[];
  late: string[];
  /** Files that share a process, process by process. */
  together: string[][];
};

/** `quick` means the quick tests, a path in the repository or below `test/` the files under it, and nothing every test. */
export const planOf = (wanted: string[]): Plan => {
  const all = globSync("test/**/*.test.ts", { cwd: root }).sort();
  const unknown = wanted.filter((path) => !isAbsolute(path) && !all.some(isWanted([path])));
  if (unknown.length > 0) throw new Error(`no test file is below ${unknown.join(", ")}`);
  const files = all.filter(isWanted(wanted));
  const together = [quick, ...grouped].map((folders) => files.filter((file) => isIn(folders, file)));
  const apart = files.filter((file) => !together.flat().includes(file));
  return {
    early: apart.filter((file) => rankOf(file) >= 0).toSorted((a, b) => rankOf(a) - rankOf(b)),
    together,
    late: [...apart.filter((file) => rankOf(file) < 0), ...wanted.filter(isAbsolute)],
  };
};

const isWanted =
  (wanted: string[]) =>
  (file: string): boolean =>
    wanted.length === 0 ||
    wanted.some((path) =>
      path === "quick" ? isQuick(file) : file.startsWith(path) || file.startsWith(`test/${path}`),
    );
const isQuick = (file: string): boolean => isIn(quick, file);
const isIn = (folders: string[], file: string): boolean =>
  folders.some((folder) => file.startsWith(`test/${folder}/`)) &&
  ![...alone, ...longest].some((name) => file.startsWith(`test/${name}`));
const rankOf = (file: string): number => longest.findIndex((name) => file.startsWith(`test/${name}`));
