import type { Configured } from "../shared/config.ts";
import type { In, Intent, Status } from "../shared/incident/model.ts";
import type { Chat, Metrics, Source, Store } from "../shared/ports.ts";
import type { Step } from "../shared/process.ts";

/** What steps work with. */
export type Work = {
  store: Store;
  source: Source;
  chat: Chat;
  metrics: Metrics;
  clock: () => number;
  /** Throws UpstreamError when the configuration no longer names the service. */
  serviceOf: (name: string) => Configured;
  /** The address of an incident's page. */
  pageOf: (id: string) => string;
};

/** Declares the step that serves `status`: it is given the incident as stored in that status, and returns what it wants. */
export const step =
  <S extends Status>(
    name: string,
    status: S,
    work: (deps: Work, incident: In<S>) => Promise<Intent | null>,
  ): ((deps: Work) => Step<S>) =>
  (deps) => ({ name, status, work: (incident) => work(deps, incident) });
