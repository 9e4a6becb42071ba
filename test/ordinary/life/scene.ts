import type { Alert, Incident } from "../../../shared/incident/model.ts";
import { doors } from "../../support/doors.ts";
import { id, sha } from "../../support/incident.ts";
import { webhook } from "../../support/payloads.ts";
import { burning, culprit, policy, type World, type WorldGiven } from "../../support/world.ts";

/** A kind of course that an incident takes, one sibling of it, and its world. Both hosts play it. */
export type Scene = {
  kind: string;
  sibling: string;
  /** The receiver decides it, before a host has anything to do. */
  received?: true;
  given?: Omit<WorldGiven, "store">;
  play: (made: World) => Promise<void>;
};

export const minute = 60_000;
export const again = { ...policy, minConfidence: 0.5, lookAgainMs: [2 * minute, 5 * minute, 10 * minute] };
/** A commit that shares no word with the alert and landed hours before: nothing is likely. */
export const unrelated = {
  ...culprit,
  title: "tidy the docs",
  message: "tidy the docs",
  paths: ["docs/a.md"],
  patch: "+a",
};

/** The alert has come, and the host has done what it could. */
export const asked = async (made: World, alerts: Alert[] = [burning]): Promise<Incident> => {
  await made.alerts(alerts);
  return made.settle();
};
export const deployed = (made: World, commit: string, at: number, service = "payment-gateway") =>
  made.store.recordDeploy({
    ...{ service, environment: "production", sha: commit, at },
    status: "succeeded" as const,
  });
export const typesOf = async (made: World, one = id) => (await made.store.log(one)).map(({ type }) => type);
export const messageOf = (made: World) => [...made.state.messages.values()][0]!;
export const pullOf = (made: World) => [...made.state.pulls.values()][0];

/** A fix of people that is live already is verified ten seconds later. */
export const quiet = async (made: World, one = id): Promise<Incident> => {
  made.state.now += 10_000;
  return made.settle(one);
};
/** Approved, merged and live at `at`. */
export const fixed = async (made: World, at = 30_000): Promise<Incident> => {
  await made.approve();
  await made.settle();
  made.state.now = at;
  await made.deploy();
  return made.settle();
};

/** An alert as Alertmanager tells it to the door; the answer is what became of it. */
export const notified = async (
  made: World,
  name: string,
  startsAt: number,
  over: Record<string, string> = {},
): Promise<string> => {
  const fingerprint = Buffer.from(name).toString("hex").slice(0, 16);
  const { endsAt, summary, ...labels } = over;
  const alert = {
    ...{ fingerprint, startsAt: new Date(startsAt).toISOString() },
    ...(endsAt !== undefined && { status: "resolved", endsAt }),
    ...(summary !== undefined && { annotations: { summary } }),
    labels: { alertname: name, environment: "production", ...labels },
  };
  const response = await doors(made, { services: made.services }).notify(webhook([alert]));
  const { receipts } = (await response.json()) as { receipts: { outcome: string; incident: string }[] };
  return receipts.map(({ outcome, incident }) => `${outcome} ${incident}`).join();
};
export const two = `${id}/2`;
export { culprit, id, sha };
