import { number, object, optional, string } from "zod";
import { readGates } from "../../functions/approval/gates.ts";
import { githubClient } from "../../shared/adapters/github/github.ts";
import type { Upstream } from "../../shared/adapters/http/send-json.ts";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { askServer } from "../cli/operator.ts";
import type { Settings } from "../host/settings/settings.ts";
import { labelsOf, sendAlert } from "./alertmanager.ts";
import { type Result, resultOf } from "./score.ts";
import { type Drill, type Stage, stageOf } from "./stage.ts";

/** The surroundings of a drill. `wait` resolves after so many ms. */
export type Running = {
  settings: Settings & { real: NonNullable<Settings["real"]> };
  config: Config;
  alertmanager: Upstream;
  server: { url: string; token: string | undefined };
  /** How long an answer is waited for, in ms. */
  answerMs: number;
  clock: () => number;
  wait: (ms: number) => Promise<void>;
};

/** The longest wait for the alert to come back, and for the question: Alertmanager groups for a while. */
const arrivalMs = 5 * 60_000;
const askedMs = 5 * 60_000;

const noted = object({
  id: string(),
  arrivedAt: optional(number()),
  answer: optional(object({ at: number(), by: string(), does: string() })),
});

/** Runs a drill to its end, and takes away what it made, whatever happens. */
export const runDrill = async (drill: Drill, running: Running): Promise<Result> => {
  const { alertmanager, clock } = running;
  const stage = stageOf(drill, running);
  const alert = { labels: labelsOf(drill.id, drill.place), startsAt: clock() };
  try {
    await tell(running, "/drills", { id: drill.id });
    const sentAt = clock();
    await sendAlert(alertmanager, alert);
    const arrived = await until(running, arrivalMs, async () => (await read(running, drill)).arrivedAt);
    const arrivedAt = arrived === undefined ? undefined : clock();
    if (arrived === undefined)
      stage.failures.push({ system: "alertmanager", text: "the alert did not come back within 5 min" });
    await stage.begin();
    const asked = await until(running, askedMs, async () => reached(drill, stage));
    const isWrong = drill.fault === "wrong-first-suspect" && asked?.status === "proposed";
    if (isWrong) await ruleOut(running, stage, asked);
    const answer =
      (await stage.now()).incident.status === "proposed"
        ? await until(running, running.answerMs, async () => (await read(running, drill)).answer)
        : undefined;
    // The server's clock may be another one than ours.
    const answered = answer && { ...answer, at: clock() };
    const gates = await check(drill, stage);
    const seen = { ...(await stage.now()), failures: stage.failures, gates };
    const ruledOut = isWrong ? asked.remedy.title : undefined;
    return resultOf(drill, {
      ...seen,
      ruledOut,
      answerMs: running.answerMs,
      sentAt,
      arrivedAt,
      answer: answered,
    });
  } finally {
    await stage.stop();
    await takeAway(running, stage, () => sendAlert(alertmanager, { ...alert, endsAt: clock() }));
  }
};

const tell = ({ server }: Running, path: string, body?: object) =>
  askServer({ ...server, path, answer: noted, ...(body && { body }) });
const read = (running: Running, { id }: Drill) => tell(running, `/drills/${id}`);

/** The first answer of `look`, asked each half second for so long; undefined when there is none. */
const until = async <T>(
  { clock, wait }: Running,
  ms: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> => {
  for (const end = clock() + ms; ; ) {
    const found = await look();
    if (found !== undefined || clock() >= end) return found;
    await wait(500);
  }
};

/** The incident once it waits for people, or has ended. */
const reached = async (_: Drill, { now }: Stage): Promise<Incident | undefined> => {
  const { incident } = await now();
  const isHeld = "held" in incident && incident.held !== undefined;
  const isAsked = incident.status === "proposed" && incident.asked;
  return isHeld || isAsked || incident.status === "escalated" || incident.status === "closed"
    ? incident
    : undefined;
};

/** A person would press “Not this one”: the next likeliest change must be asked about. */
const ruleOut = async (
  running: Running,
  stage: Stage,
  asked: Extract<Incident, { status: "proposed" }>,
): Promise<void> => {
  await stage.ruleOut(asked);
  const next = await until(running, askedMs, async () => {
    const { incident } = await stage.now();
    const isNext =
      incident.status === "proposed" && incident.asked && incident.pull.number !== asked.pull.number;
    return isNext || incident.status === "escalated" ? incident : undefined;
  });
  if (next?.status !== "proposed")
    stage.failures.push({
      system: "diagnosis",
      text: "after the first suspect was ruled out, no other change was asked about",
    });
};

/** Looks at the rest of the loop: people on call who cannot be named. Returns GitHub's own conditions for a merge. */
const check = async ({ place: { service } }: Drill, { work, failures, now }: Stage): Promise<string[]> => {
  const { oncall = [] } = service.policy;
  const names = await work.chat.names(oncall);
  for (const [index, id] of oncall.entries())
    if (names[index] === id)
      failures.push({ system: "slack", text: `${id}, who is on call, cannot be read` });
  const { incident } = await now();
  if (incident.status !== "proposed") return [];
  return (await readGates(work, work.serviceOf(service.name), incident.pull))([]);
};

/** Ends the alert, closes the pull requests of the drill and removes their branches. Each is tried, and what stays is told. */
const takeAway = async (
  { settings: { real } }: Running,
  { work, opened, failures }: Stage,
  endAlert: () => Promise<void>,
): Promise<void> => {
  const { octokit } = githubClient(real.github);
  const tasks = [
    endAlert,
    ...opened.map(({ service, pull }) => async () => {
      await work.pulls.closePull(service, pull);
      const [owner = "", repo = ""] = service.repository.split("/");
      await octokit.git.deleteRef({ owner, repo, ref: `heads/${pull.branch}` });
    }),
  ];
  for (const task of tasks)
    await task().catch((error: unknown) =>
      failures.push({ system: "clean-up", text: `stays behind: ${messageOf(error)}` }),
    );
};
