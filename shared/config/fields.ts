import { z } from "zod";
import { isTimeZone, type Moment, momentOf } from "../policy/calendar.ts";
import { matcherProblem, parseMatcher } from "../policy/match.ts";
import { asDuration, asName, asRepository, nameForm, repositoryForm, withHint } from "./hints.ts";

// `title` is the short name of a field's type: the generated page and editors show it. `describe` says what a field is for.

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const millisecondsOf = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|[smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );

/** A duration in the file, milliseconds in the program. */
export const duration = z
  .string()
  .regex(/^(\d+(ms|[smhdw]))+$/, {
    error: withHint('a duration such as "30s", "5m" or "1h30m"', asDuration),
  })
  .transform(millisecondsOf)
  .meta({ title: "duration: ms, s, m, h, d or w", examples: ["5m"] });

export const matcher = z
  .string()
  .transform((text, context) => {
    const parsed = parseMatcher(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({
      code: "custom",
      message: matcherProblem(text),
    });
    return z.NEVER;
  })
  .meta({ title: "Alertmanager matcher", examples: ['service="checkout"'] });

export const moment = z
  .string()
  .transform((text, context): Moment => {
    const read = momentOf(text);
    if (read !== undefined) return read;
    context.addIssue({
      code: "custom",
      message: `a moment such as "2026-12-23T18:00", "fri 16:00" or "16:00", not ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  })
  .meta({ title: "YYYY-MM-DDTHH:MM, DAY HH:MM or HH:MM", examples: ["fri 16:00"] });

export const timeZone = z
  .string()
  .refine(isTimeZone, "a time zone such as Europe/Berlin")
  .meta({ title: "time zone", examples: ["Europe/Berlin"] });

const upTo = (most: number) => z.number().int().min(1).max(most);

export const count = upTo(100_000).meta({ title: "number, from 1 on", examples: [3] });

/** A name of a document in Open Policy Agent, as its Data API has it. */
export const documentPath = z
  .string()
  .regex(/^[\w-]+(\/[\w-]+)*$/, "a path such as countersteer/decision")
  .meta({ title: "path of a document", examples: ["countersteer/decision"] });

export const glob = z
  .string()
  .regex(/^[^\s\\]{1,200}$/, "a glob such as payments/ledger/** or *.tfvars")
  .meta({ title: "glob", examples: ["payments/ledger/**"] });

export const name = z
  .string()
  .regex(nameForm, {
    error: withHint("letters, digits, dot, dash and underscore, at most 100", asName),
  })
  .meta({ title: "name", examples: ["production"] });

export const serviceName = name.meta({ title: "name", examples: ["checkout"] });

export const pathPrefix = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith("/") && !path.split("/").includes(".."), {
    error: withHint("a path inside the repository, without a leading slash", (path) =>
      path.includes("..")
        ? "it from the repository's root, such as services/checkout/"
        : path.replace(/^\/+/, "") || undefined,
    ),
  })
  .transform((path) => path.replace(/^\.\//, "").replace(/\/\*{1,2}$/, "/"))
  .refine((path) => !path.includes("*"), "the beginning of paths such as services/pay/, not a pattern")
  .meta({ title: "path prefix", examples: ["services/checkout/"] });

export const repository = z
  .string()
  .regex(repositoryForm, {
    error: withHint("OWNER/REPO such as acme/shop, without the address of GitHub", asRepository),
  })
  .meta({ title: "OWNER/REPO", examples: ["acme/shop"] });

export const issue = z
  .string()
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}#[1-9]\d{0,9}$/,
    "OWNER/REPO#NUMBER such as acme/operations#12",
  )
  .transform((text) => {
    const [repository = "", number] = text.split("#");
    return { repository, number: Number(number) };
  })
  .meta({ title: "OWNER/REPO#NUMBER", examples: ["acme/operations#12"] });

/** Groups as the login tells them, and e-mail addresses. */
export const visibleTo = z
  .array(
    z
      .string()
      .regex(/^\P{Cc}{1,200}$/u, "a group, an e-mail address or *@DOMAIN")
      .meta({ title: "group, e-mail address or *@DOMAIN" }),
  )
  .min(1)
  .max(100);

export const branch = z
  .string()
  .regex(/^[^\s~^:?*[\\]+$/, "a branch name such as main")
  .transform((text) => text.replace(/^refs\/heads\//, ""))
  .meta({ title: "branch name", examples: ["main"] });

export const probability = z
  .number()
  .min(0)
  .max(1)
  .meta({ title: "probability, 0 to 1", examples: [0.5] });

export const query = z
  .string()
  .min(1)
  .max(2000)
  .meta({ title: "PromQL query", examples: ['up{job="checkout"}'] });

export const label = z
  .string()
  .regex(
    /^[a-zA-Z_][a-zA-Z0-9_]*$/,
    "a label name: letters, digits and underscores, as Prometheus has them (app-version is app_version there)",
  )
  .meta({ title: "Prometheus label name", examples: ["version"] });

export const flagPattern = z
  .string()
  .regex(
    /^[\w.*-]{1,100}(\/[\w.*-]{1,256})?$/,
    'a flag\'s name such as "checkout-*", or PROJECT/NAME; * stands for any characters',
  )
  .meta({ title: "flag name", examples: ["checkout-*"] });

export const channel = z
  .string()
  .regex(
    /^[CGD][A-Z0-9]{2,}$/,
    "a Slack channel id such as C024BE91L, which stands at the end of the channel's details in Slack: names may change",
  )
  .meta({ title: "Slack channel id", examples: ["C024BE91L"] });

export const slackId = z
  .string()
  .regex(/^[UWS][A-Z0-9]{2,}$/, "a Slack user id (U…, W…) or user group id (S…) such as U024BE7LH")
  .meta({ title: "Slack user or user group id", examples: ["U024BE7LH"] });

export const slackUser = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, "a Slack user id (U…, W…) such as U024BE7LH")
  .meta({ title: "Slack user id", examples: ["U024BE7LH"] });

export const approver = z
  .string()
  .regex(
    /^([UWS][A-Z0-9]{2,}|github:team\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}|codeowners)$/,
    "a Slack user id such as U024BE7LH (“Copy member ID” in a profile), a user group id (S…), github:team/NAME or codeowners",
  )
  .meta({ title: "approver: Slack id, `github:team/NAME` or `codeowners`", examples: ["U024BE7LH"] });

export const quorum = upTo(10).meta({ title: "number of people, 1 to 10", examples: [2] });

export const email = z
  .string()
  .max(320)
  .regex(/^[^\s@]+@[^\s@]+$/, "an e-mail address such as ann@acme.com")
  .meta({ title: "e-mail address", examples: ["ann@acme.com"] });
export const login = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, "a GitHub login such as ann, without @")
  .meta({ title: "GitHub login", examples: ["ann"] });

export const ownersPattern = z
  .string()
  .regex(/^[^\s!#[\]]{1,300}$/, "a path pattern as in CODEOWNERS, such as db/** or *.sql")
  .meta({ title: "path pattern", examples: ["db/**"] });

export const webAddress = z
  .url({ protocol: /^https?$/ })
  .meta({ title: "http or https address", examples: ["https://countersteer.example.com"] });

/** An address without a path. */
export const origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => {
    const { origin, href } = new URL(url);
    return href === `${origin}/`;
  }, "an address without a path, such as https://ghcr.io")
  .meta({ title: "http or https address without a path", examples: ["https://ghcr.io"] });
