import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import type { Bus } from "../../infra/aws-local/bus.ts";
import type { Role } from "../../infra/aws-local/roles.ts";
import { type Body, reachOf } from "../../infra/aws-local/table-feed.ts";
import type { StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import { clientOf, createTable } from "../simulation/dynamodb.ts";
import { eventbridgeOf } from "../simulation/lambda.ts";

/** The name of the table. */
export const table = "countersteer";

/** `of`: the sort key of the item that the call is about. */
export type TableCall = { caller: string; operation: string; of: string | undefined };

/**
 * A table with its stream in this process. A call takes a tenth of the work that it takes through AWS's client, HTTP and dynalite;
 * `test/contract` and `test/aws` go that way.
 */
export const startCalls = (emit: (record: StreamRecord) => void) => {
  const held = createTable(emit, Date.now);
  let calls: TableCall[] = [];
  return {
    /** The calls since the table was emptied. */
    calls: () => calls,
    empty: () => {
      held.items.clear();
      calls = [];
    },
    /** A client of the named caller. */
    client: (caller: string, may: Role["reaches"]) => {
      const run: typeof held.run = (command) => {
        const operation = command.constructor.name.replace(/Command$/, "");
        const body = command.input as Body;
        calls.push({ caller, operation, of: (body.Key ?? body.Item)?.sk?.S });
        if (!may(reachOf(operation, body, table))) throw denied(caller, operation);
        return held.run(command);
      };
      return clientOf({ ...held, run }, { call: async (_system, _name, work) => work() });
    },
  };
};

const denied = (caller: string, operation: string) =>
  new DynamoDBServiceException({
    ...{ name: "AccessDeniedException", $fault: "client", $metadata: {} },
    message: `the role of ${caller} is not authorized to perform dynamodb:${operation} here`,
  });

/** A client of the bus in this process. */
export const clientOfBus = (bus: Pick<Bus, "put">): EventBridgeClient =>
  eventbridgeOf(async (entries) => {
    const { status, body } = bus.put(entries.map((one) => ({ ...one, Time: one.Time.getTime() / 1000 })));
    if (status !== 200) throw new Error(JSON.stringify(body));
    return body;
  });
