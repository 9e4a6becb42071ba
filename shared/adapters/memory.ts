import { ConflictError } from "../errors.ts";
import type { Event } from "../incident/events.ts";
import { dueOf, emptyIncident } from "../incident/model.ts";
import { waitOf } from "../incident/wait.ts";
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
export const memoryStore = ({ wake }: { wake?: (id: string) => void } = {}): Store => {
  /** In the order of their latest write. */
  const rows = new Map<string, Row>();
  const records = new Map<string, DeployRecord>();
  const switched = new Map<string, FlipRecord>();
  const delivered = new Map<string, number>();
  const registers = new Map<string, { version: number; text: string }>();
  const stored = ({ snapshot, version }: Row): Stored => ({ incident: JSON.parse(snapshot), version });
  const list = () => [...rows.values()].reverse().map(stored);
  const deploys: Store["deploys"] = async (...place) => newest(records, ...place);

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
        version: version + 1,
        consumed: row.consumed,
        snapshot: JSON.stringify(incident),
        events: [...row.events, ...events.map((event) => written(version + 1, event))],
      });
      wake?.(id);
      return version + 1;
    },
    async log(id) {
      return (rows.get(id)?.events ?? []).map(([, json]): Event => JSON.parse(json));
    },
    async record(id) {
      return (rows.get(id)?.events ?? []).map(([version, json]) => ({ version, fact: JSON.parse(json) }));
    },
    async list() {
      return [...rows.keys()].reverse();
    },
    async active() {
      return list().filter(({ incident }) => dueOf(incident) !== undefined);
    },
    async waiting() {
      return [...rows].reverse().flatMap(([id, row]): Waiting[] => {
        const wait = waitOf(stored(row).incident);
        const hasNews = row.consumed < row.version;
        return wait.due === undefined && !hasNews ? [] : [{ id, version: row.version, hasNews, wait }];
      });
    },
    async pending() {
      const behind = [...rows].filter(([, { version, consumed }]) => consumed < version);
      return behind.map(([id, { version }]) => ({ id, version }));
    },
    async consume(id, version) {
      const row = rows.get(id);
      if (row !== undefined) row.consumed = Math.max(row.consumed, version);
    },
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
    async changes(...place) {
      return { deploys: await deploys(...place), flips: newest(switched, ...place) };
    },
    async isDelivered(id, now) {
      const at = delivered.get(id);
      return at !== undefined && at > now - deliveries.keepMs;
    },
    async recordDelivery(id, now) {
      delivered.set(id, now);
      const [oldest] = delivered.keys();
      if (delivered.size > deliveries.count && oldest !== undefined) delivered.delete(oldest);
    },
    async register(name) {
      const { version, text } = registers.get(name) ?? { version: 0, text: undefined };
      return text === undefined ? { version } : { version, value: JSON.parse(text) };
    },
    async setRegister(name, version, value) {
      if ((registers.get(name)?.version ?? 0) !== version)
        throw new ConflictError(`write ${name}: ${version} is not the latest version`);
      registers.set(name, { version: version + 1, text: JSON.stringify(value) });
    },
    async ready() {},
    async close() {},
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
