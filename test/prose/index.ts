import { globSync, readFileSync } from "node:fs";
import { readSources } from "../structure/syntax.ts";
import { commentsOf, type Passage } from "./comments.ts";
import { passagesOf } from "./markdown.ts";
import { faultsOf } from "./wording.ts";

/** `npm run lint` calls this: it prints the sentences in comments and pages that a newcomer must read twice. */
const code = ["functions/**/*.ts", "shared/**/*.ts", "infra/**/*.ts", "test/**/*.ts"];
const pages = ["README.md", "CONTRIBUTING.md", "docs/**/*.md", "{functions,shared,infra,test}/**/README.md"];

const read = (patterns: string[]): Map<string, string> => {
  const paths = globSync(patterns, { exclude: ["test/fixtures/**"] }).sort();
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
};

const passages: [path: string, found: Passage[]][] = [
  ...readSources(read(code), (_, file) => commentsOf(file)),
  ...[...read(pages)].map(([path, text]): [string, Passage[]] => [path, passagesOf(text)]),
];
const faults = passages.flatMap(([path, found]) =>
  found.flatMap(faultsOf).map(({ line, text }) => `${path}:${line}: ${text}`),
);

if (faults.length > 0) {
  console.error(faults.join("\n"));
  console.error("\nBegin a sentence with the name of a thing. Write “is not a YAML file” for “is no YAML”.");
  process.exitCode = 1;
}
