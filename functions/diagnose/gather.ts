import type { Configured } from "../../shared/config.ts";
import { withDeployerClock } from "../../shared/diagnosis/candidates/deploy-clock.ts";
import { alertText, type Case, type Elsewhere } from "../../shared/diagnosis/model.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { undeployedText } from "../../shared/incident/diagnosis/undeployed.ts";
import type { Alert, Owner, Undeployed } from "../../shared/incident/model.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { FlipRecord } from "../../shared/ports/store.ts";
import type { Work } from "../step.ts";
import { type Application, applicationChanges } from "./application.ts";
import { readChanges } from "./changes/read.ts";
import { type GitopsChanges, readGitopsChanges } from "./gitops.ts";
import { inReach } from "./reach.ts";

const day = 24 * 60 * 60 * 1000;
/** Commits of each of the other services. */
const mostElsewhere = 15;
/** A deploy older than every change that is looked at tells that none of them was live before the next one. */
const deploysBackMs = 90 * day;
/** The onset may be found to be up to a day before the incident's, and a flag a day before that. */
const flagsBackMs = 2 * day;

/** An incident as its changes are looked for. `errors` are the new errors of the log, which are read meanwhile. */
export type Trouble = {
  service: string;
  environment: string;
  onsetAt: number;
  /** People's changes of flags since then answer the alert. */
  openedAt?: number;
  alerts?: Alert[];
  errors?: Promise<string>;
  /** Services that traces show it to call, which are read meanwhile. */
  called?: Promise<string[]>;
  /** No other look follows, so what was not told by now is not waited for. */
  isLastLook?: boolean;
};
const noErrors = Promise.resolve("");
type Gathered = Pick<
  Case,
  "commits" | "history" | "deploys" | "changeSets" | "elsewhere" | "bumps" | "flags" | "dependsOn" | "unread"
> & { undeployed: Undeployed[] };

/**
 * Reads the changes that may be to blame: the service's own, those of its GitOps repositories, and those of the services it depends on.
 * Only its own must be readable; the notes say what else could not be looked at.
 */
export const gather = async (work: Work, trouble: Trouble): Promise<Gathered> => {
  const own = work.serviceOf(trouble.service);
  const [{ application, configuration, flips, clock }, { dependencies, others }] = await Promise.all([
    ownChanges(work, own, trouble),
    changesOfOthers(work, own, trouble),
  ]);
  const flags = [...flips, ...others.flatMap((other) => other.flips)].filter(
    ({ at }) => at >= trouble.onsetAt - flagsBackMs && at <= (trouble.openedAt ?? Number.POSITIVE_INFINITY),
  );
  const { notes, undeployed = [], ...changes } = application;
  const waiting = [...undeployed, ...configuration.undeployed];
  const unread = [
    ...waiting.slice(0, 1).map(() => `${undeployedText(waiting)}: not looked at`),
    ...clock,
    ...configuration.notes,
    ...others.flatMap((other) => other.notes),
    ...notes,
  ];
  return {
    ...changes,
    undeployed: waiting,
    elsewhere: [...configuration.elsewhere, ...others.flatMap((other) => other.elsewhere)],
    ...(configuration.bumps.length === 0 ? {} : { bumps: configuration.bumps }),
    ...(flags.length === 0 ? {} : { flags }),
    ...(dependencies.length === 0 ? {} : { dependsOn: dependencies }),
    ...(unread.length === 0 ? {} : { unread }),
  };
};

type Others = { dependencies: string[]; others: Other[] };

/** Changes of the services that it depends on: those of the configuration first, then those that traces show. */
const changesOfOthers = async (work: Work, own: Configured, trouble: Trouble): Promise<Others> => {
  const read = (names: string[]) =>
    Promise.all(names.map((name) => dependencyOrNote(work, { own, name }, trouble)));
  const named = inReach(own, []);
  const [ofNamed, called] = await Promise.all([read(named), trouble.called ?? []]);
  const dependencies = inReach(own, called);
  const traced = dependencies.filter((name) => !named.includes(name));
  return { dependencies, others: [...ofNamed, ...(await read(traced))] };
};

/** `clock` tells which deploys were set right. */
type Own = { application: Application; configuration: GitopsChanges; flips: FlipRecord[]; clock: string[] };

/** The deploys of a service, by a clock that is right, and its flags. */
const changesOf = async (work: Work, name: string, { environment, onsetAt }: Trouble) => {
  const { deploys, flips } = await work.store.changes(name, environment, onsetAt - deploysBackMs);
  const { notes: clock, deploys: set } = withDeployerClock(deploys, onsetAt);
  return { deploys: set, flips, clock };
};

/** The GitOps repositories are read first: they declare which of the service's own changes run. */
const ownChanges = async (work: Work, own: Configured, trouble: Trouble): Promise<Own> => {
  const { environment, onsetAt, alerts = [], errors = noErrors, isLastLook = false } = trouble;
  const { deploys, flips, clock } = await changesOf(work, own.name, trouble);
  const asked = { own, environment, onsetAt, deploys, symptom: alertText(alerts), errors, isLastLook };
  const configuration = await readGitopsChanges(work, asked);
  return { application: await applicationChanges(work, asked, configuration), configuration, flips, clock };
};

type Other = { elsewhere: Elsewhere[]; flips: FlipRecord[]; notes: string[] };
type Dependency = { own: Configured; name: string };

const dependencyOrNote = async (work: Work, given: Dependency, trouble: Trouble): Promise<Other> => {
  try {
    return await dependency(work, given, trouble);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const what = `the commits of ${given.name}, which it depends on,`;
    return { elsewhere: [], flips: [], notes: [`${what} could not be looked at: ${error.message}`] };
  }
};

const dependency = async (work: Work, { own, name }: Dependency, trouble: Trouble): Promise<Other> => {
  const { onsetAt, alerts = [], errors = noErrors } = trouble;
  const target = work.serviceOf(name);
  const { deploys, flips } = await changesOf(work, name, trouble);
  const symptom = alertText(alerts);
  const asked = { target, deploys, onsetAt, symptom, errors, limit: mostElsewhere };
  const { notes, ...changes } = await readChanges(work, asked);
  const owner = sameAuthority(own, target) ? {} : { of: ownerOf(target) };
  return { elsewhere: [{ service: name, ...owner, ...changes, deploys }], flips, notes };
};

const ownerOf = ({ name, repository, approvers }: Service): Owner => ({
  service: name,
  repository,
  approvers,
});

/** The same people answer for both, in the same repository and branch: then a change of one may be taken back for the other. */
const sameAuthority = (a: Service, b: Service): boolean =>
  a.repository === b.repository &&
  a.branch === b.branch &&
  a.approvers.toSorted().join() === b.approvers.toSorted().join();
