import { entitled } from "../../../functions/approval/groups.ts";
import { approverInSlack, voteOf } from "../../../functions/approval/person.ts";
import { requiredOf } from "../../../functions/approval/required.ts";
import { notPermitted } from "../../../functions/limits/permitted.ts";
import { observed, proposable } from "../../../functions/limits/proposal.ts";
import { guardFields } from "../../../functions/propose/revert.ts";
import type { Work } from "../../../functions/step.ts";
import { parseWebhook } from "../../../shared/adapters/alertmanager/notification.ts";
import { memoryStore } from "../../../shared/adapters/memory.ts";
import type { Config } from "../../../shared/config.ts";
import { type Ground, missingVotes } from "../../../shared/incident/approval/votes.ts";
import {
  type In,
  type Incident,
  incidentId,
  type Pull,
  type Revert,
} from "../../../shared/incident/model.ts";
import { codeowners } from "../../../shared/policy/approval/codeowners.ts";
import { fromGithub, personKey } from "../../../shared/policy/approval/person.ts";
import { asOf } from "../../../shared/policy/emergency.ts";
import { guardedBy, reasonFor } from "../../../shared/policy/guarded-paths.ts";
import { selector } from "../../../shared/policy/match.ts";
import { createProcess } from "../../../shared/process.ts";
import { policyOf, serviceOf } from "../../host/settings/services.ts";
import { uncalled } from "../uncalled.ts";
import type { PolicyCase } from "./case.ts";
import { peopleOf } from "./people.ts";

/** The end of a case: merged, refused, or handed to a person, with the reason as people are told it. */
export type Decided = { decision: "allowed" | "refused" | "person"; because: string };

/** Given with the case: the configuration, the webhook's JSON, and who belongs to which group. */
export type Given = { config: Config; webhook: unknown; members: Record<string, string[]> };

const silent = { info() {}, warn() {}, error() {} };

/** Decides the case by the product's own rules, over a store that is forgotten. It reads no other system. */
export const decidePolicy = async (one: PolicyCase, given: Given): Promise<Decided> => {
  const config = asOf(given.config, one.at);
  const { alerts } = parseWebhook(given.webhook);
  const select = selector(config.services);
  const [selected] = alerts
    .map((alert) => select(alert))
    .flatMap((found) => ("left" in found ? [] : [found]));
  if (selected === undefined)
    return { decision: "refused", because: "the alert is about no service of the configuration" };
  const { service, environment } = selected;
  const work = workOf(one, config, given.members);
  const id = incidentId(service.name, environment);
  const firing = alerts.map(({ endsAt: _, ...alert }) => ({
    ...alert,
    status: "firing" as const,
    startsAt: one.at,
  }));
  await work.handle(id, { type: "RecordAlerts", at: one.at, alerts: firing, truncated: false });
  const remedy = remedyOf(one);
  await work.handle(id, {
    ...{ type: "RecordDiagnosis", at: one.at, round: 1 },
    diagnosis: { suspects: [suspectOf(one)], none: 1 - remedy.score, onsetAt: one.at, remedies: [remedy] },
  });
  const { incident } = await work.store.load(id);
  if (incident.status !== "diagnosed") return ended(incident);
  const limited = await proposable(work, incident, remedy);
  if ("refused" in limited) return { decision: "refused", because: detailOf(limited.refused) };
  return proposed(one, work, { incident, remedy, look: limited.look });
};

const workOf = (one: PolicyCase, config: Config, members: Given["members"]): Work => {
  const store = memoryStore();
  const clock = () => one.at;
  const process = createProcess({
    store,
    clock,
    log: silent, // Nothing becomes known later in a case, so the first look is the last.
    policyOf: (name) => ({ ...policyOf(config, name), lookAgainMs: [] }),
  });
  const kinds = new Map(one.people.flatMap((who) => ("slack" in who ? [[who.slack, who.is] as const] : [])));
  const { chat, accounts } = peopleOf(members, kinds);
  return {
    ...uncalled<Work>(),
    ...{ store, clock, handle: process.handle, nonce: () => "nonce" },
    chat: { ...uncalled<Work["chat"]>(), ...chat },
    accounts: { ...uncalled<Work["accounts"]>(), ...accounts },
    pulls: { ...uncalled<Work["pulls"]>(), setCheck: async () => {} },
    configuration: () => config,
    serviceOf: (name) => serviceOf(config, name),
    servicesIn: (repository) => config.services.filter((other) => other.repository === repository),
    pageOf: (id) => `/incidents/${id}`,
  };
};

const remedyOf = ({ git, diagnosis }: PolicyCase): Revert => ({
  ...{ kind: "revert", sha: git.sha, title: git.title, score: diagnosis.confidence },
  measured: diagnosis.measured,
});

const suspectOf = ({ at, git, diagnosis }: PolicyCase) => ({
  ...{
    sha: git.sha,
    score: diagnosis.confidence,
    title: git.title,
    author: git.authors[0] ?? "",
    at,
    url: "",
  },
  ...{ reasons: [], measured: diagnosis.measured },
});

