import type { DatabaseSync } from "node:sqlite";
import { type MessagePort, parentPort } from "node:worker_threads";
import { messageOf } from "../../errors.ts";
import { checkSpace } from "./files.ts";
import { openDatabase } from "./schema.ts";

/** A write of a batch. Arrays, not objects, for they are copied to another thread. */
export type Write =
  /** `snapshot` where one is due; `events` are type, at and body, event after event. */
  | [
      "append",
      id: string,
      version: number,
      status: string,
      due: number | null,
      snapshot: string | null,
      events: (string | number)[],
    ]
  | ["consume", id: string, version: number]
  | [
      "deploy",
      service: string,
      environment: string,
      sha: string,
      status: string,
      at: number,
      url: string | null,
      version: string | null,
      detail: string | null,
      heardAt: number | null,
      told: number | null,
    ]
  | [
      "flip",
      service: string,
      environment: string,
      flag: string,
      change: string,
      at: number,
      url: string | null,
    ]
  | ["register", name: string, version: number, body: string]
  /** Records before `since`, and all but the latest `count`, are forgotten. */
  | ["delivery", id: string, at: number, since: number, count: number]
  /** Drops the rows before `next` of an incident at `version`, which `snapshot` holds; `n` and `hash` are of the last row that left. */
  | [
      "cut",
      id: string,
      version: number,
      next: number,
      snapshot: string,
      last: [version: number, n: number | null, hash: string | null],
    ]
  /** Drops everything of an incident at `version` of which all news was told. */
  | ["remove", id: string, version: number]
  /** Drops deploys and flips from before these instants, but never the latest deploy of a place. */
  | ["forget", deploys: number, flips: number]
  | ["probe"]
  | ["limit", pages: number];
/** A batch, the database to open, or null to close it. */
export type Request = Write[] | { open: string } | null;
/** The answer to a batch: the reason why nothing of it is stored, or the indices of its conditional writes that came too late. */
export type Response = { failure: string } | { conflicts: number[] } | { opened: true } | { closed: true };

type WriteOf<Kind extends Write[0]> = Extract<Write, [Kind, ...unknown[]]>;
/** Each is false when the condition of its write does not hold. */
type Writers = { [Kind in Write[0]]: (entry: WriteOf<Kind>) => boolean };

/** Owns the write connection, on a thread of its own. Each batch is one transaction. */
export const createWriter = (db: DatabaseSync, path: string, checkFiles: () => void) => {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  const writers: Writers = {
    ...incidentWriters(db),
    ...retentionWriters(db),
    ...changeWriters(db),
    ...registerWriters(db),
    ...spaceWriters(db, path),
  };
  const write = <Kind extends Write[0]>(kind: Kind, entry: WriteOf<Kind>): boolean => writers[kind](entry);
  return (batch: Write[]): Response => {
    const conflicts: number[] = [];
    try {
      checkFiles();
      begin.run();
      for (const [index, entry] of batch.entries()) if (!write(entry[0], entry)) conflicts.push(index);
      commit.run();
      return { conflicts };
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      return { failure: messageOf(error) };
    }
  };
};

const snapshotSql = "INSERT OR REPLACE INTO snapshots (id, version, body) VALUES (?, ?, ?)";

const incidentWriters = (db: DatabaseSync): Pick<Writers, "append" | "consume"> => {
  const first = db.prepare(
    "INSERT INTO incidents (version, status, due, id) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const next = db.prepare(
    "UPDATE incidents SET version = ?, status = ?, due = ? WHERE id = ? AND version = ?",
  );
  const snapshot = db.prepare(snapshotSql);
  const event = db.prepare("INSERT INTO events (incident, version, type, at, body) VALUES (?, ?, ?, ?, ?)");
  const consume = db.prepare("UPDATE incidents SET consumed = max(consumed, ?) WHERE id = ?");
  return {
    append([, id, version, status, due, body, events]) {
      const written = version + 1;
      const { changes } =
        version === 0 ? first.run(written, status, due, id) : next.run(written, status, due, id, version);
      if (changes === 0) return false;
      if (body !== null) snapshot.run(id, written, body);
      for (let i = 0; i < events.length; i += 3)
        event.run(id, written, events[i]!, events[i + 1]!, events[i + 2]!);
      return true;
    },
    consume([, id, version]) {
      consume.run(version, id);
      return true;
    },
  };
};

