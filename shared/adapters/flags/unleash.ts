import { iso, nullish, object, string, unknown } from "zod";
import { ownValue } from "../../records.ts";
import { malformed } from "../http/json.ts";
import { has, maxFlag, oneLine, type Toggled } from "./toggled.ts";

/** The events that change what a flag serves, and what each says; others are about names, tags, people. https://docs.getunleash.io/reference/events */
const effective: Record<string, string> = {
  "feature-environment-enabled": "turned on",
  "feature-environment-disabled": "turned off",
  "feature-strategy-add": "a strategy was added",
  "feature-strategy-update": "a strategy was changed",
  "feature-strategy-remove": "a strategy was removed",
  "feature-variants-updated": "its variants were changed",
  "feature-environment-variants-updated": "its variants were changed",
  "feature-archived": "archived",
  "feature-revived": "revived",
};

const rollout = object({ parameters: object({ rollout: string() }) });
const name = string().max(maxFlag);
const form = object({
  type: string(),
  createdAt: iso.datetime({ offset: true }),
  featureName: nullish(name),
  project: nullish(name),
  environment: nullish(name),
  data: unknown(),
  preData: unknown(),
});

/**
 * The flag whose serving an event of Unleash says was changed, as its webhook sends it when no body template is set; undefined for a
 * body of another form. Throws BadRequest for one that is broken.
 */
export const unleash = (body: unknown): Toggled[] | undefined => {
  if (!has(body, "type", "createdAt", "createdBy")) return undefined;
  const parsed = form.safeParse(body);
  if (!parsed.success) throw malformed("an Unleash event", parsed.error);
  const { type, createdAt, featureName, project, environment, data, preData } = parsed.data;
  const change = ownValue(effective, type);
  if (change === undefined || !featureName) return [];
  return [
    {
      ...{ project: project ?? "", flag: featureName, at: Date.parse(createdAt) },
      change: oneLine(`${change}${moved(preData, data)}`),
      ...(environment ? { environment } : {}),
    },
  ];
};

/** The change of a gradual rollout. */
const moved = (before: unknown, after: unknown): string => {
  const [from, to] = [rollout.safeParse(before), rollout.safeParse(after)];
  if (!to.success) return "";
  const percent = to.data.parameters.rollout;
  if (!from.success) return ` (${percent} %)`;
  return from.data.parameters.rollout === percent
    ? ""
    : ` (${from.data.parameters.rollout} % → ${percent} %)`;
};
