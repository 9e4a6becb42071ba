import { judge } from "../../shared/diagnosis/judge.ts";
import type { Case } from "../../shared/diagnosis/model.ts";
import type { Commit } from "../../shared/ports/history.ts";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { median } from "./median.ts";

const help = `usage: npm run bench:rank -- [--candidates N] [--rounds N]

One diagnosis over many candidates: CPU of the first in a fresh process, the median of the later ones, and how much the process grew by the first.
  --candidates N  commits that were live (5000)
  --rounds N      diagnoses after the first (15)`;

const options = {
  candidates: { type: "string", default: "5000" },
  rounds: { type: "string", default: "15" },
} as const;

const subjects = [
  "rates",
  "basket",
  "ledger",
  "session",
  "invoice",
  "search",
  "mail",
  "stock",
  "login",
  "cache",
];
const verbs = ["Add", "Fix", "Remove", "Speed up", "Move", "Log", "Bump", "Rename", "Cache", "Retry"];
const now = Date.UTC(2026, 10, 24);

/** Commits of a busy monorepo, a minute apart: each says something else of its part, with a patch of 2 KB. */
const commits = (count: number): Commit[] =>
  Array.from({ length: count }, (_, at): Commit => {
    const subject = subjects[(at * 7) % 10] ?? "";
    const verb = verbs[(at * 3 + Math.floor(at / 10)) % 10] ?? "";
    const title = `${verb} ${subject} ${at % 97} of part ${at % 31}`;
    const lines = Array.from(
      { length: 40 },
      (_, n) => `+  const ${subject}${(at + n) % 53} = read${verb.slice(0, 3)}(${n * at});`,
    );
    return {
      ...{ sha: at.toString(16).padStart(40, "0"), parents: [], title, author: "", url: "" },
      message: `${title}\n\nSo that ${subject} does what part ${at % 31} expects of it.`,
      at: now - (at + 1) * 60_000,
      paths: [`services/${subject}/src/part${at % 31}.ts`, `services/${subject}/test/part${at % 31}.test.ts`],
      patch: lines.join("\n"),
    };
  });

const description =
  "Rates of the basket cannot be read: readFix(12) of part 7 timed out after 30 s for rates17";
const given = (count: number): Case => {
  const found = commits(count);
  return {
    ...{ service: "shop", deploys: [], onsetAt: now, commits: found, history: found.map(({ sha }) => sha) },
    alerts: [
      {
        ...{ fingerprint: "1", name: "RatesUnreadable", status: "firing", startsAt: now },
        ...{ labels: { currency: "JPY" }, annotations: { description } },
      },
    ],
  };
};

/** CPU of one diagnosis, ms. */
const cpuOf = (one: Case): number => {
  const start = process.cpuUsage();
  judge(one);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

const main = (count: number, rounds: number): void => {
  const one = given(count);
  const before = process.memoryUsage().rss;
  const first = cpuOf(one);
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  const later = Array.from({ length: rounds }, () => cpuOf(one));
  console.log(
    `${count} candidates: first ${first.toFixed(0)} ms CPU and ${grown.toFixed(0)} MiB more resident, later ${median(later).toFixed(0)} ms (median of ${rounds})`,
  );
};

process.exitCode = await runCommand(
  { name: "bench:rank", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { candidates, rounds } }) => {
    main(wholeNumber("--candidates", candidates), wholeNumber("--rounds", rounds));
    return 0;
  },
);
