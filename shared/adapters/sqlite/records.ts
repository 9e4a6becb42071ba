import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf, UpstreamError } from "../../errors.ts";
import type { Recorded } from "../../incident/chain/record.ts";
import type { Event } from "../../incident/events.ts";
import { alertTypes, recently } from "../../incident/rounds/recent.ts";
import type { DeployRecord, FlipRecord, Registered, Registers } from "../../ports/store.ts";
import { unpack, unpackRaw } from "./packing.ts";

type Where = [service: string, environment: string, since: number];
type Columns = Record<string, unknown>;

/** The reads that go to the file: events, deploys, flag changes and registers. Each throws UpstreamError("store"). */
export type Records = {
  log(id: string): Event[];
  recent(id: string): Event[];
  record(id: string): Recorded[];
  deploys(...where: Where): DeployRecord[];
  flips(...where: Where): FlipRecord[];
  isDelivered(id: string, since: number): boolean;
  register<N extends keyof Registers>(name: N): Registered<N>;
};

const ofAlerts = `(${alertTypes.map((type) => `'${type}'`).join(", ")})`;
/** As `recentOf`, by the index `told_events`, which has no alerts that come and go. */
const recentEvents = `
  WITH since AS (SELECT coalesce((
    SELECT rowid FROM events WHERE incident = ? AND type NOT IN ${ofAlerts} AND type = 'IncidentOpened'
    ORDER BY rowid DESC LIMIT 1 OFFSET ${recently.rounds - 1}), 0) AS first)
  SELECT body FROM (
    SELECT rowid, body FROM events, since WHERE incident = ? AND type NOT IN ${ofAlerts} AND rowid >= first
    UNION ALL SELECT * FROM (
      SELECT rowid, body FROM events, since WHERE incident = ? AND type IN ${ofAlerts} AND rowid >= first
      ORDER BY rowid DESC LIMIT ${recently.alerts}))
  ORDER BY rowid`;

/** Each statement is made when it is needed first: a file of an earlier release may lack the tables of others. */
export const recordsOf = (reader: DatabaseSync, path: string): Records => {
  const made = (sql: string): (() => StatementSync) => {
    let statement: StatementSync | undefined;
    return () => {
      statement ??= reader.prepare(sql);
      return statement;
    };
  };
  const events = made("SELECT body FROM events WHERE incident = ? ORDER BY rowid");
  const recent = made(recentEvents);
  const facts = made("SELECT rowid, version, type, at, body FROM events WHERE incident = ? ORDER BY rowid");
  const flips = made(
    "SELECT * FROM flips WHERE service = ? AND environment = ? AND at >= ? ORDER BY at DESC, rowid DESC",
  );
  const registers = made("SELECT version, body FROM registers WHERE name = ?");
  const delivery = made("SELECT 1 FROM deliveries WHERE id = ? AND at > ?");
  const deploys = made(
    `SELECT deploys.*, heard.at AS heard_at, heard.told FROM deploys LEFT JOIN heard_deploys heard
       ON heard.service = deploys.service AND heard.environment = deploys.environment
       AND heard.live = deploys.at AND heard.sha = deploys.sha AND heard.status = deploys.status
     WHERE deploys.service = ? AND deploys.environment = ? AND deploys.at >= ?
     ORDER BY deploys.at DESC, deploys.rowid DESC`,
  );
  return {
    log: (id) => read(path, () => events().all(id).map(eventOf)),
    recent: (id) => read(path, () => recent().all(id, id, id).map(eventOf)),
    record: (id) => read(path, () => facts().all(id).map(recordedOf)),
    deploys: (...where) =>
      read(path, () =>
        deploys()
          .all(...where)
          .map(deployOf),
      ),
    flips: (...where) =>
      read(path, () =>
        flips()
          .all(...where)
          .map(flipOf),
      ),
    isDelivered: (id, since) => read(path, () => delivery().get(id, since) !== undefined),
    register: (name) => read(path, () => registerOf(registers().get(name))),
  };
};

const eventOf = ({ body }: Columns): Event => unpack(String(body));

/** The columns beside the body say again what the fact says. */
export const recordedOf = ({ rowid, version, type, at, body }: Columns): Recorded => {
  const row = { version: Number(version) };
  try {
    const fact = unpackRaw(String(body));
    if (fact.type === type && fact.at === at) return { ...row, fact };
    return { ...row, fact, fault: `row ${rowid} of events says ${type} at ${at} beside another fact` };
  } catch (error) {
    return { ...row, fault: `row ${rowid} of events cannot be read: ${messageOf(error)}` };
  }
};

const deployOf = (row: Columns): DeployRecord => ({
  ...{ service: String(row.service), environment: String(row.environment), sha: String(row.sha) },
  ...{ status: statusOf(row.status), at: Number(row.at) },
  ...(row.url === null ? {} : { url: String(row.url) }),
  ...(row.version === null ? {} : { version: String(row.version) }),
  ...(row.detail === null ? {} : { detail: String(row.detail) }),
  ...(row.heard_at === null ? {} : { heard: { at: Number(row.heard_at), told: Number(row.told) } }),
});

const statusOf = (status: unknown): DeployRecord["status"] =>
  status === "failed" || status === "started" ? status : "succeeded";

const flipOf = (row: Columns): FlipRecord => ({
  ...{ service: String(row.service), environment: String(row.environment), flag: String(row.flag) },
  ...{ change: String(row.change), at: Number(row.at) },
  ...(row.url === null ? {} : { url: String(row.url) }),
});

const registerOf = <N extends keyof Registers>(row: Columns | undefined): Registered<N> =>
  row === undefined ? { version: 0 } : { version: Number(row.version), value: JSON.parse(String(row.body)) };

const read = <T>(path: string, query: () => T): T => {
  try {
    return query();
  } catch (error) {
    throw new UpstreamError("store", `read ${path}: ${messageOf(error)}`, { retryable: true, cause: error });
  }
};
