import type { EpochMs, IncidentId } from "../shared/brands.ts";
import type { Config, Configured } from "../shared/config.ts";
import { UpstreamError } from "../shared/errors.ts";
import type { Intent } from "../shared/incident/commands.ts";
import type { In, Remedy, Status } from "../shared/incident/model.ts";
import type { Accounts } from "../shared/ports/accounts.ts";
import type { ActiveAlerts } from "../shared/ports/active-alerts.ts";
import type { Annotations } from "../shared/ports/annotations.ts";
import type { Changes } from "../shared/ports/changes.ts";
import type { Chat } from "../shared/ports/chat.ts";
import type { Decisions } from "../shared/ports/decisions.ts";
import type { History } from "../shared/ports/history.ts";
import type { KillSwitch } from "../shared/ports/kill-switch.ts";
import type { Logs } from "../shared/ports/logs.ts";
import type { Merging } from "../shared/ports/merging.ts";
import type { Metrics } from "../shared/ports/metrics.ts";
import type { Opinions } from "../shared/ports/opinions.ts";
import type { Paging } from "../shared/ports/paging.ts";
import type { Pulls } from "../shared/ports/pulls.ts";
import type { Redeploys } from "../shared/ports/redeploys.ts";
import type { Registry } from "../shared/ports/registry.ts";
import type { Service } from "../shared/ports/service.ts";
import type { Silences } from "../shared/ports/silences.ts";
import type { Store } from "../shared/ports/store.ts";
import type { Traces } from "../shared/ports/traces.ts";
import type { Trees } from "../shared/ports/trees.ts";
import type { Process, Step } from "../shared/process.ts";
import { holding } from "./stop/hold.ts";

/** The ports and look-ups that every step is given. */
export type Work = {
  store: Store;
  history: History;
  trees: Trees;
  /** Absent where only a log of the past can be read. */
  changes?: Changes;
  pulls: Pulls;
  merging: Merging;
  /** Absent where only a log of the past can be read. */
  redeploys?: Redeploys;
  accounts: Accounts;
  chat: Chat;
  metrics: Metrics;
  /** Absent where no log store is set up. */
  logs?: Logs;
  /** Absent where no trace store is set up. */
  traces?: Traces;
  /** Absent when no registry may be asked. */
  registry?: Registry;
  /** Absent where nobody can be called. */
  paging?: Paging;
  /** Absent where no alert manager is set up. */
  silences?: Silences;
  /** The base addresses of pages that people look at. */
  places?: { grafana?: string; kibana?: string };
  /** Absent where nobody watches graphs that may be marked. */
  annotations?: Annotations;
  /** Absent where no alert manager is set up. */
  activeAlerts?: ActiveAlerts;
  /** Absent where nothing is changed. */
  killSwitch?: KillSwitch;
  clock: () => EpochMs;
  /** A random text that nobody can guess, new at every call. */
  nonce: () => string;
  /** The configuration as it is now. */
  configuration: () => Config;
  /** Absent where no policy server is set up. */
  decisions?: Decisions;
  /** Absent where no model is asked. */
  opinions?: Opinions;
  /** Throws UpstreamError when the configuration no longer names the service. */
  serviceOf: (name: string) => Configured;
  /** Every service whose changes go to this repository. */
  servicesIn: (repository: string) => Configured[];
  /** Decides and stores a command about another incident. */
  handle: Process["handle"];
  /** The address of an incident's page; undefined where nobody is shown pages. */
  pageOf: (id: IncidentId) => string | undefined;
};

/** The service as it is where the remedy's pull request lives. Throws UpstreamError when the configuration no longer names that place. */
export const repositoryOf = (
  { serviceOf }: Pick<Work, "serviceOf">,
  name: string,
  remedy: Pick<Remedy, "in" | "repository">,
): Service => {
  const service = serviceOf(name);
  if (remedy.in === undefined) return service;
  const { gitops = [] } = service;
  const { repository = gitops[0]?.repository } = remedy;
  const place = gitops.find((each) => each.repository === repository);
  if (place !== undefined) return { ...service, ...place };
  const missing = remedy.repository ?? "a GitOps repository";
  throw new UpstreamError("configuration", `the service ${name} no longer has ${missing}`, {
    retryable: false,
  });
};

/**
 * Declares the step that serves a status, or several. It is given the incident as stored, and returns what it wants. It does not
 * run while the incident is held.
 */
export const step =
  <S extends Status>(
    name: string,
    status: S | readonly S[],
    work: (deps: Work, incident: In<S>) => Promise<Intent | null>,
  ): ((deps: Work) => Step<S>) =>
  (deps) => ({
    name,
    statuses: [status].flat() as S[],
    work: async (incident) => {
      const instead = await holding(deps, name, incident);
      return instead === undefined ? work(deps, incident) : instead.intent;
    },
  });
