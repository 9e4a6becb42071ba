import { runCommand, standardIo } from "../../../infra/host/command.ts";
import { UsageError } from "../../../infra/host/errors.ts";
import { canary } from "../canaries/make.ts";
import { make } from "../incidents.ts";
import { outage } from "../outages/make.ts";
import { plotRows, tried } from "../plots/index.ts";
import { type Mark, mark, marks } from "./score.ts";

const help = `usage: npm run --silent exam -- [--half A|B] [--stories] [--plots]

Gives the diagnosis incidents made to mislead, and prints how many it tells right and in how many an innocent commit gets
.7 or more: both halves of the exam, which another hand wrote, then those by the hands that wrote the diagnosis, then
canaries told by metrics alone, with their culprit and without it; or one half. --stories: each story of the exam, too. --plots: plots
of public outages played through the loop instead, with each that is told wrongly. Nothing in it is random.`;

const options = {
  half: { type: "string" },
  stories: { type: "boolean", default: false },
  plots: { type: "boolean", default: false },
} as const;

type Half = "A" | "B";

const count = (of: Mark[], held: (mark: Mark) => boolean): string =>
  `${of.filter(held).length} / ${of.length}`;
const row = (named: string, of: Mark[]): string => {
  const guilty = of.filter((one) => one.guilty);
  const right = (one: Mark): boolean => one.right;
  return `| ${named} | ${count(of, right)} | ${guilty.length > 0 ? count(guilty, right) : "–"} | ${count(of, ({ convicted }) => convicted)} |`;
};
const head = (of: string): string =>
  `| ${of} | told right | guilty first | an innocent at .7 or more |\n|---|---:|---:|---:|`;

const main = (halves: Half[], isTold: boolean): void => {
  const isWhole = halves.length > 1;
  const exam = halves.map((half) => ({ half, all: marks(half) }));
  console.log(head("made incidents"));
  for (const { half, all } of exam) console.log(row(`exam, half ${half}`, all));
  if (isWhole) {
    const incidents = Array.from({ length: 180 }, (_, seed) => mark({ story: "", ...make(seed) }));
    console.log(row("incidents", incidents));
    const outages = Array.from({ length: 200 }, (_, seed) => outage(seed));
    console.log(
      row(
        "outages",
        outages.map(({ read, ...one }) => mark({ ...one, given: read.given })),
      ),
    );
    for (const isTaken of [false, true])
      console.log(
        row(
          isTaken ? "canaries without their culprit" : "canaries",
          Array.from({ length: 102 }, (_, seed) => canary(seed, isTaken)).map(({ read, culprit }) =>
            mark({ story: "", given: read.given, culprit }),
          ),
        ),
      );
    for (const isTaken of [false, true])
      console.log(
        row(
          `the same at the second look${isTaken ? ", without" : ""}`,
          Array.from({ length: 102 }, (_, seed) => canary(seed, isTaken)).map(({ read, culprit }) =>
            mark({ story: "", given: read.looks[0]!.given, culprit }),
          ),
        ),
      );
  }
  if (isTold)
    for (const { half, all } of exam) {
      console.log(`\n${head(`story of half ${half}`)}`);
      for (const [story, of = []] of Object.entries(Object.groupBy(all, (one) => one.story)).sort())
        console.log(row(story, of));
    }
};

process.exitCode = await runCommand(
  { name: "exam", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { half, stories, plots } }) => {
    if (plots) {
      console.log(plotRows(await tried()));
      return 0;
    }
    const halves = (["A", "B"] as const).filter((one) => half === undefined || one === half);
    if (halves.length === 0) throw new UsageError(`--half is ${half}: give A or B`);
    main(halves, stories);
    return 0;
  },
);
