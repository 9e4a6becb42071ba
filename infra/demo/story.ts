import { setTimeout as delay } from "node:timers/promises";
import type { World } from "./environment.ts";
import { follow, readIncident, type Told } from "./follow.ts";
import { type Line, lineOf } from "./lines.ts";
import type { Narrator } from "./narrator.ts";
import type { Landing } from "./repository.ts";
import { historyOf } from "./repository.ts";
import { demo } from "./service-config.ts";

export type Result = {
  outcome: string;
  culprit: string | null;
  expectedCulprit: string | null;
  /** The address of the pull request. */
  revertPull: string | null;
  /** In the story of the bump: the address of the pull request that takes the commit behind it back. */
  followUpPull?: string | null;
  timeline: { event: string; at: string }[];
  /** From the first bad answer to the end of the incident. */
  durationMs: number;
};
export type Stage = { world: World; narrator: Narrator; yes: boolean; signal: AbortSignal };

/** How long the incident may stand still before the demo gives up, unless a person is being waited for. */
const patienceMs = 60_000;

const short = (sha: string): string => sha.slice(0, 12);

/** Shows what is running and where to look. */
export const introduce = async ({ world, narrator }: Stage): Promise<void> => {
  const { commits, authors } = await historyOf(world.repository);
  narrator.say(`${demo.repository}: ${commits} commits by ${authors} people.`);
  if (world.configuration !== undefined)
    narrator.say(
      `It runs what ${demo.gitops.repository} says; a bot raises the image there with every commit.`,
    );
  narrator.say("Customers pay: 30 payments a second in six currencies.");
  const { kind, prometheusUrl } = world.monitor;
  const watcher =
    kind === "real"
      ? "Prometheus and Alertmanager watch."
      : "The built-in monitor watches, in the place of Prometheus and Alertmanager.";
  narrator.say(watcher, `${prometheusUrl}/alerts`);
  narrator.say(
    "Countersteer is ready.",
    `incidents  ${world.serverUrl}/incidents`,
    `GitHub     ${world.sandbox.url}/`,
    `Slack      ${slackPage(world)}`,
  );
};

export const slackPage = ({ sandbox }: World): string => `${sandbox.url}/slack/${demo.channel}`;

/** Lets the release land, the two innocent commits follow it, and returns when the first payment has failed. */
export const breakIt = async (stage: Stage): Promise<Landing & { culprit: string }> => {
  const { world, narrator, signal } = stage;
  const release = await world.release();
  narrator.say(
    `${release.commits.length} commits land on ${demo.branch}:`,
    ...release.commits.map(commitLine),
  );
  if (world.configuration !== undefined) return bumped(stage, release);
  await until(() => world.deployer.current() === release.head, {
    what: "the release to be deployed",
    signal,
  });
  const after = await world.after();
  narrator.say(
    `${after.commits.length} more commits land on ${demo.branch}:`,
    ...after.commits.map(commitLine),
  );
  await until(() => world.traffic.firstBadAt() !== undefined, { what: "the first payment to fail", signal });
  return release;
};

/** The bot brings the release: it is live once the bump is. */
const bumped = async ({ world, signal }: Stage, release: Landing & { culprit: string }) => {
  const { before } = world.configuration!.repository;
  await until(() => world.deployer.current() !== before, { what: "the bump to be deployed", signal });
  await until(() => world.traffic.firstBadAt() !== undefined, { what: "the first payment to fail", signal });
  return release;
};

const commitLine = ({ sha, title, author }: Landing["commits"][number]): string =>
  `${short(sha)}  ${title}  (${author})`;

/** Tells the incident to its end, approving for the person when asked to. */
export const solveIt = async (stage: Stage, expectedCulprit: string | null): Promise<Result> => {
  const { world, narrator, yes, signal } = stage;
  const patience = (status: string) =>
    status === "proposed" && !yes ? Number.POSITIVE_INFINITY : patienceMs;
  for await (const { event, told } of follow({ url: world.incidentUrl, signal, patience })) {
    show(narrator, lineOf(event, told, { incident: world.incidentUrl, slack: slackPage(world), yes }));
    if (event.type === "ApprovalRequested" && yes) {
      const status = await world.approve(event.message);
      if (status !== 200) throw new Error(`the approval was answered ${status}`);
      narrator.say("Ann presses Approve.");
    }
  }
  if (world.configuration !== undefined) await followedUp(stage);
  const result = await resultOf(world, expectedCulprit);
  if (result.pull) await storyIsOn(stage, result.pull);
  return result.result;
};

/** What follows the merge of a rollback, and what the bot does not do. */
const followedUp = async ({ world, narrator, signal }: Stage): Promise<void> => {
  let followUp: Told["followUp"];
  const taken = async () => {
    const told = await readIncident(world.incidentUrl);
    followUp = told?.followUp;
    return followUp !== undefined || told?.outcome !== "verified";
  };
  await until(taken, { what: "the follow-up", signal });
  if (followUp?.pull)
    narrator.say("The commit behind the bump has a revert pull request of its own:", followUp.pull.url);
  if (world.configuration!.bot.held())
    narrator.say("The bot still sees the bad image, and is held: it raises nothing.");
};

/** Announcing follows the last event: the story is complete once the pull request tells how it ended. */
const storyIsOn = async (
  { world, narrator, signal }: Stage,
  { number, url }: { number: number; url: string },
): Promise<void> => {
  let comments: string[] = [];
  const told = async () => {
    comments = await world.comments(number);
    return comments.some((body) => /Incident(Closed|Escalated)\b/.test(body));
  };
  await until(told, { what: "the end of the story to be on the pull request", signal });
  narrator.say(`The whole story is on the pull request, in ${comments.length} comments.`, url);
};

const resultOf = async (world: World, expectedCulprit: string | null) => {
  const told = await readIncident(world.incidentUrl);
  if (!told) throw new Error("the incident cannot be read any more");
  const ended = told.timeline.findLast(
    ({ type }) => type === "IncidentClosed" || type === "IncidentEscalated",
  )!;
  const firstBadAt = world.traffic.firstBadAt() ?? told.timeline[0]!.at;
  const timeline = told.timeline.map(({ type, at }) => ({
    event: type as string,
    at: new Date(at).toISOString(),
  }));
  const result: Result = {
    outcome: told.outcome ?? told.status,
    culprit:
      told.remedy?.kind === "scale"
        ? null
        : (told.remedy?.behind?.sha ?? told.remedy?.sha ?? told.suspects[0]?.sha ?? null),
    expectedCulprit,
    revertPull: told.pull?.url ?? null,
    ...(world.configuration && { followUpPull: told.followUp?.pull?.url ?? null }),
    timeline: [{ event: "FirstBadResponse", at: new Date(firstBadAt).toISOString() }, ...timeline],
    durationMs: ended.at - firstBadAt,
  };
  return { result, pull: told.pull };
};

const show = (narrator: Narrator, line: Line | undefined): void => {
  if (!line) return;
  const { sentence, details = [], kind } = line;
  if (kind) narrator.mark(kind, sentence, ...details);
  if (!kind) narrator.say(sentence, ...details);
};

export const until = async (
  holds: () => boolean | Promise<boolean>,
  { what, signal }: { what: string; signal: AbortSignal },
): Promise<void> => {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
    await delay(25, undefined, { signal });
  }
};
