import { z } from "zod";
import type { Finding } from "./checks.ts";
import { name, serviceName } from "./fields.ts";

const kinds = ["alerts", "deploys", "flags"] as const;

/** One entry of `senders`. The file names the variable that holds the token, so that no secret stands in it. */
export const sender = z.strictObject({
  name: name.describe("The sender's name, for the log. Unique in the file."),
  token: z
    .string()
    .regex(
      /^SENDER_(?!(?:[A-Z0-9_]*_)?PREVIOUS$)[A-Z0-9_]{1,60}$/,
      "the name of a variable that begins with SENDER_, such as SENDER_PAYMENTS; the one with _PREVIOUS at its end is for the former token",
    )
    .meta({ title: "name of a variable", examples: ["SENDER_PAYMENTS"] })
    .describe(
      "The environment variable that holds the sender's token. While the token is changed, the former one is in the variable of the same name with `_PREVIOUS`.",
    ),
  kinds: z
    .array(z.enum(kinds))
    .min(1)
    .prefault([...kinds])
    .describe("The kinds of report that the sender may make."),
  services: z
    .array(serviceName)
    .min(1)
    .max(500)
    .describe("The services of this file that it may speak of. A report about another one is left alone."),
});

type Checked = { senders: { name: string; services: string[] }[]; services: { name: string }[] };

export const checkSenders = ({ senders, services }: Checked): Finding[] => {
  const known = new Set(services.map((service) => service.name));
  const seen = new Set<string>();
  return senders.flatMap((one, index) => {
    const isAgain = seen.has(one.name);
    seen.add(one.name);
    const unknown = one.services.flatMap((service, place) =>
      known.has(service)
        ? []
        : [
            {
              path: ["senders", index, "services", place],
              message: `no service ${service} stands in this file`,
            },
          ],
    );
    if (!isAgain) return unknown;
    return [
      { path: ["senders", index, "name"], message: `the sender ${one.name} stands here a second time` },
      ...unknown,
    ];
  });
};