type Proposing = { incident: In<"diagnosed">; remedy: Revert; look: string[] };

const proposed = async (
  one: PolicyCase,
  work: Work,
  { incident, remedy, look }: Proposing,
): Promise<Decided> => {
  const { id, service: name } = incident;
  const service = work.serviceOf(name);
  const { paths } = one.git;
  const { maxFiles, guard } = service.policy;
  if (maxFiles !== undefined && paths.length > maxFiles)
    return {
      decision: "refused",
      because: `policy.maxFiles (${maxFiles}) is less than the ${paths.length} files`,
    };
  const files = paths.map((path) => ({ path }));
  const table = paths.flatMap((path) => {
    const reason = reasonFor(path);
    return reason === undefined ? [] : [{ path, reason }];
  });
  const guards = [...look.map((reason) => ({ reason })), ...table, ...guardedBy(guard, files)];
  const pull: Pull = {
    ...{ number: 1, url: "", branch: "countersteer/revert", head: "d".repeat(40), base: service.branch },
    ...{ baseSha: "e".repeat(40), diff: "digest" },
  };
  const told = guardFields(guards);
  await work.handle(id, { type: "RecordProposal", at: one.at, round: 1, remedy, pull, ...told });
  const now = (await work.store.load(id)).incident;
  const why =
    now.status === "proposed" && service.policy.mode === "auto" ? (told.look ?? [weak]) : (told.look ?? []);
  const refused = now.status === "proposed" ? await asked(one, work, now) : [];
  return atMerge(one, work, { incident: (await work.store.load(id)).incident, why: [...refused, ...why] });
};

const weak = "mode auto asks: the evidence is not measured, or the probability is below autoConfidence";

/** Has the people of the case approve, one after the other. Returns why somebody could not. */
const asked = async (one: PolicyCase, work: Work, incident: In<"proposed">): Promise<string[]> => {
  const { id, service: name } = incident;
  const config = work.configuration();
  const place = work.serviceOf(name);
  const ground = groundOf(one);
  const required = requiredOf(config, incident, place, ground);
  const refused: string[] = [];
  for (const who of one.people) {
    const found =
      "slack" in who
        ? await approverInSlack(work, config, {
            ...{ incident, user: { id: who.slack }, ground: { ...ground, repository: place.repository } },
          })
        : await onGithub(work, who.github, required);
    if ("refused" in found) refused.push(`${nameOf(who)}: ${found.refused}`);
    else
      await work.handle(id, {
        ...{ type: "Approve", at: one.at, round: 1, head: incident.pull.head, required },
        vote: voteOf(found, {
          at: one.at,
          by: nameOf(who),
          door: "slack" in who ? "slack" : "github",
          ground,
        }),
      });
  }
  const { incident: now } = await work.store.load(id);
  const missing = now.status === "proposed" ? missingVotes(now.votes ?? [], required) : [];
  return [...refused, ...(missing.length === 0 ? [] : [`still needed: ${missing.join(", ")}`])];
};

const onGithub = async (work: Work, login: string, required: ReturnType<typeof requiredOf>) => {
  const person = fromGithub(work.configuration().people ?? {}, login);
  const now = await entitled(work, { person, groups: required.groups });
  if ("refused" in now) return now;
  return now.of.length === 0
    ? { refused: `${personKey(person)} is not an approver`, code: "not_approver" as const }
    : { person, of: now.of, required };
};

const nameOf = (who: PolicyCase["people"][number]): string => ("slack" in who ? who.slack : who.github);

const groundOf = ({ git }: PolicyCase): Ground => {
  const ownersOf = codeowners(git.codeowners);
  const owners = Object.fromEntries(git.paths.map((path) => [path, ownersOf(path)]));
  return {
    paths: git.paths,
    authors: git.authors.map((one) => one.toLowerCase()),
    isComplete: !git.unknownAuthor,
    owners,
  };
};

/** The instant before the merge: freeze, limits and mode as they are then. */
const atMerge = async (
  one: PolicyCase,
  work: Work,
  { incident, why }: { incident: Incident; why: string[] },
): Promise<Decided> => {
  if (incident.status !== "approved")
    return { decision: "person", because: why.join("; ") || "an approver decides" };
  const { pull, approval } = incident;
  const now = { pull, state: "open", paths: one.git.paths } as const;
  const stopped = await notPermitted(work, work.serviceOf(incident.service), { incident, now });
  if (stopped === undefined) return { decision: "allowed", because: `approved by ${approval.by}` };
  return { decision: "refused", because: detailOf(stopped) };
};

const detailOf = (intent: object): string =>
  "detail" in intent && typeof intent.detail === "string" ? intent.detail : "no reason is given";

/** The diagnosis alone ended it: in mode observe, or because it is too uncertain. */
const ended = (incident: Incident): Decided =>
  incident.status === "escalated"
    ? { decision: "person", because: incident.detail }
    : { decision: "refused", because: observed };
