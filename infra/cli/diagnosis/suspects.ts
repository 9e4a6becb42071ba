import { reasonsOf } from "../../../shared/diagnosis/explain/reasons.ts";
import type { Case } from "../../../shared/diagnosis/model.ts";
import { verdictOn } from "../../../shared/diagnosis/rank.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { saidOf, UsageError } from "../../host/errors.ts";
import { caseFields } from "../../train/case-fields.ts";
import type { Read } from "../../train/case-format.ts";
import { readCases } from "../../train/read-cases.ts";

const help = `usage: npm run --silent cli -- suspects --cases FILE[.gz]

Ranks the candidates of each case: one line of JSON in, one out: {"id","none","ranked":[{"sha","p","reasons"}]}.
The probabilities and none sum to 1.

${caseFields}

Exit codes: 0 every line was ranked, 1 a line or the file could not be read, 2 wrong usage or a file without a case.`;

/** Candidates that carry their reasons; the rest carry only their probability. */
const explained = 50;

/** `suspects --cases FILE`: ranks every case of a file. */
export const suspects = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand(
    { name: "suspects", help, options: { cases: { type: "string" } } },
    { argv, io },
    ({ values: { cases } }) => {
      if (cases === undefined) throw new UsageError("give a file with --cases");
      return rankAll(cases, io);
    },
  );

const rankAll = async (file: string, io: Io): Promise<number> => {
  let failed = 0;
  let ranked = 0;
  try {
    for await (const line of readCases(file)) {
      if ("problem" in line) {
        failed++;
        io.err(`${file}:${line.number}: ${line.problem}\n`);
        continue;
      }
      ranked++;
      await write(`${JSON.stringify(answerTo(line.read))}\n`);
    }
  } catch (error) {
    io.err(`${file}: ${saidOf(error)}\n`);
    return 1;
  }
  if (ranked + failed === 0) throw new UsageError(`${file} holds no case; a case is a line of JSON`);
  return failed > 0 ? 1 : 0;
};

const answerTo = ({ id, given, looks }: Read) => ({
  ...{ id, ...answer(given) },
  ...(looks.length > 0 && {
    looks: looks.map(({ at, given: later }) => ({ at, ...answer(later) })),
  }),
});

const answer = (given: Case) => {
  const { verdict, notes } = verdictOn(given);
  return {
    none: verdict.noSuspect,
    ranked: verdict.ranked.map(({ commit, p }, index) => ({
      sha: commit.sha,
      p,
      reasons: index < explained ? reasonsOf(verdict, index) : [],
    })),
    ...(notes.length === 0 ? {} : { notes }),
  };
};

/** Waits while the reader of a pipe is behind. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) =>
    process.stdout.write(text, (error) => (error ? reject(error) : resolve())),
  );
