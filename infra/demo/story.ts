import { setTimeout as delay } from "node:timers/promises";
import type { Event } from "../../shared/incident/events.ts";
import { short } from "../../shared/text/format.ts";
import type { Row } from "./chaos/table.ts";
import type { Environment } from "./environment.ts";
import { follow, type IncidentView, readIncident } from "./follow.ts";
import { type Line, lineOf } from "./lines.ts";
import type { Narrator } from "./narrator.ts";
import type { Landing } from "./repository.ts";
import { historyOf, releasePull } from "./repository.ts";
import { demo } from "./service-config.ts";

export type Result = {
  outcome: string;
  culprit: string | null;
  expectedCulprit: string | null;
  revertPull: string | null;
  /** In the story of the bump: the address of the pull request that takes the commit behind it back. */
  followUpPull?: string | null;
  /** In the story of the redeploy: the time from the approval until the former version was live, and until the revert was. */
  liveMs?: { redeploy: number; revert: number };
  /** In the story of the chaos: the answer of the loop to each disturbance. */
  chaos?: Row[];
  timeline: { event: string; at: string }[];
  /** From the first bad answer to the end of the incident. */
  durationMs: number;
};
export type Stage = { environment: Environment; narrator: Narrator; yes: boolean; signal: AbortSignal };

/** How long the incident may stand still before the demo gives up, unless a person is being waited for. */
const idleTimeoutMs = 60_000;

/** Shows what is running and where to look. */
export const introduce = async ({ environment, narrator }: Stage): Promise<void> => {
  const { commits, authors } = await historyOf(environment.repository);
  narrator.say(`${demo.repository}: ${commits} commits by ${authors} people.`);
  if (environment.configuration !== undefined)
    narrator.say(
      `It runs what ${demo.gitops.repository} says; a bot raises the image there with every commit.`,
    );
  if (environment.story === "revert")
    narrator.say("Its deployer reports a deploy once the rollout is healthy: after the alert.");
  narrator.say("Customers pay: 30 payments a second in six currencies.");
  const { kind, prometheusUrl } = environment.monitor;
  const watcher =
    kind === "real"
      ? "Prometheus and Alertmanager watch."
      : "The built-in monitor watches, in the place of Prometheus and Alertmanager.";
  narrator.say(watcher, `${prometheusUrl}/alerts`);
  narrator.say(
    "Countersteer is ready. The first page leads through:",
    `start here  ${environment.sandbox.url}/`,
    `incidents   ${environment.serverUrl}/incidents`,
    `GitHub      ${environment.sandbox.url}/github/${demo.repository}`,
    `Slack       ${slackPage(environment)}`,
  );
};

export const slackPage = ({ sandbox }: Environment): string => `${sandbox.url}/slack/${demo.channel}`;

/** Lets the release land, the two innocent commits follow it, and returns when the first payment has failed. */
export const breakIt = async (stage: Stage): Promise<Landing & { culprit: string }> => {
  const { environment, narrator, signal } = stage;
  const release = await environment.release();
  const { commits, culprit, head } = release;
  const pull =
    culprit === head ? `, ${releasePull.commits} of them with the pull request “${releasePull.title}”` : "";
  narrator.say(`${commits.length} commits land on ${demo.branch}${pull}:`, ...commits.map(commitLine));
  if (environment.configuration !== undefined) return bumped(stage, release);
  await until(() => environment.deployer.current() === release.head, {
    what: "the release to be deployed",
    signal,
  });
  await until(() => environment.traffic.firstBadAt() !== undefined, {
    what: "the first payment to fail",
    signal,
  });
  // Only now: on a slow machine the innocent deploy would be live before the trouble is seen, and be suspected rightly.
  if (environment.story === "revert") await landAfter(stage);
  return release;
};

const landAfter = async ({ environment, narrator }: Stage): Promise<void> => {
  const { commits } = await environment.after();
  narrator.say(`${commits.length} more commits land on ${demo.branch}:`, ...commits.map(commitLine));
};

/** The bot brings the release: it is live once the bump is. */
const bumped = async ({ environment, signal }: Stage, release: Landing & { culprit: string }) => {
  const { before } = environment.configuration!.repository;
  await until(() => environment.deployer.current() !== before, { what: "the bump to be deployed", signal });
  await until(() => environment.traffic.firstBadAt() !== undefined, {
    what: "the first payment to fail",
    signal,
  });
  return release;
};

const commitLine = ({ sha, title, author }: Landing["commits"][number]): string =>
  `${short(sha)}  ${title}  (${author})`;

/** Tells the incident to its end, approving for the person when asked to. */
export const solveIt = async (stage: Stage, expectedCulprit: string | null): Promise<Result> => {
  const { environment, narrator, yes, signal } = stage;
  const idleTimeoutOf = (status: string) =>
    status === "proposed" && !yes ? Number.POSITIVE_INFINITY : idleTimeoutMs;
  for await (const { event, incident } of follow({ url: environment.incidentUrl, signal, idleTimeoutOf })) {
    show(
      narrator,
      lineOf(event, incident, { page: environment.incidentUrl, slack: slackPage(environment), yes }),
    );
    if (event.type === "ApprovalRequested" && yes) await approveIt(stage, event.message, incident);
  }
  if (environment.configuration !== undefined) await followedUp(stage);
  const result = await resultOf(environment, expectedCulprit);
  if (environment.story === "redeploy") Object.assign(result.result, await bothLive(stage));
  if (result.pull) await storyIsOn(stage, result.pull);
  return result.result;
};

