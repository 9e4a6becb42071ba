import assert from "node:assert/strict";
import { tick } from "../../functions/tick.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { MergeResult } from "../../shared/ports/pulls.ts";
import { id, resolved, sha } from "../support/incident.ts";
import { burning, culprit, silent, type World, world } from "../support/world.ts";

// The world of the stories, and what is read of it.

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

export const asked = async (made = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  return made;
};
export const pullOf = (made: World) => [...made.state.pulls.values()].at(-1)!;
export const change = (made: World, over: object): void => {
  const [branch, now] = [...made.state.pulls].at(-1)!;
  made.state.pulls.set(branch, { ...now, ...over });
};
export const onto = (made: World, base: string) => change(made, { pull: { ...pullOf(made).pull, base } });
export const at = async (made: World, now: number): Promise<Incident> => {
  made.state.now = now;
  return made.settle();
};
export const expire = async (made: World, now: number): Promise<Incident> => {
  made.state.now = now;
  await made.handle({ type: "Expire", at: now });
  return made.settle();
};
export const approved = async (made?: World): Promise<World> => {
  const one = await asked(made);
  await one.approve();
  return one;
};
export const merged = async (made?: World): Promise<World> => {
  const one = await approved(made);
  await one.settle();
  return one;
};
export const live = async (made?: World): Promise<World> => {
  const one = await merged(made);
  one.state.now = 2 * minute;
  await one.deploy();
  await one.settle();
  return one;
};
export const verified = async (made?: World): Promise<World> => {
  const one = await asked(made);
  await one.deploy(culprit.sha);
  await one.bringLive(2 * minute);
  assert.equal(outcomeOf(await at(one, 3 * minute)), "verified");
  return one;
};
export const replies = (made: World) => [...made.state.replies.values()].join("\n");
export const comments = (made: World) => [...made.state.comments.values()].join("\n");
export const message = (made: World) => [...made.state.messages.values()].at(-1)!;
export const lines = (made: World) =>
  message(made)
    .lines.map(({ label, text }) => `${label}: ${text}`)
    .join("\n");
export const buttons = (made: World) => message(made).buttons;
export const detailOf = (incident: Incident): string => ("detail" in incident ? (incident.detail ?? "") : "");
export const waitOf = (incident: Incident): string =>
  "delay" in incident ? (incident.delay?.detail ?? "") : `${incident.status}`;
export const outcomeOf = (incident: Incident) => incident.status === "closed" && incident.outcome;
export const ended = (until: number) => resolved({ startsAt: burning.startsAt, endsAt: until });
export const fired = (startsAt: number) => ({ ...burning, startsAt });
export const checks = (
  result: Partial<Extract<MergeResult, { result: "blocked" }>["checks"]>,
): MergeResult => ({
  ...{ result: "blocked", detail: "405" },
  checks: { failing: [], running: [], ...result },
});
/** b holds the culprit, as everything does that was built after it. */
export const holdsCulprit = (made: World): void => {
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant ||
    ancestor === culprit.sha ||
    descendant === "main" ||
    (ancestor === sha("f") && descendant === sha("a"));
};
export const revertBy = (author: string, at: number) => {
  const title = `Revert "${culprit.title}"`;
  const message = `${title}\n\nThis reverts commit ${culprit.sha}.`;
  return { ...culprit, sha: sha("7"), title, message, author, at };
};
export const landed = (made: World, author: string, at: number): void => {
  const { snapshot } = made.state;
  const commits = [revertBy(author, at)];
  made.state.snapshot = { ...snapshot, ours: snapshot.theirs, since: { ...snapshot.since, commits } };
};
export type Course = (at: number) => number;
/** A Prometheus with one rule of a ratio an alert, over 5 %. */
export const ratios = (made: World, courses: Record<string, Course>): void => {
  const plain = { labels: {}, forMs: 0, keepFiringMs: 0, everyMs: minute, active: [] };
  made.work.metrics.rules = async (_, name) =>
    courses[name] === undefined ? [] : [{ ...plain, expr: `${name}_errors / ${name}_requests > 0.05` }];
  made.work.metrics.range = async (_, query, { start, stepMs, count }) => {
    const instants = Array.from({ length: count }, (_none, index) => start + index * stepMs);
    const name = Object.keys(courses).find((one) => query.includes(`${one}_errors / ${one}_requests`));
    const course = name === undefined || query.startsWith("count") ? () => 1 : courses[name]!;
    const points = instants.map((one): [number, number] => [one, course(one)]);
    const kept = query.endsWith("> 0.05") ? points.filter(([, value]) => value > 0.05) : points;
    return kept.length === 0 ? [] : [{ labels: {}, points: kept }];
  };
};
export const step =
  (before: number, after: number, from = 2 * minute): Course =>
  (now) =>
    now < from ? before : after;
export const named = (...names: string[]) =>
  names.map((name, index) => ({ ...burning, name, fingerprint: `a${index}` }));

/** The commits of the branch by their letters, the oldest first: each holds those before it. */
export const line = (made: World, letters: string): void => {
  const place = (one: string) => (one === "main" ? letters.length : letters.indexOf(one.slice(0, 1)));
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant || (place(ancestor) >= 0 && place(ancestor) <= place(descendant));
};
/** One tick of the host: it looks at what waits once its deadlines are handled, as the server does. */
export const ticked = async (made: World, now: number): Promise<Incident> => {
  made.state.now = now;
  await tick({ ...made, clock: () => now, log: silent, wake: () => {} })();
  return made.settle();
};
export const byBea = { state: "merged", mergeSha: sha("f"), by: "bea" };
export const other = (letter: string, at: number, over: object = {}) => ({
  ...culprit,
  ...{
    sha: sha(letter),
    title: "charge in major units",
    message: "charge in major units",
    author: "Cem",
    at,
  },
  ...over,
});
export const storedOf = async (made: World): Promise<Incident> => (await made.store.load(id)).incident;
export const report = (made: World, letter: string, over: object = {}) =>
  made.store.recordDeploy({
    ...{ service: "payment-gateway", environment: "production", sha: sha(letter) },
    ...{ status: "succeeded", at: made.state.now, ...over },
  });
export const outage = (system: "github" | "slack", what: string) =>
  new UpstreamError(system, what, { retryable: true, status: 502 });
