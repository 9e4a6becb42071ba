import type { EpochMs, IncidentId } from "./brands.ts";
import { ConflictError, UpstreamError } from "./errors.ts";
import { chained } from "./incident/chain/chain.ts";
import type { Command, Intent } from "./incident/commands.ts";
import { decide } from "./incident/decide.ts";
import type { Event } from "./incident/events.ts";
import { evolve } from "./incident/evolve.ts";
import type { In, Incident, Outage, Status } from "./incident/model.ts";
import type { Policy } from "./incident/policy.ts";
import type { Log } from "./ports/log.ts";
import type { Store, Stored } from "./ports/store.ts";
import { countIncidents, countSteps, linkTo, span } from "./telemetry.ts";

export type Handled = Stored & { before: Incident; events: Event[] };

/** A step of the loop: the statuses it serves, and the work due in them. Null: nothing to do now. */
export type Step<S extends Status = Status> = {
  name: string;
  statuses: readonly S[];
  work: (incident: In<S>) => Promise<Intent | null>;
};

export type Process = {
  policyOf(service: string): Policy;
  /**
   * Decides `command` and stores the facts. `seen` is the incident as the caller has just read it: it saves one read.
   * Throws UpstreamError("store") when nothing can be stored.
   */
  handle(id: IncidentId, command: Command, seen?: Stored): Promise<Handled>;
  /**
   * Runs `step` on an incident in its status, and returns the incident afterwards; undefined when the step wanted nothing. A failing
   * step delays or escalates the incident. Throws only when the store fails.
   */
  run<S extends Status>(step: Step<S>, seen: Stored): Promise<Handled | undefined>;
};

/** The number of times that a decision is taken again because another process wrote first, and for how long: a receiver answers within 10 s. */
const attempts = 20;
const contendMs = 6_000;

type Deps = {
  store: Store;
  policyOf: (service: string) => Policy;
  clock: () => EpochMs;
  log: Log;
  /** Lets the other processes go first, the longer the more often they have. */
  giveWay?: (attempt: number) => Promise<void>;
};

/** The only place where deciding meets storing. */
export const createProcess = (deps: Deps): Process => {
  const queued = oneAtATime();
  const handle: Process["handle"] = (id, command, seen) =>
    queued(id, () => decideAndStore(deps, { id, command, seen }));
  return { policyOf: deps.policyOf, handle, run: (step, seen) => runStep({ ...deps, handle }, step, seen) };
};

type Asked = { id: IncidentId; command: Command; seen: Stored | undefined };

const decideAndStore = async (deps: Deps, { id, command, seen }: Asked): Promise<Handled> => {
  const { store, policyOf, clock } = deps;
  const began = clock();
  for (let attempt = 1, stored = seen; ; attempt++, stored = undefined) {
    const { incident: before, version } = stored ?? (await store.load(id));
    const events = chained(before, decide(before, command, policyOf(before.service)), version);
    if (events.length === 0) return { before, incident: before, version, events };
    const incident = events.reduce(evolve, before);
    linkTo("trace" in before ? before.trace : undefined);
    try {
      const written = await store.append(id, version, incident, events);
      const handled = { before, incident, version: written, events };
      record(deps, command, handled);
      return handled;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= attempts || clock() - began >= contendMs)
        throw error;
      await deps.giveWay?.(attempt);
    }
  }
};

const record = ({ log }: Pick<Deps, "log">, command: Command, { before, incident }: Handled): void => {
  if (incident.status === before.status) return;
  countIncidents({
    status: incident.status,
    ...("outcome" in incident ? { outcome: incident.outcome } : {}),
  });
  log.info("incident moved", {
    ...{ incident: incident.id, round: incident.round },
    ...{ from: before.status, to: incident.status, command: command.type },
  });
};

/** Queues the commands of each incident, so that many at once do not conflict with each other. */
const oneAtATime = () => {
  const last = new Map<string, Promise<unknown>>();
  return <T>(id: IncidentId, work: () => Promise<T>): Promise<T> => {
    const before = last.get(id) ?? Promise.resolve();
    const done = before.catch(() => {}).then(work);
    last.set(id, done);
    const leave = () => {
      if (last.get(id) === done) last.delete(id);
    };
    done.then(leave, leave);
    return done;
  };
};

const serves = <S extends Status>(step: Step<S>, incident: Incident): incident is In<S> =>
  step.statuses.some((status) => status === incident.status);

const runStep = async <S extends Status>(
  { clock, log, handle }: Deps & Pick<Process, "handle">,
  step: Step<S>,
  seen: Stored,
): Promise<Handled | undefined> => {
  const { incident } = seen;
  if (!serves(step, incident)) return undefined;
  const { id, round } = incident;
  const traceparent = "trace" in incident ? incident.trace : undefined;
  const attributes = { "countersteer.incident": id, "countersteer.round": round };
  return span(step.name, { traceparent, attributes }, async () => {
    const intent = await step.work(incident).catch((error: unknown) => {
      log.warn("step failed", { incident: id, round, step: step.name, error });
      return setback(step.name, error);
    });
    countSteps({ step: step.name, result: intent?.type ?? "nothing" });
    return intent === null ? undefined : handle(id, { ...intent, at: clock(), round }, seen);
  });
};

/** A failure that may pass delays the incident; one that never will is for people. An error of our own may pass with the next release. */
const setback = (step: string, error: unknown): Intent => {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof UpstreamError && !error.retryable)
    return { type: "Escalate", reason: "refused", detail };
  if (!(error instanceof UpstreamError)) return { type: "Delay", step, detail };
  const { retryAt, system: failed } = error;
  const system = outageOf(error);
  return {
    type: "Delay",
    step,
    detail,
    failed,
    ...(retryAt !== undefined && { retryAt }),
    ...(system && { system }),
  };
};

const outageOf = ({ system }: UpstreamError): Outage | undefined =>
  system === "github" || system === "slack" ? system : undefined;
