import { dynamodbClient, dynamodbStore } from "../../../shared/adapters/dynamodb/store.ts";
import { readLeft, readRecord } from "../../../shared/adapters/sqlite/record.ts";
import { checkRecord, linkOf, type Recorded, type Stand } from "../../../shared/incident/chain/record.ts";
import type { LeftRecord } from "../../../shared/ports/store.ts";
import { ConfigurationError, UsageError } from "../../host/errors.ts";
import { databaseIn } from "../facts.ts";
import type { Source } from "./report.ts";

type Env = Record<string, string | undefined>;
type Found = { name: string; recorded: Recorded[]; stand: Stand };

/** Walks the record of one incident in the store that the environment names. */
export const verifyStore = async (id: string, env: Env): Promise<Source> => {
  const { name, recorded, stand } = await recordOf(id, env);
  const { broken, before, facts, head } = checkRecord(id, recorded, stand);
  const types = recorded.slice(before).map(({ fact }) => typeOf(fact));
  return {
    ...{ source: "store", name, notes: facts === 0 && before > 0 ? ["no chain was kept for it yet"] : [] },
    parts: [{ incident: id, facts, before, ...(head && { head }) }],
    broken:
      broken === undefined
        ? []
        : [{ ...broken, place: `fact ${broken.place} in ${name}${named(types[broken.place - 1 - before])}` }],
    known: recorded.flatMap(({ fact }) => {
      const link = linkOf(fact);
      return link === undefined ? [] : [{ incident: id, n: link.n, hash: link.hash, place: name }];
    }),
  };
};

/** The record of one incident as it lies in the store. Throws UsageError and ConfigurationError. */
export const recordOf = async (id: string, env: Env): Promise<Found> => {
  if (!/^[^/]+\/[^/]+(\/\d+)?$/.test(id)) throw new UsageError(`--incident ${id} is not SERVICE/ENVIRONMENT`);
  const found = await (env.TABLE_NAME ? fromTable(id, env, env.TABLE_NAME) : fromFile(id, env));
  if (found.recorded.length === 0) throw new ConfigurationError(`${found.name} has no incident ${id}`);
  return found;
};

/** The reports, calls and attempts that were left alone, as the store has them. */
export const leftOf = async (env: Env): Promise<LeftRecord[]> => {
  if (!env.TABLE_NAME) return readLeft(databaseIn(env));
  const store = tableOf(env, env.TABLE_NAME);
  try {
    return (await store.register("left")).value ?? [];
  } finally {
    await store.close();
  }
};

const typeOf = (fact: unknown): string | undefined =>
  typeof fact === "object" && fact !== null && "type" in fact && typeof fact.type === "string"
    ? fact.type
    : undefined;
const named = (type: string | undefined): string => (type === undefined ? "" : ` (${type})`);

const fromFile = async (id: string, env: Env): Promise<Found> => {
  const name = databaseIn(env);
  const { recorded, version, archived } = readRecord(name, id);
  return { name, recorded, stand: { version, archived } };
};

const fromTable = async (id: string, env: Env, table: string): Promise<Found> => {
  const store = tableOf(env, table);
  try {
    const recorded = await store.record(id);
    const { incident, version } = await store.load(id);
    return { name: `the table ${table}`, recorded, stand: { version, head: incident.chain } };
  } finally {
    await store.close();
  }
};

const tableOf = ({ DYNAMODB_ENDPOINT: endpoint }: Env, table: string) =>
  dynamodbStore({
    ...{ table, clock: Date.now },
    client: dynamodbClient(endpoint === undefined ? {} : { endpoint }),
  });