/** In the story of the revert its author presses first, whose approval is not enough; then Ann reviews it on GitHub. */
const approveIt = async (
  { environment, narrator }: Stage,
  message: { channel: string; ts: string },
  { pull }: IncidentView,
): Promise<void> => {
  if (environment.story === "revert" && pull !== undefined) {
    const answer = await environment.approveAsAuthor(message);
    narrator.say("Ben, who wrote the change, presses Approve, and is answered in private:", answer);
    await environment.review(pull.number);
    narrator.say("Ann approves the pull request on GitHub, by a review.");
    return;
  }
  const status = await environment.approve(message);
  if (status !== 200) throw new Error(`the approval was answered ${status}`);
  narrator.say("Ann presses Approve.");
};

/** Waits until the revert is live as well, and tells both times. */
const bothLive = async ({ environment, narrator, signal }: Stage): Promise<Pick<Result, "liveMs">> => {
  const { timeline = [] } = (await readIncident(environment.incidentUrl)) ?? {};
  const at = (type: Event["type"]) => timeline.find((event) => event.type === type)?.at ?? Number.NaN;
  const merged = timeline.find((event) => event.type === "RemedyMerged");
  const isLive = () => merged !== undefined && environment.deployer.current() === merged.sha;
  await until(isLive, { what: "the revert to be deployed", signal });
  const approvedAt = at("RemedyApproved");
  const liveMs = { redeploy: at("RedeployEnded") - approvedAt, revert: Date.now() - approvedAt };
  narrator.say(
    `From Approve to live: ${seconds(liveMs.redeploy)} by the redeploy, ${seconds(liveMs.revert)} by the revert and its build.`,
  );
  return { liveMs };
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Waits for the follow-up of a rollback, and shows that the bot leaves the version alone. */
const followedUp = async ({ environment, narrator, signal }: Stage): Promise<void> => {
  let followUp: IncidentView["followUp"];
  const taken = async () => {
    const incident = await readIncident(environment.incidentUrl);
    followUp = incident?.followUp;
    return followUp !== undefined || incident?.outcome !== "verified";
  };
  await until(taken, { what: "the follow-up", signal });
  if (followUp?.pull)
    narrator.say("The commit behind the bump has a revert pull request of its own:", followUp.pull.url);
  if (environment.configuration!.bot.held())
    narrator.say("The bot still sees the bad image, and is held: it raises nothing.");
};

/** Announcing follows the last event: the story is complete once the pull request tells how it ended. */
const storyIsOn = async (
  { environment, narrator, signal }: Stage,
  { number, url }: { number: number; url: string },
): Promise<void> => {
  let comments: string[] = [];
  const isTold = async () => {
    comments = await environment.comments(number);
    return comments.some((body) => /Incident(Closed|Escalated)\b/.test(body));
  };
  await until(isTold, { what: "the end of the story to be on the pull request", signal });
  narrator.say(`The whole story is on the pull request, in ${comments.length} comments.`, url);
};

export const resultOf = async (environment: Environment, expectedCulprit: string | null) => {
  const incident = await readIncident(environment.incidentUrl);
  if (!incident) throw new Error("the incident cannot be read any more");
  const ended = incident.timeline.findLast(
    ({ type }) => type === "IncidentClosed" || type === "IncidentEscalated",
  )!;
  const firstBadAt = environment.traffic.firstBadAt() ?? incident.timeline[0]!.at;
  const timeline = incident.timeline.map(({ type, at }) => ({
    event: type as string,
    at: new Date(at).toISOString(),
  }));
  const result: Result = {
    outcome: incident.outcome ?? incident.status,
    culprit:
      incident.remedy?.kind === "scale"
        ? null
        : (incident.remedy?.behind?.sha ?? incident.remedy?.sha ?? incident.suspects[0]?.sha ?? null),
    expectedCulprit,
    revertPull: incident.pull?.url ?? null,
    ...(environment.configuration && { followUpPull: incident.followUp?.pull?.url ?? null }),
    timeline: [{ event: "FirstBadResponse", at: new Date(firstBadAt).toISOString() }, ...timeline],
    durationMs: ended.at - firstBadAt,
  };
  return { result, pull: incident.pull };
};

export const show = (narrator: Narrator, line: Line | undefined): void => {
  if (!line) return;
  const { sentence, details = [], kind } = line;
  if (kind) narrator.mark(kind, sentence, ...details);
  if (!kind) narrator.say(sentence, ...details);
};

export const until = async (
  holds: () => boolean | Promise<boolean>,
  { what, signal }: { what: string; signal: AbortSignal },
): Promise<void> => {
  const deadline = Date.now() + idleTimeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${idleTimeoutMs / 1000} s for ${what}`);
    await delay(25, undefined, { signal });
  }
};
