import type { ParseArgsConfig } from "node:util";
import type { CommandLine, Parsed } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";

const help = `usage: npm run --silent cli -- revert OWNER/REPO SHA… [options]

Opens the pull request that takes a change back: what git revert would have made of it, or nothing. A merge
commit goes back to its first parent; the commits of a pull request merged by rebase go back together. Each SHA
gets a pull request of its own.

  --together     one pull request for exactly these SHAs
  --range A..B   one pull request for everything B has that A has not (A: deployed before, B: deployed now)
  --onto BRANCH  the branch it goes to (default: the repository's); where a SHA is not on it, the commit
                 there that was picked from it, by its trailer or by the same patch
  --paths P      only what the change did below P; may be repeated
  --without P    not what the change did to the file P, such as a lock file; may be repeated
  --reland       instead, a draft that brings a reverted change back on top of its revert
  --dry-run      writes nothing and prints the diff
  --json         one JSON object a line for each SHA
  --help         this text

GITHUB_TOKEN authenticates, GITHUB_API_URL is where (default: https://api.github.com).
Exit codes: 0 open or would be, 1 not all of them, 2 wrong usage.
`;

const options = {
  range: { type: "string" },
  onto: { type: "string" },
  paths: { type: "string", multiple: true },
  without: { type: "string", multiple: true },
  together: { type: "boolean", default: false },
  reland: { type: "boolean", default: false },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} satisfies ParseArgsConfig["options"];

export const commandLine = { name: "revert", help, options, positionals: true } satisfies CommandLine<
  typeof options
>;

export type Asked = {
  repository: string;
  /** Each is one pull request, of one change or more. */
  reverts: ({ shas: [string, ...string[]]; exact?: true } | { range: [string, string] })[];
  onto?: string;
  paths: string[];
  without: string[];
  reland: boolean;
  dryRun: boolean;
  json: boolean;
};

/** The arguments as one question. Throws UsageError with one sentence about the first that is wrong. */
export const readOptions = ({ values, positionals }: Parsed<typeof options>): Asked => {
  const [repository, ...names] = positionals;
  if (repository === undefined || !/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new UsageError(
      `the first argument is the repository, OWNER/REPO${repository === undefined ? "" : `, not ${JSON.stringify(repository)}`}`,
    );
  const wrong = names.find((name) => !/^[0-9a-f]{7,40}$/i.test(name));
  if (wrong !== undefined)
    throw new UsageError(`${JSON.stringify(wrong)} is not a commit id of 7 to 40 hexadecimal digits`);
  const [range, from = "", to = ""] = /^([\w./-]+)\.\.([\w./-]+)$/.exec(values.range ?? "") ?? [];
  if (values.range !== undefined && (!range || from.endsWith(".") || to.startsWith(".")))
    throw new UsageError(`--range takes A..B, not ${JSON.stringify(values.range)}`);
  if (!range && names.length === 0) throw new UsageError("give at least one commit id, or --range A..B");
  if (range && names.length > 0) throw new UsageError("give commit ids or --range A..B, not both");
  if (values.without && (values.reland || range))
    throw new UsageError("--without goes with commit ids that go back");
  if (range && values.reland) throw new UsageError("--reland goes with commit ids");
  const shas = [...new Set(names.map((name) => name.toLowerCase()))];
  const [first, ...others] = shas;
  return {
    repository,
    reverts: range
      ? [{ range: [from, to] }]
      : values.together && first !== undefined
        ? [{ shas: [first, ...others], exact: true }]
        : shas.map((sha) => ({ shas: [sha] })),
    ...(values.onto !== undefined && { onto: values.onto }),
    paths: (values.paths ?? []).flatMap((text) => text.split(",")).filter((path) => path !== ""),
    without: values.without ?? [],
    reland: values.reland,
    dryRun: values["dry-run"],
    json: values.json,
  };
};
