import { z } from "zod";
import { checkApproval } from "./check-approval.ts";
import { checkServices, report } from "./checks.ts";
import { checkDeployers, environmentAliases } from "./deployers.ts";
import {
  channel,
  duration,
  email,
  issue,
  login,
  origin,
  slackId,
  slackUser,
  visibleTo,
  webAddress,
} from "./fields.ts";
import { hold, rate } from "./limits.ts";
import { checkRollbacks } from "./rollback.ts";
import { checkSenders, sender } from "./senders.ts";
import { service } from "./service.ts";

// This folder is the one description of the configuration file: types, defaults, error messages, countersteer.schema.json and
// docs/configuration.md all come from here (`npm run docs` writes the last two).

const registry = z.strictObject({
  host: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9.-]*(:\d{1,5})?$/,
      "a registry's host as image names begin with it, such as ghcr.io",
    )
    .meta({ title: "host or host:port", examples: ["ghcr.io"] })
    .describe("The host as image names begin with it, such as `ghcr.io`."),
  url: origin
    .exactOptional()
    .describe("Where the registry answers, when that is not `https://` and the host."),
  realm: origin
    .exactOptional()
    .describe(
      "Where the registry's tokens come from, when that is another address, such as `https://gitlab.com`.",
    ),
});

const leastRetentionMs = 30 * 24 * 60 * 60 * 1000;

/** The configuration file: the input is the file as written, the output is the configuration with its defaults. */
export const configuration = z
  .strictObject({
    baseUrl: webAddress
      .exactOptional()
      .describe(
        "Where people reach this server, for links in Slack and on pull requests. Default: the address that the server listens on.",
      ),
    people: z
      .record(
        slackUser,
        z.strictObject({
          github: login.describe("The person's account on GitHub."),
          email: email
            .exactOptional()
            .describe(
              "The address by which the login of the pages knows the person. With it they may answer on an incident's page.",
            ),
        }),
      )
      .exactOptional()
      .meta({
        title: "SLACK_USER_ID: { github: LOGIN, email: ADDRESS }",
        examples: [{ U024BE7LH: { github: "ann" } }],
      })
      .describe(
        "The GitHub accounts of Slack users. Teams, code owners, four eyes and reviews on GitHub are matched to people by it, and answers on the pages by `email`.",
      ),
    visibleTo: visibleTo
      .exactOptional()
      .describe(
        "The readers of the incidents of services without a `visibleTo` of their own: groups of the login, e-mail addresses and `*@DOMAIN`. Default: everybody whom the login lets in. The holder of `PAGES_TOKEN` sees every service. See docs/security.md.",
      ),
    admins: z
      .array(slackId)
      .max(50)
      .exactOptional()
      .describe(
        "Slack users and user groups that may stop and start Countersteer by `/countersteer stop` and `/countersteer start`. Without it, nobody may in Slack.",
      ),
    killSwitch: issue
      .exactOptional()
      .describe(
        "An issue that stops Countersteer: while it is open, or carries the label `countersteer/stop`, nothing is merged, opened or changed. An issue that cannot be read stops it as well. See docs/limits.md.",
      ),
    hold: hold
      .exactOptional()
      .describe(
        "When many services break at once, for one cause that no change of theirs explains: one message, and no revert. Without it, each incident is decided alone. See docs/limits.md.",
      ),
    drill: z
      .strictObject({
        channel: channel.describe("The Slack channel in which the questions of drills are asked."),
      })
      .exactOptional()
      .describe("Where drills are asked about: `cli drill`. See docs/drill.md."),
    retention: duration
      .refine((ms) => ms >= leastRetentionMs, "at least 30d: limits and cooldowns look back so far")
      .meta({ examples: ["400d"] })
      .exactOptional()
      .describe(
        "How long an ended round is kept. On one machine older ones are archived, compressed, in `DATA_DIR/archive`; on AWS an incident expires so long after its end. Default: 400d.",
      ),
    limits: z
      .strictObject(rate)
      .exactOptional()
      .describe("Limits over all services, beside those of each service's policy."),
    registries: z
      .array(registry)
      .max(20)
      .exactOptional()
      .describe(
        "Container registries that may be asked which commit an image was built from. Their logins come from `REGISTRY_AUTH_FILE`, on AWS from the secret `REGISTRY_AUTH`, and for Amazon ECR from AWS itself.",
      ),
    senders: z
      .array(sender)
      .max(200)
      .exactOptional()
      .describe(
        "Senders of alerts, deploys and flag changes that have a token of their own and may speak of some services only. The tokens of the whole receivers, such as `ALERTMANAGER_TOKEN`, speak of every service.",
      ),
    environments: environmentAliases,
    include: z
      .union([z.string(), z.array(z.string())])
      .exactOptional()
      .meta({ title: "path, or list of paths" })
      .describe(
        "Files with more services, seen from this file, such as `services/*.yaml`. Each is a list of services. They come after the services of this file.",
      ),
    defaults: z
      .record(z.string(), z.unknown())
      .exactOptional()
      .meta({ title: "keys of a service" })
      .describe(
        "Keys that every service has unless it says otherwise. The keys of a map, such as `policy`, are joined; any other value of the service takes the place of the default.",
      ),
    services: z
      .array(service)
      .min(1)
      .describe("The services, in the order in which they are tried for an alert."),
  })
  .superRefine(({ services, people = {}, senders = [], environments = {} }, context) =>
    report(
      [
        ...checkServices(services),
        ...checkApproval({ services, people }),
        ...checkSenders({ senders, services }),
        ...checkDeployers({ services, environments }),
        ...checkRollbacks(services),
      ],
      context,
    ),
  )
  .meta({
    title: "Countersteer configuration",
    description:
      "Which alerts are about which service, where its code is, who decides, and how far Countersteer may go.",
  });

export type Config = z.output<typeof configuration>;
export type Configured = Config["services"][number];
/** A registry that may be asked about images. `host` is what image names begin with; the others are origins, where they differ. */
export type RegistryAt = z.output<typeof registry>;
