import { z } from "zod";
import { isTimeZone, type Moment, momentOf } from "../policy/calendar.ts";
import { parseMatcher } from "../policy/match.ts";

// `title` is the short name of a field's type: the generated page and editors show it. `describe` says what a field is for.

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const unitOf = (text: string) => text.replace(/^\d+/, "") as keyof typeof units;

/** A duration in the file, milliseconds in the program. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'a duration such as "30s", "5m" or "2h"')
  .transform((text) => Number.parseInt(text, 10) * units[unitOf(text)])
  .meta({ title: "duration: ms, s, m, h or d" });

export const matcher = z
  .string()
  .transform((text, context) => {
    const parsed = parseMatcher(text);
    if (parsed !== undefined) return parsed;
    context.addIssue({
      code: "custom",
      message: `an Alertmanager matcher such as service="checkout" or team=~"a|b", not ${JSON.stringify(text)}`,
    });
    return z.NEVER;
  })
  .meta({ title: "Alertmanager matcher" });

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
  .meta({ title: "YYYY-MM-DDTHH:MM, DAY HH:MM or HH:MM" });

export const timeZone = z
  .string()
  .refine(isTimeZone, "a time zone such as Europe/Berlin")
  .meta({ title: "time zone" });

export const count = z.number().int().min(1).max(100_000).meta({ title: "number, from 1 on" });

/** A name of a document in Open Policy Agent, as its Data API has it. */
export const documentPath = z
  .string()
  .regex(/^[\w-]+(\/[\w-]+)*$/, "a path such as countersteer/decision")
  .meta({ title: "path of a document" });

export const glob = z
  .string()
  .regex(/^[^\s\\]{1,200}$/, "a glob such as payments/ledger/** or *.tfvars")
  .meta({ title: "glob" });

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "letters, digits, dot, dash and underscore, at most 100")
  .meta({ title: "name" });

export const pathPrefix = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith("/") && !path.split("/").includes(".."),
    "a path inside the repository, without a leading slash",
  )
  .transform((path) => path.replace(/^\.\//, ""))
  .meta({ title: "path prefix" });

export const repository = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}$/, "OWNER/REPO")
  .meta({ title: "OWNER/REPO" });

export const issue = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})\/[A-Za-z0-9._-]{1,100}#[1-9]\d{0,9}$/, "OWNER/REPO#NUMBER")
  .transform((text) => {
    const [repository = "", number] = text.split("#");
    return { repository, number: Number(number) };
  })
  .meta({ title: "OWNER/REPO#NUMBER" });

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
  .regex(/^[^\s~^:?*[\\]+$/, "a branch name")
  .meta({ title: "branch name" });

export const probability = z.number().min(0).max(1).meta({ title: "probability, 0 to 1" });

export const query = z.string().min(1).max(2000).meta({ title: "PromQL query" });

export const label = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "a label name")
  .meta({ title: "Prometheus label name" });

export const flagPattern = z
  .string()
  .regex(
    /^[\w.*-]{1,100}(\/[\w.*-]{1,256})?$/,
    'a flag\'s name such as "checkout-*", or PROJECT/NAME; * stands for any characters',
  )
  .meta({ title: "flag name" });

export const channel = z
  .string()
  .regex(/^[CGD][A-Z0-9]{2,}$/, "a Slack channel id such as C024BE91L")
  .meta({ title: "Slack channel id" });

export const slackId = z
  .string()
  .regex(/^[UWS][A-Z0-9]{2,}$/, "a Slack user id (U…, W…) or user group id (S…)")
  .meta({ title: "Slack user or user group id" });

export const slackUser = z
  .string()
  .regex(/^[UW][A-Z0-9]{2,}$/, "a Slack user id (U…, W…)")
  .meta({ title: "Slack user id" });

export const approver = z
  .string()
  .regex(
    /^([UWS][A-Z0-9]{2,}|github:team\/[A-Za-z0-9][A-Za-z0-9._-]{0,99}|codeowners)$/,
    "a Slack user id (U…, W…), a user group id (S…), github:team/NAME or codeowners",
  )
  .meta({ title: "approver: Slack id, `github:team/NAME` or `codeowners`" });

export const quorum = z.number().int().min(1).max(10).meta({ title: "number of people, 1 to 10" });

export const login = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})$/, "a GitHub login")
  .meta({ title: "GitHub login" });

export const ownersPattern = z
  .string()
  .regex(/^[^\s!#[\]]{1,300}$/, "a path pattern as in CODEOWNERS, such as db/** or *.sql")
  .meta({ title: "path pattern" });

export const webAddress = z.url({ protocol: /^https?$/ }).meta({ title: "http or https address" });

/** An address without a path. */
export const origin = z
  .url({ protocol: /^https?$/ })
  .refine((url) => {
    const { origin, href } = new URL(url);
    return href === `${origin}/`;
  }, "an address without a path, such as https://ghcr.io")
  .meta({ title: "http or https address without a path" });
