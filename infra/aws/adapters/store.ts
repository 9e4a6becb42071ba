import { dynamodbClient, dynamodbStore } from "../../../shared/adapters/dynamodb/store.ts";
import type { Store } from "../../../shared/ports/store.ts";
import type { Process } from "../../../shared/process.ts";
import { createProcess } from "../../../shared/process.ts";
import { policyOf, retentionOf } from "../../host/settings/services.ts";
import { accessOf, type Host, needed } from "../host.ts";

export const storeOf = (host: Host) =>
  dynamodbStore({
    client: host.stands?.dynamodb ?? dynamodbClient(accessOf(host, "DYNAMODB_ENDPOINT")),
    table: needed(host, "TABLE_NAME"),
    clock: host.clock,
    keepMs: () => retentionOf(host.config()),
  });

/** The longest waits after the first and after any later conflict, in ms. Full jitter: https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter */
const jitter = { base: 200, cap: 4000 };

type Deciding = Pick<Host, "clock" | "log" | "config" | "wait" | "random">;

export const processOf = ({ clock, log, config, wait, random }: Deciding, store: Store): Process =>
  createProcess({
    ...{ store, clock, log, policyOf: (name) => policyOf(config(), name) },
    giveWay: (attempt) => wait(random() * Math.min(jitter.cap, jitter.base * 2 ** (attempt - 1))),
  });
