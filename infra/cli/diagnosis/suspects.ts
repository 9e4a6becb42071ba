import { parseArgs } from "node:util";
import { notesOf, reasonsOf } from "../../../shared/diagnosis/explain/reasons.ts";
import { judge, type Verdict } from "../../../shared/diagnosis/judge.ts";
import { readCases } from "../../train/read-cases.ts";

const usage = "usage: npm run --silent cli -- suspects --cases FILE[.gz]";
const help = `${usage}

Ranks the candidates of each case: one line of JSON in, one out: {"id","none","ranked":[{"sha","p","reasons"}]}.
A case holds id, at (epoch ms) and candidates [{sha, at, subject, body, files, patch?}], newest first, and may hold symptom,
service, servicePaths, dependsOn, deploys, logs, series and flags. The probabilities and none sum to 1.
Exit codes: 0 every line was ranked, 1 a line or the file could not be read, 2 wrong usage.`;

/** Candidates that are told with their reasons; the rest only with their probability. */
const explained = 50;

/** `suspects --cases FILE`: ranks every case of a file. */
export const suspects = async (argv: string[]): Promise<number> => {
  const file = fileOf(argv);
  if (typeof file === "number") return file;
  let failed = 0;
  // Whoever read the pipe has seen enough.
  process.stdout.once("error", () => process.exit(0));
  try {
    for await (const line of readCases(file)) {
      if ("problem" in line) {
        failed++;
        console.error(`${file}:${line.number}: ${line.problem}`);
        continue;
      }
      await write(`${JSON.stringify({ id: line.read.id, ...answer(judge(line.read.given)) })}\n`);
    }
  } catch (error) {
    console.error(`${file}: ${(error as Error).message}`);
    return 1;
  }
  return failed > 0 ? 1 : 0;
};

const fileOf = (argv: string[]): string | number => {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { cases: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    if (values.cases === undefined) throw new Error("give a file with --cases");
    return values.cases;
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
};

const answer = (verdict: Verdict) => {
  const notes = notesOf(verdict);
  return {
    none: verdict.none,
    ranked: verdict.ranked.map(({ commit, p }, place) => ({
      sha: commit.sha,
      p,
      reasons: place < explained ? reasonsOf(verdict, place) : [],
    })),
    ...(notes.length === 0 ? {} : { notes }),
  };
};

/** Waits while the reader of a pipe is behind. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
  );