const retentionWriters = (db: DatabaseSync): Pick<Writers, "cut" | "remove"> => {
  const snapshot = db.prepare(snapshotSql);
  const standsAt = db.prepare("SELECT 1 FROM incidents WHERE id = ? AND version = ?");
  const cutEvents = db.prepare("DELETE FROM events WHERE incident = ? AND rowid < ?");
  const mark = db.prepare("INSERT OR REPLACE INTO archived (incident, version, n, hash) VALUES (?, ?, ?, ?)");
  const removeIncident = db.prepare(
    "DELETE FROM incidents WHERE id = ? AND version = ? AND consumed >= version",
  );
  const removeRest = ["events WHERE incident", "snapshots WHERE id", "archived WHERE incident"].map((of) =>
    db.prepare(`DELETE FROM ${of} = ?`),
  );
  return {
    cut([, id, version, rowid, body, last]) {
      if (standsAt.get(id, version) === undefined) return false;
      snapshot.run(id, version, body);
      mark.run(id, ...last);
      cutEvents.run(id, rowid);
      return true;
    },
    remove([, id, version]) {
      if (removeIncident.run(id, version).changes === 0) return false;
      for (const rest of removeRest) rest.run(id);
      return true;
    },
  };
};

const changeWriters = (db: DatabaseSync): Pick<Writers, "deploy" | "flip" | "forget"> => {
  const deploy = db.prepare(
    "INSERT OR IGNORE INTO deploys (service, environment, sha, status, at, url, version, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const flip = db.prepare(
    "INSERT OR IGNORE INTO flips (service, environment, flag, change, at, url) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const forgetDeploys = db.prepare(
    `DELETE FROM deploys WHERE at < ? AND EXISTS (
       SELECT 1 FROM deploys later WHERE later.service = deploys.service AND later.environment = deploys.environment
       AND later.at > deploys.at AND later.status = 'succeeded')`,
  );
  const hear = db.prepare(
    "INSERT OR REPLACE INTO heard_deploys (service, environment, sha, status, live, at, told) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const forgetHeard = db.prepare(
    `DELETE FROM heard_deploys WHERE NOT EXISTS (
       SELECT 1 FROM deploys WHERE deploys.service = heard_deploys.service AND deploys.environment = heard_deploys.environment
       AND deploys.at = heard_deploys.live AND deploys.sha = heard_deploys.sha AND deploys.status = heard_deploys.status)`,
  );
  const forgetFlips = db.prepare("DELETE FROM flips WHERE at < ?");
  return {
    /** A deploy that is known already keeps how it was heard first. */
    deploy([, ...row]) {
      const [service, environment, sha, status, at, , , , heardAt, told] = row;
      const { changes } = deploy.run(...row.slice(0, -2));
      if (changes === 1 && heardAt !== null) hear.run(service, environment, sha, status, at, heardAt, told);
      return true;
    },
    flip([, ...row]) {
      flip.run(...row);
      return true;
    },
    forget([, deploys, flips]) {
      forgetDeploys.run(deploys);
      forgetHeard.run();
      forgetFlips.run(flips);
      return true;
    },
  };
};

const registerWriters = (db: DatabaseSync): Pick<Writers, "register" | "delivery"> => {
  const first = db.prepare(
    "INSERT INTO registers (version, body, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const next = db.prepare("UPDATE registers SET version = ?, body = ? WHERE name = ? AND version = ?");
  const delivery = db.prepare("INSERT OR REPLACE INTO deliveries (id, at) VALUES (?, ?)");
  // Deliveries stand in the order of their times. Only those that go are read: a search of all takes longer than the write.
  const forget = db.prepare(
    `DELETE FROM deliveries WHERE rowid < max(
       (SELECT rowid FROM deliveries WHERE at >= ? ORDER BY rowid LIMIT 1),
       (SELECT max(rowid) FROM deliveries) - ? + 1
     )`,
  );
  return {
    register([, name, version, body]) {
      const { changes } =
        version === 0 ? first.run(1, body, name) : next.run(version + 1, body, name, version);
      return changes !== 0;
    },
    delivery([, id, at, since, count]) {
      delivery.run(id, at);
      forget.run(since, count);
      return true;
    },
  };
};

const spaceWriters = (db: DatabaseSync, path: string): Pick<Writers, "probe" | "limit"> => {
  // The probe takes as much as a large append, so its answer also holds for one.
  const probe = db.prepare("INSERT OR REPLACE INTO probe (id, body) VALUES (1, zeroblob(65536))");
  return {
    probe() {
      checkSpace(path);
      probe.run();
      return true;
    },
    limit([, pages]) {
      db.exec(`PRAGMA max_page_count = ${pages}`);
      return true;
    },
  };
};

/** Answers one request after another, for one database after another. */
const serve = (port: MessagePort): void => {
  let write: (batch: Write[]) => Response;
  let close: () => void;
  const open = (path: string): Response => {
    const { db, lock, checkFiles } = openDatabase(path);
    write = createWriter(db, path, checkFiles);
    close = () => {
      db.close();
      lock.close();
    };
    return { opened: true };
  };
  const answer = (request: Request): Response => {
    if (Array.isArray(request)) return write(request);
    if (request !== null) return open(request.open);
    close();
    return { closed: true };
  };
  port.on("message", (request: Request) => port.postMessage(answer(request)));
};

if (parentPort !== null) serve(parentPort);
