import { z } from "zod";
import { duration, query } from "./fields.ts";

const byAlert = (description: string) =>
  z
    .union([
      query,
      z.array(
        z.strictObject({
          alert: z
            .string()
            .min(1)
            .meta({ examples: ["CheckoutErrors"] })
            .describe("The alert's name."),
          query: query.describe("The query for this alert."),
        }),
      ),
    ])
    .exactOptional()
    .meta({ title: "PromQL query, or a list of `alert` and `query`" })
    .describe(description);

/** `verify`: how recovery is judged. */
export const verify = z
  .strictObject({
    hold: duration
      .refine((ms) => ms > 0, "must be longer than 0: nothing would be watched before it counts as verified")
      .prefault("5m")
      .describe(
        "How long the alert's own expression must be quiet, with the fix live, before the incident counts as verified. Shorter than `policy.verifyTimeout`.",
      ),
    expr: byAlert(
      "The alert's expression: one for every alert of the service, or a list by alert name; several of one alert are all judged. Without it, the alert's rule is read from Prometheus when the alert arrives, and its expression as it was then is judged. One expression beside several alerts is judged as well as their own rules.",
    ),
    data: byAlert(
      "A query that must return data for a quiet expression to count as recovery: one for every alert, or a list by alert name; of several of one alert each must return data. Without it, every series that the expression reads must exist.",
    ),
    labels: z
      .record(z.string(), z.record(z.string(), z.string()))
      .exactOptional()
      .meta({ title: "LABEL: { VALUE: VALUE }" })
      .describe(
        "Values of the alert's labels as the metrics write them, where relabelling changed them: `{ environment: { production: prod } }`.",
      ),
  })
  .transform(({ hold, ...rest }) => ({ ...rest, holdMs: hold }));
