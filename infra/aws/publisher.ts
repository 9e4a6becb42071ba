import { publish } from "../../functions/publish.ts";
import { changeOf, type StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import { eventbridgeBus, eventbridgeClient } from "../../shared/adapters/eventbridge/bus.ts";
import { accessOf, type Definition, needed } from "./host.ts";

export type StreamBatch = { Records: StreamRecord[] };
/** Lambda goes on from the first of these, or past the batch when there is none: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html */
export type StreamAnswer = { batchItemFailures: { itemIdentifier: string }[] };

/** Puts what changed in the table on the bus. */
export const publisher: Definition<StreamBatch, StreamAnswer> = {
  name: "publish",
  make: (host) => {
    const bus = eventbridgeBus({
      client: host.stands?.eventbridge ?? eventbridgeClient(accessOf(host, "EVENTBRIDGE_ENDPOINT")),
      bus: needed(host, "EVENT_BUS_NAME"),
    });
    const put = publish({ bus, wait: host.wait, log: host.log });
    return async ({ Records }) => {
      const left = await put(Records.map(changeOf));
      return { batchItemFailures: left.map((itemIdentifier) => ({ itemIdentifier })) };
    };
  },
};
