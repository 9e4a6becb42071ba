import { runCommand, standardIo, wholeNumber } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { assumed, type Load, monthOf, type Row, sumOf } from "./month.ts";
import { prices, pricesOf } from "./prices.ts";

const help = `usage: npm run cost -- [options]

The bill of a month on AWS, on paper: the calls that \`npm test -- aws/calls\` counts, at AWS's list prices. It calls nothing.
  --open N       incidents that are open all month  (1000)
  --questions N  of them open questions, which are looked at every ten minutes instead of each minute  (0)
  --incidents N  incidents that begin and end in the month  (10000)
  --alerts N     repeated notifications a day  (1000000)
  --edge EDGE    http or private: the way in  (http)
  --json         one JSON object instead of a table`;

const options = {
  open: { type: "string", default: "1000" },
  questions: { type: "string", default: "0" },
  incidents: { type: "string", default: "10000" },
  alerts: { type: "string", default: "1000000" },
  edge: { type: "string", default: "http" },
  json: { type: "boolean", default: false },
} as const;

const line = ({ service, what, count, unit, usd }: Row): string =>
  `${service.padEnd(14)} ${what.padEnd(52)} ${amount(count).padStart(10)} ${unit.padEnd(26)} ${dollars(usd)}`;

const amount = (count: number): string =>
  count >= 1e6
    ? `${(count / 1e6).toFixed(1)} M`
    : count >= 1e4
      ? `${(count / 1e3).toFixed(0)} k`
      : count.toFixed(1);

const dollars = (usd: number): string => `$${usd.toFixed(2)}`.padStart(9);

const table = (load: Load, rows: Row[]): string =>
  [
    `A month with ${load.open} open incidents, of which ${load.questions} are questions, ${load.incidents} more incidents, and ${load.alerts} repeated notifications a day:`,
    "",
    ...rows.map(line),
    `${"together".padEnd(105)} ${dollars(sumOf(rows))}`,
    "",
    "Assumed, not counted:",
    ...Object.values(assumed).map(({ value, unit }) => `  ${value} ${unit}`),
    "",
    `Prices (${pricesOf}), without free tiers, taxes and data that leaves AWS:`,
    ...[...new Set(Object.values(prices).map(({ source, compared }) => `  ${source} (${compared})`))],
    "",
  ].join("\n");

process.exitCode = await runCommand(
  { name: "cost", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values }) => {
    const { edge, json } = values;
    if (edge !== "http" && edge !== "private") throw new UsageError("--edge must be http or private");
    const of = (name: "open" | "questions" | "incidents" | "alerts") =>
      wholeNumber(`--${name}`, values[name], 0);
    const load: Load = {
      open: of("open"),
      questions: of("questions"),
      incidents: of("incidents"),
      alerts: of("alerts"),
      edge,
    };
    if (load.questions > load.open) throw new UsageError("--questions must not exceed --open");
    const rows = monthOf(load);
    console.log(
      json ? JSON.stringify({ load, rows, usd: sumOf(rows), assumed, prices, pricesOf }) : table(load, rows),
    );
    return 0;
  },
);
