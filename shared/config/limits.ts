import { z } from "zod";
import { count, duration, label, moment, timeZone } from "./fields.ts";

/** A time in which nothing is merged. */
export const freeze = z.strictObject({
  reason: z
    .string()
    .min(1)
    .max(200)
    .meta({ title: "text", examples: ["year-end sales"] })
    .describe("Why nothing is merged then. People read it wherever the freeze refuses."),
  from: moment.describe(
    "When it begins: once (`2026-12-23T18:00`), every week (`fri 16:00`) or every day (`16:00`).",
  ),
  to: moment.describe("When it ends, in the same form. A time before `from` is in the next week or day."),
  timeZone: timeZone.default("UTC").describe("The time zone of both."),
  emergency: count
    .exactOptional()
    .describe(
      "So many approvers may merge a revert all the same. Without it, nothing is merged in the freeze.",
    ),
});

/** The keys of a limit on merges. */
export const rate = {
  maxPerHour: count
    .exactOptional()
    .describe("How many pull requests Countersteer merges within an hour at most. Without it: any number."),
  maxPerDay: count
    .exactOptional()
    .describe("How many it merges within 24 hours at most. Without it: any number."),
};

/** The conditions on which mode `auto` is earned. */
export const autonomy = z
  .strictObject({
    verified: z
      .number()
      .int()
      .min(0)
      .max(1000)
      .default(0)
      .meta({ title: "number" })
      .describe(
        "How many merged remedies of this service must have been verified in a row before `auto` merges without asking. 0: none.",
      ),
    pause: duration
      .prefault("7d")
      .describe("How long a person decides after a merged remedy of this service did not help."),
  })
  .transform(({ verified, pause }) => ({ verified, pauseMs: pause }));

/** The rule by which the troubles of many services are one cause. */
export const hold = z
  .strictObject({
    labels: z
      .array(label)
      .max(20)
      .default(["node", "zone", "cluster"])
      .describe("Labels of alerts whose value names a part that services share."),
    services: z
      .number()
      .int()
      .min(2)
      .max(10_000)
      .default(3)
      .meta({ title: "number, from 2 on" })
      .describe("So many services with one value of such a label, or every service of this file."),
    within: duration.prefault("5m").describe("How close together their alerts begin."),
  })
  .transform(({ within, ...rest }) => ({ ...rest, withinMs: within }));
