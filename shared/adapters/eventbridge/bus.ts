import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { asError, UpstreamError } from "../../errors.ts";
import type { Bus, Notice } from "../../ports/bus.ts";
import { type AwsAccess, timeoutsOf } from "../aws-access.ts";
import { source } from "./detail.ts";

/** A client without retries: the publisher sends failed entries again, entry by entry. */
export const eventbridgeClient = (access: AwsAccess = {}): EventBridgeClient =>
  new EventBridgeClient({
    ...access,
    maxAttempts: 1,
    requestHandler: timeoutsOf(access),
  });

/** The custom bus named `bus`. */
export const eventbridgeBus = ({ client, bus }: { client: EventBridgeClient; bus: string }): Bus => ({
  takes(notices) {
    let bytes = 0;
    const first = notices.slice(0, maxEntries);
    const over = first.findIndex((notice) => {
      bytes += sizeOf(notice);
      return bytes > maxBytes;
    });
    return over === -1 ? first.length : Math.max(1, over);
  },
  async put(notices) {
    try {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: notices.map(({ type, at, detail }) => ({
            EventBusName: bus,
            Source: source,
            DetailType: type,
            Detail: JSON.stringify(detail),
            Time: new Date(at),
          })),
        }),
      );
      // In the order of the entries: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
      return notices.map((_, index) => {
        const entry = Entries[index];
        return entry?.EventId !== undefined
          ? { accepted: true }
          : {
              accepted: false,
              problem: `${entry?.ErrorCode ?? "no answer"} ${entry?.ErrorMessage ?? ""}`.trim(),
            };
      });
    } catch (error) {
      const { name, message } = asError(error);
      throw new UpstreamError("bus", `put ${notices.length} events on ${bus}: ${name} ${message}`, {
        retryable: true,
        cause: error,
      });
    }
  },
  async close() {
    client.destroy();
  },
});

/** Limits of one call: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const maxEntries = 10;
const maxBytes = 256 * 1024;

/** The size of a notice as EventBridge counts it: time, source, type and detail. */
const sizeOf = ({ type, detail }: Notice): number =>
  14 + Buffer.byteLength(source) + Buffer.byteLength(type) + Buffer.byteLength(JSON.stringify(detail));
