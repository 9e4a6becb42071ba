import { readFileSync } from "node:fs";
import type { Plugin } from "esbuild";

/** The parts of GitHub's API that the adapter calls by Octokit's methods. */
export const scopes: readonly string[] = [
  "actions",
  "apps",
  "checks",
  "git",
  "issues",
  "pulls",
  "repos",
  "teams",
  "users",
];

/** Octokit's table of GitHub's endpoints without the parts that nobody calls. */
export const usedEndpoints: Plugin = {
  name: "used-endpoints",
  setup: ({ onLoad }) => {
    onLoad({ filter: /plugin-rest-endpoint-methods\/dist-src\/generated\/endpoints\.js$/ }, ({ path }) => ({
      contents: onlyUsed(readFileSync(path, "utf8")),
      loader: "js",
    }));
  },
};

/** The module without the properties of its one object that are not used: each begins and ends on a line of its own. */
export const onlyUsed = (module: string): string =>
  module.replace(/^ {2}(\w+): \{\n[\s\S]*?^ {2}\},?\n/gm, (part, scope: string) =>
    scopes.includes(scope) ? part : "",
  );
