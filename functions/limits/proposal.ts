import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { In, Remedy, Suspect } from "../../shared/incident/model.ts";
import { defaultAutonomy, mergedIn, unearned } from "../../shared/policy/autonomy.ts";
import { dateTime, short, span } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";
import { named, opaDecision } from "./opa.ts";
import { frozen, limitsOf, refusal } from "./refusal.ts";

type Diagnosed = In<"diagnosed">;
/** Why nothing is proposed, or why no machine may say yes to it, as sentences. */
type Proposable = { refused: Intent } | { look: string[] };

/** Holds a remedy against the configuration as it is now, before its pull request is opened. */
export const proposable = async (work: Work, incident: Diagnosed, remedy: Remedy): Promise<Proposable> => {
  const { policy } = work.serviceOf(incident.service);
  const detail =
    policy.mode === "observe" ? `${observed}; no pull request is opened` : tooOld(work, incident, remedy);
  if (detail !== undefined) return { refused: { type: "Escalate", reason: "limited", detail } };
  const look = [
    await notNow(work, incident),
    ...(policy.mode === "auto" ? await notByItself(work, incident, remedy) : []),
  ];
  return { look: look.filter((sentence) => sentence !== undefined) };
};

export const observed = "the service is in mode observe now";

const tooOld = (work: Work, incident: Diagnosed, remedy: Remedy): string | undefined => {
  const { maxAgeMs } = work.serviceOf(incident.service).policy;
  if (maxAgeMs === undefined || remedy.kind !== "revert") return undefined;
  const suspect = incident.diagnosis.suspects.find(({ sha }) => sha === remedy.sha);
  const age = suspect && work.clock() - liveSince(suspect);
  if (age === undefined || age <= maxAgeMs) return undefined;
  return `policy.maxAge (${span(maxAgeMs)}) is over for ${short(remedy.sha)} “${remedy.title}”, which is ${span(age)} old: it is not taken back; \`cli revert\` opens the pull request by hand`;
};

/** A deploy tells when a change went live; dates of commits are their authors' words. */
const liveSince = ({ at, change }: Suspect): number => change?.deploy?.at ?? at;

const notNow = async ({ store, configuration, clock }: Work, { service }: Diagnosed) => {
  const limits = limitsOf(configuration(), service);
  return limits && (frozen(limits, clock()) ?? (await refusal(store, limits, clock())));
};

const notByItself = async (work: Work, incident: Diagnosed, remedy: Remedy): Promise<string[]> => {
  const lost = await notEarned(work, incident);
  if (lost !== undefined) return [lost];
  const decision = await opaDecision(work, {
    ...{ moment: "proposal", incident, remedy, actor: "auto", approvals: [] },
  });
  if (decision === undefined) return [];
  if (decision.result === "undecided") return [`${named(decision)} decided nothing: ${decision.why}`];
  if (decision.allow && decision.approvals === 0) return [];
  const asks = decision.allow
    ? `asks for ${decision.approvals} approvals`
    : "does not let it merge by itself";
  return [[`${named(decision)} ${asks}`, ...decision.reasons].join(": ")];
};

const notEarned = async (work: Work, { service }: Diagnosed): Promise<string | undefined> => {
  const { environments, policy } = work.serviceOf(service);
  const firsts = await Promise.all(
    environments.map((environment) => work.store.load(`${service}/${environment}`)),
  );
  const ids = firsts.flatMap(({ incident }) => troubleIds(incident));
  const logs = await Promise.all(ids.map((id) => work.store.log(id)));
  const found = unearned(logs.flatMap(mergedIn), work.clock(), policy.autonomy ?? defaultAutonomy);
  return (
    found &&
    `${found.detail}; a person decides${found.until === undefined ? "" : ` until ${dateTime(found.until)}`}`
  );
};
