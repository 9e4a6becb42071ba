import { array, int, object, optional, string } from "zod";
import { malformed } from "../http/json.ts";
import { has, maxFlag, oneLine, type Toggled } from "./toggled.ts";

/**
 * The actions on a flag that change what it serves; names, tags, approvals and schedules are others.
 * https://launchdarkly.com/docs/home/account/role-actions#feature-flag-actions
 */
const effective = new Set([
  "updateOn",
  "updateFallthrough",
  "updateFallthroughWithMeasuredRollout",
  "stopMeasuredRolloutOnFlagFallthrough",
  "updateRules",
  "updateRulesWithMeasuredRollout",
  "stopMeasuredRolloutOnFlagRule",
  "updateMeasuredRolloutConfiguration",
  "updateTargets",
  "updateOffVariation",
  "updatePrerequisites",
  "updateFlagVariations",
  "updateFlagSalt",
  "copyFlagConfigTo",
  "updateGlobalArchived",
  "deleteFlag",
]);

/** One entry is about one flag, in one environment or a few. */
const mostAccesses = 100;
const form = object({
  kind: string(),
  date: int().min(0),
  accesses: array(object({ action: string().max(200), resource: string().max(2000) })),
  titleVerb: optional(string()),
  description: optional(string()),
});

/** `proj/KEY:env/KEY:flag/KEY`; tags may follow each key after a `;`. Of all environments it is `env/*`. */
const resourceOf = /^proj\/([^:;]+)(?:;[^:]*)?:env\/([^:;]+)(?:;[^:]*)?:flag\/([^:;]+)/;

/**
 * The flags whose serving a webhook of LaunchDarkly says was changed, in project and environment; undefined for a body of another form.
 * It is an entry of the audit log: https://launchdarkly.com/docs/api/webhooks. Throws BadRequest for one that is broken.
 */
export const launchdarkly = (body: unknown): Toggled[] | undefined => {
  if (!has(body, "accesses", "kind", "date")) return undefined;
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("a LaunchDarkly webhook", parsed.error);
  const { kind, date: at, accesses, titleVerb = "", description = "" } = parsed.data;
  if (kind !== "flag") return [];
  const flags = new Map<string, Toggled>();
  for (const { action, resource } of accesses.slice(0, mostAccesses)) {
    const [, project, environment = "*", flag] = resourceOf.exec(resource) ?? [];
    if (project === undefined || flag === undefined || flag.length > maxFlag || !effective.has(action))
      continue;
    const change = oneLine(plain(description)) || oneLine(titleVerb) || action;
    flags.set(`${project}/${environment}/${flag}`, {
      ...{ project, flag, change, at },
      ...(environment === "*" ? {} : { environment }),
    });
  }
  return [...flags.values()];
};

/** A description is Markdown, a list of what was changed. */
const plain = (markdown: string): string =>
  markdown
    .split("\n")
    .map((line) =>
      line
        .replace(/^[\s>]*(?:[*-] )?/, "")
        .replace(/[`~*]+/g, "")
        .trim()
        .replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase()),
    )
    .filter((line) => line !== "")
    .join("; ");
