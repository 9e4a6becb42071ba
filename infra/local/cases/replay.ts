import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parseWebhook } from "../../../shared/adapters/alertmanager.ts";
import { rank } from "../../../shared/diagnosis/rank.ts";
import { BadRequest } from "../../../shared/errors.ts";
import { onset } from "../../../shared/incident/alerts.ts";
import type { Diagnosis } from "../../../shared/incident/model.ts";
import { commitsOf } from "./commits.ts";

const usage = "usage: npm run --silent cli -- replay --alert FILE --at TIME --repo DIR|OWNER/REPO [--json]";
const help = `${usage}

Prints the whole decision on a saved Alertmanager webhook as it would have been at TIME (RFC 3339 or epoch ms), and touches
nothing. --repo is a git clone, or a repository on GitHub, read with GITHUB_TOKEN.
Exit codes: 0 done, 1 the webhook or the repository could not be read, 2 wrong usage.`;

type Options = { alert: string; at: number; repo: string; json: boolean };

/** `replay`: what would have been decided on a webhook at a moment. */
export const replay = async (argv: string[]): Promise<number> => {
  const options = optionsOf(argv);
  if (typeof options === "number") return options;
  const { alert, at, repo, json } = options;
  try {
    const { alerts } = parseWebhook(JSON.parse(await readFile(alert, "utf8")));
    const firing = alerts.filter(({ startsAt }) => startsAt <= at);
    const onsetAt = onset(firing.length > 0 ? firing : alerts, at);
    const commits = await commitsOf(repo, onsetAt);
    const service = alerts[0]?.labels.service ?? "";
    const history = commits.map(({ sha }) => sha);
    const diagnosis = rank({ service, alerts, onsetAt, commits, history, deploys: [] });
    console.log(json ? JSON.stringify(diagnosis) : tell(diagnosis, commits.length));
    return 0;
  } catch (error) {
    const reason =
      error instanceof BadRequest ? `${alert}: ${error.message}` : `replay: ${(error as Error).message}`;
    console.error(reason.split("\n")[0]);
    return 1;
  }
};

const percent = (p: number): string => `${(p * 100).toFixed(p < 0.1 ? 1 : 0)} %`;

const tell = ({ suspects, none, onsetAt, notes = [] }: Diagnosis, looked: number): string =>
  [
    `onset ${new Date(onsetAt).toISOString()}, ${looked} ${looked === 1 ? "commit" : "commits"} of the seven days before it`,
    ...suspects
      .slice(0, 5)
      .flatMap(({ sha, score, title, reasons }) => [
        `${percent(score).padStart(6)}  ${sha.slice(0, 12)} ${title}`,
        ...reasons.map((reason) => `          ${reason}`),
      ]),
    `${percent(none).padStart(6)}  none of these`,
    ...notes.map((note) => `          ${note}`),
  ].join("\n");

const optionsOf = (argv: string[]): Options | number => {
  try {
    const { values } = parseArgs({
      args: argv,
      options: {
        ...{ alert: { type: "string" }, at: { type: "string" }, repo: { type: "string" } },
        ...{ json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
      },
    });
    if (values.help) {
      console.log(help);
      return 0;
    }
    const { alert, at, repo } = values;
    if (alert === undefined || at === undefined || repo === undefined)
      throw new Error("give --alert, --at and --repo");
    const moment = /^-?\d+$/.test(at) ? Number(at) : Date.parse(at);
    if (Number.isNaN(moment) || Math.abs(moment) > 8.64e15)
      throw new Error(`--at: neither an RFC 3339 time nor epoch ms: ${JSON.stringify(at)}`);
    return { alert, at: moment, repo, json: values.json ?? false };
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
};
