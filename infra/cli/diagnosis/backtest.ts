import { writeFile } from "node:fs/promises";
import { verdictOn } from "../../../shared/diagnosis/rank.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { saidOf, UsageError } from "../../host/errors.ts";
import { type Fitted, fitCalibration, leastCases } from "../../train/calibrate.ts";
import { type Figures, figuresOf, printFigures, type Result } from "../../train/figures.ts";
import type { Known } from "../../train/read-cases.ts";
import { readCases } from "../../train/read-cases.ts";
import { minedCases } from "./find-reverts.ts";
import { recommendation } from "./recommendation.ts";

const help = `usage: npm run --silent cli -- backtest (--cases FILE[.gz] [--kinds KIND,…] | --repo DIR [--paths PATH,…]) [--calibrate FILE] [--json]

Measures how often the diagnosis would have been right, and at which confidence. It ends with the mode that this supports.
  --cases   cases whose culprit is known, one line of JSON each; --kinds keeps those of a kind, such as incident
  --repo    a git clone: each revert in its history is replayed as of that moment; --paths keeps a part of a monorepo
  --calibrate  fits the two numbers of your own calibration and writes them to FILE, as YAML for the policy of your services
Exit codes: 0 done, 1 a line, the file or the repository could not be read, or there was nothing to replay, 2 wrong usage.`;

const options = {
  cases: { type: "string" },
  kinds: { type: "string" },
  repo: { type: "string" },
  paths: { type: "string" },
  calibrate: { type: "string" },
  json: { type: "boolean" },
} as const;
type Options = {
  cases?: string;
  repo?: string;
  paths: string[];
  kinds: string[];
  calibrate?: string;
  json?: boolean;
};
/** Cases between two words about how far it is. */
const shownEvery = 10;
/** Reports name the repositories with most cases. */
const shownGroups = 20;

/** `backtest`: replays cases whose culprit is known, from a file or from a repository's own reverts. */
export const backtest = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand({ name: "backtest", help, options }, { argv, io }, ({ values }) => {
    const { cases, repo } = values;
    if ((cases === undefined) === (repo === undefined)) throw new UsageError("give either --cases or --repo");
    return replayAll({ ...values, paths: split(values.paths), kinds: split(values.kinds) }, io);
  });

const replayAll = async (
  { cases, repo = "", paths, kinds, calibrate, json = false }: Options,
  io: Io,
): Promise<number> => {
  const problems: string[] = [];
  const results: Result[] = [];
  const unbarred: Result[] = [];
  try {
    const source = cases === undefined ? minedCases(repo, paths) : fromFile(cases, problems);
    for await (const known of source) {
      if (kinds.length > 0 && !kinds.includes(known.kind)) continue;
      results.push(replay(known));
      if (results.length % shownEvery === 0) io.progress?.(`${results.length} cases replayed`);
      if (calibrate !== undefined) unbarred.push(replay(withoutBar(known)));
    }
  } catch (error) {
    io.progress?.("");
    for (const problem of problems) io.err(`${problem}\n`);
    const said = saidOf(error);
    io.err(`${said.includes(cases ?? repo) ? said : `${cases ?? repo}: ${said}`}\n`);
    return 1;
  }
  io.progress?.("");
  for (const problem of problems) io.err(`${problem}\n`);
  if (results.length === 0) {
    io.err("nothing to replay: no case with a known culprit among its candidates\n");
    return 1;
  }
  const fitted = calibrate === undefined ? undefined : fitCalibration(unbarred);
  io.out(`${report(results, { json, ...(fitted && { fitted }) })}\n`);
  if (calibrate !== undefined && !(await wasWritten(calibrate, { fitted, cases: results.length, json }, io)))
    return 1;
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

/** A calibration counts before the bar of words, so it is fitted on what that bar has not drawn together. */
const withoutBar = (known: Known): Known => ({ ...known, given: { ...known.given, textBar: 1 } });

const replay = ({ group, given, culprit }: Known): Result => {
  const { ranked } = verdictOn(given).verdict;
  const without = verdictOn({
    ...given,
    commits: given.commits.filter(({ sha }) => sha !== culprit),
  }).verdict;
  const newest = given.commits.toSorted((a, b) => b.at - a.at);
  return {
    group,
    chosen: newest.findIndex(({ sha }) => sha === culprit),
    place: ranked.findIndex(({ commit }) => commit.sha === culprit),
    p: ranked[0]?.p ?? 0,
    free: without.ranked[0]?.p ?? 0,
  };
};

type Told = { fitted: Fitted | undefined; cases: number; json: boolean };

/** Writes the numbers to FILE and says what they are worth. Nothing is written when there are too few cases. */
const wasWritten = async (file: string, { fitted, cases, json }: Told, io: Io): Promise<boolean> => {
  if (fitted === undefined) {
    io.err(`${file} is not written: ${cases} cases are too few to calibrate on, ${leastCases} are needed\n`);
    return false;
  }
  try {
    await writeFile(file, yamlOf(fitted));
  } catch (error) {
    io.err(`${file} cannot be written: ${saidOf(error)}\n`);
    return false;
  }
  if (!json) io.out(`${worthOf(fitted, file)}\n`);
  return true;
};

const yamlOf = ({ calibration: { scale, shift }, cases }: Fitted): string =>
  `# Fitted by backtest on ${cases} cases. It belongs under the policy of a service, or of \`defaults\`.
calibration: { scale: ${scale}, shift: ${shift} }
`;

const two = (value: number): string => value.toFixed(3).replace(/^0/, "");
const worthOf = ({ calibration: { scale, shift }, before, after, safe }: Fitted, file: string): string =>
  [
    `calibration: scale ${scale}, shift ${shift}, written to ${file}`,
    `  calibration error ${two(before)} before, ${two(after)} on cases that the fit did not see; three of ten troubles count as nobody's`,
    safe === undefined
      ? "  no bar is safe: at every bar that at least 20 reach, fewer than 95 % were right. Leave the mode at approve"
      : `  at least 95 % are right from the calibrated probability ${two(safe.bar)} on, which ${two(safe.share)} reach: no lower policy.autoConfidence is safe`,
  ].join("\n");

const report = (results: Result[], { json, fitted }: { json: boolean; fitted?: Fitted }): string => {
  const groups = [...Map.groupBy(results, ({ group }) => group)]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([group, some]): [string, Figures] => [group, figuresOf(some)]);
  if (json)
    return JSON.stringify({
      ...{ ...figuresOf(results), repositories: Object.fromEntries(groups) },
      recommendation: recommendation(figuresOf(results)),
      ...(fitted !== undefined && { calibrated: fitted }),
    });
  const lines = groups
    .slice(0, shownGroups)
    .map(
      ([group, { cases, top1, top5, mrr }]) =>
        `${group}: ${cases} cases, top-1 ${top1.toFixed(2)}, top-5 ${top5.toFixed(2)}, MRR ${mrr.toFixed(2)}`,
    );
  const figures = figuresOf(results);
  return [printFigures("all", figures), ...lines, `recommendation: ${recommendation(figures)}`].join("\n");
};

const split = (text: string | undefined): string[] => (text ?? "").split(",").filter((part) => part !== "");
