import { judge } from "../../../shared/diagnosis/judge.ts";
import { messageOf } from "../../../shared/errors.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { type Figures, figuresOf, printFigures, type Result } from "../../train/figures.ts";
import type { Known } from "../../train/read-cases.ts";
import { readCases } from "../../train/read-cases.ts";
import { minedCases } from "./find-reverts.ts";

const help = `usage: npm run --silent cli -- backtest (--cases FILE[.gz] [--kinds KIND,…] | --repo DIR [--paths PATH,…]) [--json]

How often the diagnosis would have been right, and at which confidence.
  --cases   cases whose culprit is known, one line of JSON each; --kinds keeps those of a kind, such as incident
  --repo    a git clone: each revert in its history is replayed as of that moment; --paths keeps a part of a monorepo
Exit codes: 0 done, 1 a line, the file or the repository could not be read, or there was nothing to replay, 2 wrong usage.`;

const options = {
  cases: { type: "string" },
  kinds: { type: "string" },
  repo: { type: "string" },
  paths: { type: "string" },
  json: { type: "boolean" },
} as const;
type Options = { cases?: string; repo?: string; paths: string[]; kinds: string[]; json?: boolean };
/** Reports name the repositories with most cases. */
const shownGroups = 20;

/** `backtest`: replays cases whose culprit is known, from a file or from a repository's own reverts. */
export const backtest = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand({ name: "backtest", help, options }, { argv, io }, ({ values }) => {
    const { cases, repo } = values;
    if ((cases === undefined) === (repo === undefined)) throw new UsageError("give either --cases or --repo");
    return replayAll({ ...values, paths: split(values.paths), kinds: split(values.kinds) }, io);
  });

const replayAll = async ({ cases, repo = "", paths, kinds, json }: Options, io: Io): Promise<number> => {
  const problems: string[] = [];
  const results: Result[] = [];
  try {
    const source = cases === undefined ? minedCases(repo, paths) : fromFile(cases, problems);
    for await (const known of source)
      if (kinds.length === 0 || kinds.includes(known.kind)) results.push(replay(known));
  } catch (error) {
    problems.push(`${cases ?? repo}: ${messageOf(error)}`);
  }
  for (const problem of problems) io.err(`${problem}\n`);
  if (results.length === 0) {
    io.err("nothing to replay: no case with a known culprit among its candidates\n");
    return 1;
  }
  io.out(`${report(results, json ?? false)}\n`);
  return problems.length > 0 ? 1 : 0;
};

async function* fromFile(file: string, problems: string[]): AsyncGenerator<Known> {
  for await (const line of readCases(file)) {
    if ("problem" in line) {
      problems.push(`${file}:${line.number}: ${line.problem}`);
      continue;
    }
    const { read, raw } = line;
    if (!read.given.commits.some(({ sha }) => sha === raw.culprit)) {
      problems.push(`${file}:${line.number}: its culprit is not among its candidates`);
      continue;
    }
    const group = String(raw.repo ?? "");
    yield { group, kind: String(raw.kind ?? ""), given: read.given, culprit: String(raw.culprit) };
  }
}

const replay = ({ group, given, culprit }: Known): Result => {
  const { ranked } = judge(given);
  const without = judge({ ...given, commits: given.commits.filter(({ sha }) => sha !== culprit) });
  const newest = given.commits.toSorted((a, b) => b.at - a.at);
  return {
    group,
    chosen: newest.findIndex(({ sha }) => sha === culprit),
    place: ranked.findIndex(({ commit }) => commit.sha === culprit),
    p: ranked[0]?.p ?? 0,
    free: without.ranked[0]?.p ?? 0,
  };
};

const report = (results: Result[], json: boolean): string => {
  const groups = [...Map.groupBy(results, ({ group }) => group)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([group, some]): [string, Figures] => [group, figuresOf(some)]);
  if (json) return JSON.stringify({ ...figuresOf(results), repositories: Object.fromEntries(groups) });
  const lines = groups
    .slice(0, shownGroups)
    .map(
      ([group, { cases, top1, top5, mrr }]) =>
        `${group}: ${cases} cases, top-1 ${top1.toFixed(2)}, top-5 ${top5.toFixed(2)}, MRR ${mrr.toFixed(2)}`,
    );
  return [printFigures("all", figuresOf(results)), ...lines].join("\n");
};

const split = (text: string | undefined): string[] => (text ?? "").split(",").filter((part) => part !== "");
