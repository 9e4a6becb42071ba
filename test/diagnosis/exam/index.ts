import { runCommand, standardIo } from "../../../infra/host/command.ts";
import { UsageError } from "../../../infra/host/errors.ts";
import { plotRows, tried } from "../plots/index.ts";
import type { Seeds } from "./authors/index.ts";
import { balance } from "./balance.ts";
import { appendLook, looksTold, readLooks } from "./looks.ts";
import { byFile, type Origin, origins, seeds } from "./origins.ts";
import { figuresOf, type Mark, mark } from "./score.ts";
import { balanceTable, baseRates, headed, type Result, rowOf, table, wrongTold } from "./table.ts";

const help = `usage: npm run --silent exam -- [--origin NAME,…] [--cases FILE…] [--stories] [--balance] [--kept] [--wrong] [--look WHY]
       npm run --silent exam -- --plots

Gives the diagnosis made incidents of several hands, and tells for each origin how many it tells right, how often an innocent
commit gets .7 or more, and the calibration error; last the worst origin of each figure. The three authors workspace,
commerce and platform knew only the form of a case: each of their incidents has a twin, without its culprit.
  --origin   only these origins
  --cases    incidents of a file, one line of JSON each, with their culprit (null: no change did it); repeatable
  --stories  each story, too
  --balance  every trivial ranker on every origin
  --kept     the kept seeds of the three authors: counts only. It needs --look
  --wrong    the cases that are told wrongly, of the seeds that may be seen. It needs --look
  --look     says why this run is made and appends it to looks.jsonl. Every run by which the evidence is improved needs it
  --plots    plots of public outages played through the loop instead, with each that is told wrongly
Nothing in it is random.`;

const options = {
  origin: { type: "string" },
  cases: { type: "string", multiple: true },
  stories: { type: "boolean", default: false },
  balance: { type: "boolean", default: false },
  kept: { type: "boolean", default: false },
  wrong: { type: "boolean", default: false },
  look: { type: "string" },
  plots: { type: "boolean", default: false },
} as const;

const resultOf = async ({ name, latest, incidents }: Origin, of: Seeds): Promise<Result> => {
  const checked = balance(latest);
  const marks: Mark[] = [];
  for await (const incident of incidents(of)) {
    checked.add(incident);
    marks.push(mark(incident));
  }
  return { name, marks, outcomes: checked.outcomes() };
};

const storiesTold = ({ name, marks }: Result): string =>
  [
    headed(`story of ${name}`),
    ...Object.entries(Object.groupBy(marks, ({ story }) => story))
      .sort()
      .map(([story, of = []]) => rowOf(story, of)),
  ].join("\n");

type Asked = { origin?: string; cases?: string[]; kept: boolean };
const originsOf = ({ origin, cases = [], kept }: Asked): Origin[] => {
  const all = [...origins, ...cases.map(byFile)].filter(({ isSeeded }) => !kept || isSeeded);
  const named = origin?.split(",");
  const unknown = named?.filter((name) => !all.some((one) => one.name === name)) ?? [];
  if (unknown.length > 0)
    throw new UsageError(
      `no origin is called ${unknown.join(", ")}: give ${all.map(({ name }) => name).join(", ")}`,
    );
  return all.filter(({ name }) => named?.includes(name) ?? true);
};

process.exitCode = await runCommand(
  { name: "exam", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values }) => {
    const { plots, kept, wrong, look } = values;
    if (plots) {
      console.log(plotRows(await tried()));
      return 0;
    }
    if ((kept || wrong) && !look) throw new UsageError("--kept and --wrong need --look WHY");
    if (kept && (wrong || values.stories)) throw new UsageError("--kept tells counts only");
    const of = kept ? seeds.kept : seeds.seen;
    const looks = await readLooks();
    const results: Result[] = [];
    for (const origin of originsOf(values)) results.push(await resultOf(origin, of));
    console.log(`${table(results)}\n\n${baseRates(results)}\n\n${looksTold(looks, of)}`);
    if (values.balance) console.log(`\n${balanceTable(results)}`);
    if (values.stories) for (const result of results) console.log(`\n${storiesTold(result)}`);
    if (wrong) console.log(`\n${wrongTold(results)}`);
    if (look) {
      const date = new Date().toISOString().slice(0, 10);
      const figures = new Map(results.map(({ name, marks }) => [name, figuresOf(marks)]));
      await appendLook({ date, why: look, seeds: of, isShown: wrong }, figures);
    }
    return 0;
  },
);
