import type { Event } from "../../shared/incident/events.ts";
import { emptyIncident, type Incident } from "../../shared/incident/model.ts";
import type { Log } from "../../shared/ports/log.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { PullRecord, Watcher } from "./github.ts";
import { closedUnderOthers, mergedWrongly, secondPull, toldWrongly } from "./online.ts";
import type { Rule } from "./rules.ts";
import type { Scene } from "./scene.ts";

export type Violation = { at: number; rule: Rule; detail: string };

/** The button that a person pressed, and whether Slack got its 200. */
export type Click = {
  user: string;
  kind: "approve" | "reject";
  incident: string;
  round: number;
  head: string;
  at: number;
  isAnswered: boolean;
};
/** A firing for which the product answered 2xx. */
export type Acknowledged = {
  service: string;
  environment: string;
  fingerprint: string;
  startsAt: number;
  at: number;
};

/** The record of one history: the facts, the deeds of people, and the broken rules. */
export type Ledger = {
  incidents: Map<string, Incident>;
  logs: Map<string, Event[]>;
  clicks: Click[];
  acknowledged: Acknowledged[];
  violations: Violation[];
  /** Situations that occurred, to see that the histories are not empty. */
  seen: Set<string>;
  /** Calls that began to merge, by pull request. */
  merging: Map<number, number>;
  /** When each round of an incident left the status approved, how, and with which pull request: the round after it knows nothing of that. */
  left: Map<string, { at: number; by: string; pull: number }>;
  /** When the fix of an incident went live. */
  ends: Map<string, number>;
  /** When people left. */
  gone: Map<string, number>;
  /** Since when Countersteer is stopped. */
  stopped: { since?: number };
  lines: string[];
  log: Log;
  watcher: Watcher;
  nonce: () => string;
  note(text: string): void;
  violate(rule: Rule, detail: string): void;
  /** The store, with everything that is written to it noted. */
  watched(store: Store): Store;
  of(scene: Scene): void;
};

const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

export const createLedger = (now: () => number, isTraced: boolean): Ledger => {
  let scene: Scene | undefined;
  let nonces = 0;
  const must = (): Scene => {
    if (scene === undefined) throw new Error("no scene");
    return scene;
  };
  const note = (text: string): void => {
    if (isTraced) ledger.lines.push(`${time(now())} ${text}`);
  };
  const write =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (!isTraced) return;
      const { error, ...rest } = fields;
      note(`  ${level} ${message} ${JSON.stringify(rest)}${error === undefined ? "" : ` ${String(error)}`}`);
    };
  const ledger: Ledger = {
    ...{ incidents: new Map(), logs: new Map(), clicks: [], acknowledged: [], violations: [] },
    ...{
      seen: new Set(),
      merging: new Map(),
      left: new Map(),
      ends: new Map(),
      gone: new Map(),
      stopped: {},
      lines: [],
      note,
    },
    log: {
      info: write("info"),
      warn: write("warn"),
      error: (message, fields) => {
        write("error")(message, fields);
        const error = fields?.error;
        if (error instanceof Error && !/^(UpstreamError|ConflictError|AggregateError)$/.test(error.name))
          ledger.violate("no error of our own", `${message}: ${error.stack ?? error.message}`);
      },
    },
    watcher: watcherOf(must, note),
    nonce: () => `nonce-${++nonces}`,
    violate: (rule, detail) => {
      note(`VIOLATION ${rule}: ${detail}`);
      ledger.violations.push({ at: now(), rule, detail });
    },
    watched: (store) => ({
      ...store,
      append: async (id, version, incident, events) => {
        const written = await store.append(id, version, incident, events);
        if (written !== version + 1) ledger.violate("versions go up by one", `${id} ${version} ${written}`);
        record(must(), { id, incident, events });
        return written;
      },
    }),
    of: (one) => {
      scene = one;
    },
  };
  return ledger;
};

export const record = (
  scene: Scene,
  { id, incident, events }: { id: string; incident: Incident; events: Event[] },
): void => {
  const { ledger } = scene;
  const before = ledger.incidents.get(id) ?? emptyIncident(id);
  if (before.status === "approved" && incident.status !== "approved")
    ledger.left.set(`${id}#${before.round}`, {
      at: scene.schedule.now(),
      by: events.map(({ type }) => type).join(),
      pull: before.pull.number,
    });
  const log = ledger.logs.get(id) ?? [];
  for (const event of events) {
    log.push(event);
    ledger.seen.add(`${before.status} × ${event.type}`);
    if (event.type === "IncidentClosed") ledger.seen.add(`outcome ${event.outcome}`);
    if (event.type === "IncidentEscalated") ledger.seen.add(`reason ${event.reason}`);
    toldWrongly(scene, incident, event);
    if (event.type === "IncidentOpened") ledger.ends.delete(id);
    if (event.type === "RemedyDeployed" || event.type === "ReferralSettled") ledger.ends.set(id, event.at);
    const detail = "detail" in event ? ` ${event.detail}` : "";
    ledger.note(`${id}#${incident.round} ${event.type}${detail} → ${incident.status}`);
  }
  ledger.logs.set(id, log);
  ledger.incidents.set(id, incident);
};

const watcherOf = (must: () => Scene, note: (text: string) => void): Watcher => {
  const name = ({ number, branch }: PullRecord): string => `#${number} ${branch}`;
  return {
    opened: (pull) => {
      note(`GitHub: ${name(pull)} is opened`);
      secondPull(must(), pull);
    },
    merging: (pull) => {
      const { ledger, schedule } = must();
      ledger.merging.set(pull.number, schedule.now());
    },
    merged: (pull) => {
      note(`GitHub: ${name(pull)} is merged by Countersteer`);
      mergedWrongly(must(), pull);
    },
    closed: (pull) => {
      note(`GitHub: ${name(pull)} is closed by Countersteer`);
      closedUnderOthers(must(), pull);
    },
  };
};
