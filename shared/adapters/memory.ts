import { ConflictError } from "../errors.ts";
import type { Event } from "../incident/events.ts";
import { dueOf, emptyIncident } from "../incident/model.ts";
import { recentOf } from "../incident/rounds/recent.ts";
import { waitOf } from "../incident/schedule/wait.ts";
import {
  type DeployRecord,
  deliveries,
  type FlipRecord,
  type Store,
  type Stored,
  type Waiting,
} from "../ports/store.ts";

type Row = { version: number; consumed: number; snapshot: string; events: [version: number, json: string][] };

/** Keeps everything in memory, as JSON, so that nothing a caller holds is shared. `wake` is told every incident written. */
export const memoryStore = ({ wake }: { wake?: (id: string) => void } = {}): Store => ({
  ...incidents(wake),
  ...changes(),
  ...deliveryMarks(),
  ...registers(),
  async ready() {},
  async close() {},
});

type Incidents =
  | "load"
  | "append"
  | "log"
  | "recent"
  | "record"
  | "list"
  | "active"
  | "waiting"
  | "pending"
  | "consume";

const incidents = (wake: ((id: string) => void) | undefined): Pick<Store, Incidents> => {
  /** In the order of their latest write. */
  const rows = new Map<string, Row>();
  const eventsOf = (id: string): Row["events"] => rows.get(id)?.events ?? [];
  return {
    async load(id) {
      const row = rows.get(id);
      return row === undefined ? { incident: emptyIncident(id), version: 0 } : stored(row);
    },
    async append(id, version, incident, events) {
      const row = rows.get(id) ?? { version: 0, consumed: 0, snapshot: "", events: [] };
      if (row.version !== version)
        throw new ConflictError(`append ${id}: ${version} is not the latest version`);
      rows.delete(id);
      rows.set(id, {
        ...{ version: version + 1, consumed: row.consumed, snapshot: JSON.stringify(incident) },
        events: [...row.events, ...events.map((event) => written(version + 1, event))],
      });
      wake?.(id);
      return version + 1;
    },
    log: async (id) => eventsOf(id).map(([, json]): Event => JSON.parse(json)),
    recent: async (id) => recentOf(eventsOf(id).map(([, json]): Event => JSON.parse(json))),
    record: async (id) => eventsOf(id).map(([version, json]) => ({ version, fact: JSON.parse(json) })),
    list: async () => [...rows.keys()].reverse(),
    active: async () =>
      [...rows.values()]
        .reverse()
        .map(stored)
        .filter(({ incident }) => dueOf(incident) !== undefined),
    waiting: async () => [...rows].reverse().flatMap(waitingOf),
    async pending() {
      const behind = [...rows].filter(([, { version, consumed }]) => consumed < version);
      return behind.map(([id, { version }]) => ({ id, version }));
    },
    async consume(id, version) {
      const row = rows.get(id);
      if (row !== undefined) row.consumed = Math.max(row.consumed, version);
    },
  };
};

const stored = ({ snapshot, version }: Row): Stored => ({ incident: JSON.parse(snapshot), version });

const waitingOf = ([id, row]: [string, Row]): Waiting[] => {
  const wait = waitOf(stored(row).incident);
  const hasNews = row.consumed < row.version;
  return wait.due === undefined && !hasNews ? [] : [{ id, version: row.version, hasNews, wait }];
};

const changes = (): Pick<Store, "recordDeploy" | "deploys" | "recordFlip" | "changes"> => {
  const records = new Map<string, DeployRecord>();
  const switched = new Map<string, FlipRecord>();
  const deploys: Store["deploys"] = async (...scope) => newest(records, ...scope);
  return {
    async recordDeploy(deploy) {
      const { service, environment, sha, status, at } = deploy;
      const key = JSON.stringify([service, environment, sha, status, at]);
      if (!records.has(key)) records.set(key, { ...deploy });
    },
    deploys,
    async recordFlip(flip) {
      const { service, environment, flag, change, at } = flip;
      const key = JSON.stringify([service, environment, flag, change, at]);
      if (!switched.has(key)) switched.set(key, { ...flip });
    },
    changes: async (...scope) => ({ deploys: await deploys(...scope), flips: newest(switched, ...scope) }),
  };
};

const deliveryMarks = (): Pick<Store, "isDelivered" | "recordDelivery"> => {
  const delivered = new Map<string, number>();
  return {
    async isDelivered(id, now) {
      const at = delivered.get(id);
      return at !== undefined && at > now - deliveries.keepMs;
    },
    async recordDelivery(id, now) {
      delivered.set(id, now);
      const [oldest] = delivered.keys();
      if (delivered.size > deliveries.count && oldest !== undefined) delivered.delete(oldest);
    },
  };
};

const registers = (): Pick<Store, "register" | "setRegister"> => {
  const stored = new Map<string, { version: number; text: string }>();
  return {
    async register(name) {
      const { version, text } = stored.get(name) ?? { version: 0, text: undefined };
      return text === undefined ? { version } : { version, value: JSON.parse(text) };
    },
    async setRegister(name, version, value) {
      if ((stored.get(name)?.version ?? 0) !== version)
        throw new ConflictError(`write ${name}: ${version} is not the latest version`);
      stored.set(name, { version: version + 1, text: JSON.stringify(value) });
    },
  };
};

const written = (version: number, event: Event): Row["events"][number] => [version, JSON.stringify(event)];

type Placed = { service: string; environment: string; at: number };

const newest = <R extends Placed>(
  records: Map<string, R>,
  ...[service, environment, since]: Parameters<Store["deploys"]>
): R[] =>
  [...records.values()]
    .filter((one) => one.service === service && one.environment === environment && one.at >= since)
    .map((one) => ({ ...one }))
    .reverse()
    .sort((a, b) => b.at - a.at);
