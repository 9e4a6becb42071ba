import { ConflictError, UpstreamError } from "./errors.ts";
import { decide } from "./incident/decide.ts";
import { evolve } from "./incident/evolve.ts";
import type { Command, Event, In, Incident, Intent, Policy, Status } from "./incident/model.ts";
import type { Log } from "./ports/log.ts";
import type { Store } from "./ports/store.ts";
import { countIncidents, countSteps, span } from "./telemetry.ts";

export type Handled = { before: Incident; incident: Incident; version: number; events: Event[] };

/** A step of the loop: the status it serves, and the work due in it. Null: nothing to do now. */
export type Step<S extends Status = Status> = {
  name: string;
  status: S;
  work: (incident: In<S>) => Promise<Intent | null>;
};

export type Process = {
  /** Decides `command` against the incident as stored, and stores what follows. Throws UpstreamError("store") when that cannot be. */
  handle(id: string, command: Command): Promise<Handled>;
  /** Runs `step` if the incident is in its status. True when something was stored. A failing step delays or escalates the incident; it throws only when the store fails. */
  run<S extends Status>(step: Step<S>, id: string): Promise<boolean>;
};

/** How often a decision is taken again because another process wrote first. */
const attempts = 20;

/** The only place where deciding meets storing. */
export const createProcess = (deps: {
  store: Store;
  policyOf: (service: string) => Policy;
  clock: () => number;
  log: Log;
}): Process => {
  const { store, policyOf, clock, log } = deps;

  const decideAndStore = async (id: string, command: Command): Promise<Handled> => {
    for (let attempt = 1; ; attempt++) {
      const { incident: before, version } = await store.load(id);
      const events = decide(before, command, policyOf(before.service));
      if (events.length === 0) return { before, incident: before, version, events };
      const incident = events.reduce(evolve, before);
      try {
        const written = await store.append(id, version, incident, events);
        if (incident.status !== before.status) {
          countIncidents({
            status: incident.status,
            ...("outcome" in incident ? { outcome: incident.outcome } : {}),
          });
          log.info("incident moved", {
            incident: id,
            round: incident.round,
            from: before.status,
            to: incident.status,
            command: command.type,
          });
        }
        return { before, incident, version: written, events };
      } catch (error) {
        if (!(error instanceof ConflictError) || attempt >= attempts) throw error;
      }
    }
  };

  /** The last command taken up for each incident: here they queue, so that a crowd at one incident does not race. */
  const queues = new Map<string, Promise<unknown>>();
  const handle = (id: string, command: Command): Promise<Handled> => {
    const before = queues.get(id) ?? Promise.resolve();
    const handled = before.catch(() => {}).then(() => decideAndStore(id, command));
    queues.set(id, handled);
    const leave = () => {
      if (queues.get(id) === handled) queues.delete(id);
    };
    handled.then(leave, leave);
    return handled;
  };

  const run = async <S extends Status>(step: Step<S>, id: string): Promise<boolean> => {
    const { incident } = await store.load(id);
    if (incident.status !== step.status) return false;
    const traceparent = "trace" in incident ? incident.trace : undefined;
    const attributes = { "countersteer.incident": id, "countersteer.round": incident.round };
    return span(step.name, { traceparent, attributes }, async () => {
      const intent = await step.work(incident as In<S>).catch((error: unknown) => {
        log.warn("step failed", { incident: id, round: incident.round, step: step.name, error });
        return setback(step.name, error);
      });
      countSteps({ step: step.name, result: intent?.type ?? "nothing" });
      if (intent === null) return false;
      const { events } = await handle(id, { ...intent, at: clock(), round: incident.round });
      return events.length > 0;
    });
  };

  return { handle, run };
};

/** What may pass delays the incident; what never will is for people. An error of our own may pass with the next release. */
const setback = (step: string, error: unknown): Intent => {
  const detail = error instanceof Error ? error.message : String(error);
  if (error instanceof UpstreamError && !error.retryable)
    return { type: "Escalate", reason: "refused", detail };
  return { type: "Delay", step, detail };
};
