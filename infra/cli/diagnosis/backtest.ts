import { parseArgs } from "node:util";
import { judge } from "../../../shared/diagnosis/judge.ts";
import { type Figures, figuresOf, type Result, tell } from "../../train/figures.ts";
import type { Known } from "../../train/read-cases.ts";
import { readCases } from "../../train/read-cases.ts";
import { minedCases } from "./find-reverts.ts";

const usage =
  "usage: npm run --silent cli -- backtest (--cases FILE[.gz] [--kinds KIND,…] | --repo DIR [--paths PATH,…]) [--json]";
const help = `${usage}

How often the diagnosis would have been right, and at which confidence.
  --cases   cases whose culprit is known, one line of JSON each; --kinds keeps those of a kind, such as incident
  --repo    a git clone: each revert in its history is replayed as of that moment; --paths keeps a part of a monorepo
Exit codes: 0 done, 1 a line, the file or the repository could not be read, or there was nothing to replay, 2 wrong usage.`;

type Options = { cases?: string; repo?: string; paths: string[]; kinds: string[]; json: boolean };
/** Reports name the repositories with most cases. */
const shownGroups = 20;

/** `backtest`: replays cases whose culprit is known, from a file or from a repository's own reverts. */
export const backtest = async (argv: string[]): Promise<number> => {
  const options = optionsOf(argv);
  if (typeof options === "number") return options;
  const problems: string[] = [];
  const results: Result[] = [];
  try {
    const source =
      options.cases === undefined
        ? minedCases(options.repo!, options.paths)
        : fromFile(options.cases, problems);
    for await (const known of source)
      if (options.kinds.length === 0 || options.kinds.includes(known.kind)) results.push(replay(known));
  } catch (error) {
    problems.push(`${options.cases ?? options.repo}: ${(error as Error).message}`);
  }
  for (const problem of problems) console.error(problem);
  if (results.length === 0) {
    console.error("nothing to replay: no case with a known culprit among its candidates");
    return 1;
  }
  report(results, options.json);
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

const report = (results: Result[], json: boolean): void => {
  const groups = [...Map.groupBy(results, ({ group }) => group)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([group, some]): [string, Figures] => [group, figuresOf(some)]);
  if (json) {
    console.log(JSON.stringify({ ...figuresOf(results), repositories: Object.fromEntries(groups) }));
    return;
  }
  console.log(tell("all", figuresOf(results)));
  for (const [group, { cases, top1, top5, mrr }] of groups.slice(0, shownGroups))
    console.log(
      `${group}: ${cases} cases, top-1 ${top1.toFixed(2)}, top-5 ${top5.toFixed(2)}, MRR ${mrr.toFixed(2)}`,
    );
};

const optionsOf = (argv: string[]): Options | number => {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...{ cases: { type: "string" }, kinds: { type: "string" }, repo: { type: "string" } },
        ...{ paths: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    const { cases, repo } = values;
    if ((cases === undefined) === (repo === undefined)) throw new Error("give either --cases or --repo");
    return {
      ...(cases === undefined ? {} : { cases }),
      ...(repo === undefined ? {} : { repo }),
      ...{ paths: split(values.paths), kinds: split(values.kinds), json: values.json ?? false },
    };
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
};

const split = (text: string | undefined): string[] => (text ?? "").split(",").filter((part) => part !== "");
