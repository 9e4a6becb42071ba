import { dynamodbClient, dynamodbStore } from "../../shared/adapters/dynamodb/store.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Process } from "../../shared/process.ts";
import { createProcess } from "../../shared/process.ts";
import { policyOf, retentionOf } from "../host/services.ts";
import { accessOf, type Host, needed } from "./host.ts";

export const storeOf = (host: Host) =>
  dynamodbStore({
    client: host.stands?.dynamodb ?? dynamodbClient(accessOf(host, "DYNAMODB_ENDPOINT")),
    table: needed(host, "TABLE_NAME"),
    clock: host.clock,
    keepMs: () => retentionOf(host.config()),
  });

export const processOf = ({ clock, log, config }: Host, store: Store): Process =>
  createProcess({ store, clock, log, policyOf: (name) => policyOf(config(), name) });
