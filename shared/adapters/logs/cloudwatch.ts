import { array, lazy, number, object, optional, string } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { LogLine } from "../../ports/logs.ts";
import { isRecord } from "../../records.ts";
import { lineOf } from "./line.ts";
import type { ReadLines } from "./logs.ts";
import { type SearchOptions, searchOf } from "./search.ts";

const answer = lazy(() =>
  object({
    events: optional(array(object({ timestamp: number(), message: string() }))),
    nextToken: optional(string()),
  }),
);
/** A page may be empty and have a next one: a search of a large group goes on so. */
const maxPages = 10;

/**
 * CloudWatch's `FilterLogEvents` (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html). `fetch`
 * signs. Group and pattern are the configuration's.
 */
export const cloudwatch = (options: SearchOptions): ReadLines<{ group: string; pattern: string }> => {
  const search = searchOf("cloudwatch", options);
  const page = async (asked: object) => {
    const parsed = answer.safeParse(
      await search({
        path: "/",
        init: {
          method: "POST",
          body: JSON.stringify(asked),
          headers: {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": "Logs_20140328.FilterLogEvents",
          },
        },
      }),
    );
    if (parsed.success) return parsed.data;
    throw new UpstreamError("cloudwatch", "cloudwatch: the answer holds no log events", { retryable: true });
  };
  return async ({ group, pattern }, { service, from, to, limit }) => {
    const place = group.startsWith("arn:") ? { logGroupIdentifier: group } : { logGroupName: group };
    // The end belongs to what is asked.
    const range = { startTime: Math.round(from), endTime: Math.round(to) - 1 };
    const lines: LogLine[] = [];
    let nextToken: string | undefined;
    for (let pages = 0; pages < maxPages && lines.length < limit; pages++) {
      const asked = { ...place, filterPattern: pattern, ...range, limit: limit - lines.length };
      const { events = [], nextToken: next } = await page({ ...asked, ...(nextToken && { nextToken }) });
      lines.push(
        ...events.map(({ timestamp: at, message }) => lineOf({ at, service, text: textOf(message) })),
      );
      nextToken = next;
      if (nextToken === undefined) break;
    }
    return lines.toSorted((a, b) => a.at - b.at);
  };
};

/** Fluent Bit, as it runs on EKS, wraps the line of a container in JSON. */
const textOf = (message: string): string => {
  if (!message.startsWith("{")) return message;
  try {
    const json: unknown = JSON.parse(message);
    return isRecord(json) && typeof json.log === "string" ? json.log.trimEnd() : message;
  } catch {
    return message;
  }
};
