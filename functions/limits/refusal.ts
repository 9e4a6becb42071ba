import type { EpochMs } from "../../shared/brands.ts";
import type { Config } from "../../shared/config.ts";
import { frozenAt } from "../../shared/policy/calendar.ts";
import { longestMs, type OverRate, overRate, type Rate } from "../../shared/policy/rates.ts";
import type { ActionRecord, Store } from "../../shared/ports/store.ts";
import { dateTime } from "../../shared/text/format.ts";

type Policy = Config["services"][number]["policy"];

/** The limits of one service and of the whole installation. */
export type Limits = { service: string; policy: Policy; overall: Rate };

export const limitsOf = (config: Config, service: string): Limits | undefined => {
  const policy = config.services.find(({ name }) => name === service)?.policy;
  return policy && { service, policy, overall: config.limits ?? {} };
};

const byHand = "merge the pull request on GitHub if it cannot wait";

/** The freeze that holds at `at`, as a sentence. `approvals`: as many as an emergency needs merge all the same. */
export const frozen = ({ policy }: Limits, at: EpochMs, approvals = 0): string | undefined => {
  const now = frozenAt(policy.freeze ?? [], at);
  if (now === undefined) return undefined;
  const { reason, until, emergency } = now;
  if (emergency !== undefined && approvals >= emergency) return undefined;
  const way = emergency === undefined ? byHand : `an emergency takes ${emergency} approvals`;
  return `policy.freeze (${reason}) holds until ${dateTime(until)}: nothing is merged before; ${way}`;
};

/** The number of merges that is used up at `at`, as a sentence. */
export const overLimit = (
  { service, policy, overall }: Limits,
  actions: ActionRecord[],
  at: EpochMs,
): string | undefined => {
  const own = actions.filter((one) => one.service === service).map((one) => one.at);
  const ofService = overRate(own, at, policy);
  if (ofService !== undefined) return rateSentence("policy", ofService);
  const ofAll = overRate(
    actions.map((one) => one.at),
    at,
    overall,
  );
  return ofAll && rateSentence("limits", ofAll);
};

const rateSentence = (where: string, { limit, max, until }: OverRate): string =>
  `${where}.${limit} (${max}) is used up until ${dateTime(until)}: nothing is merged before; ${byHand}`;

/** Whether merges are counted at all. */
export const isCounted = ({ policy, overall }: Limits): boolean =>
  [policy, overall].some(({ maxPerHour, maxPerDay }) => maxPerHour !== undefined || maxPerDay !== undefined);

/** The merges that may still count at `at`. */
export const recent = (actions: ActionRecord[] = [], at: EpochMs): ActionRecord[] =>
  actions.filter((one) => one.at > at - longestMs);

/** Why nothing of the service may be merged at `at`, whoever approves; undefined when it may. */
export const refusal = async (
  store: Pick<Store, "register">,
  limits: Limits,
  at: EpochMs,
): Promise<string | undefined> => {
  const now = frozen(limits, at, Number.POSITIVE_INFINITY);
  if (now !== undefined || !isCounted(limits)) return now;
  const { value } = await store.register("actions");
  return overLimit(limits, recent(value, at), at);
};
