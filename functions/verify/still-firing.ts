import { troubles } from "../../shared/incident/alerts/alerts.ts";
import type { In } from "../../shared/incident/model.ts";
import { isSameFinding } from "../../shared/policy/recovery/figures.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { clock, short } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { figures } from "./figures.ts";

type Deployed = In<"deployed">;

/**
 * Which of several alerts still fire, the values of each, and the deploy of the fix that failed since. Undefined when there is nothing to
 * say but that the only alert fires.
 */
export const stillFiring = async (
  work: Work,
  incident: Deployed,
  readings: Reading[],
): Promise<{ detail: string; news?: true } | undefined> => {
  const alerts = troubles(incident);
  const names = alerts.filter((_, index) => readings[index]?.result === "firing").map(({ name }) => name);
  if (names.length === 0) return undefined;
  const [values, failed] = await Promise.all([figures(work, incident, names), failedSince(work, incident)]);
  const verb = names.length === 1 ? "alerts still fires" : "alerts still fire";
  const failure = failed === undefined ? [] : [failureOf(failed, incident)];
  const parts = [
    ...(alerts.length > 1 ? [`${names.length} of ${alerts.length} ${verb}: ${names.join(", ")}`] : []),
    ...values.map(({ name, text }) => `${name} ${text}`),
    ...failure,
  ];
  if (parts.length === 0) return undefined;
  const isNews = failure.some((sentence) => !incident.delay?.detail.includes(sentence));
  return { detail: latest(work, incident, parts.join("; ")), ...(isNews && { news: true }) };
};

/** The numbers are told anew after this time, and before it only with another finding. */
const lastMs = 2 * 60_000;

const latest = ({ clock }: Work, { delay, due }: Deployed, told: string): string =>
  delay !== undefined && isSameFinding(delay.detail, told) && due - clock() > lastMs ? delay.detail : told;

/** A deploy of the live commit that failed after it had succeeded elsewhere: a part of the environment may run without the fix. */
export const failedSince = async (
  { store }: Pick<Work, "store">,
  { service, environment, deploy }: Deployed,
): Promise<DeployRecord | undefined> => {
  const reports = await store.deploys(service, environment, deploy.at);
  const own = reports.filter(({ sha, status }) => sha === deploy.sha && status !== "started");
  return own[0]?.status === "failed" ? own[0] : undefined;
};

const failureOf = ({ sha, at, url }: DeployRecord, { deploy }: Deployed): string => {
  const link = url === undefined ? "" : ` (${url})`;
  return `the deploy of ${short(sha)} at ${clock(at)} failed${link}, after it went live at ${clock(deploy.at)}: a part may run without the fix`;
};
