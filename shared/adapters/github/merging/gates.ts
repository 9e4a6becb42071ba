import type { Pull } from "../../../incident/model.ts";
import type { Gates, MergeState } from "../../../ports/merging.ts";
import type { Service } from "../../../ports/service.ts";
import type { Github, MergeMethod } from "../api/repository.ts";
import { readDetails } from "../pulls/pulls.ts";
import { readChecks } from "./checks.ts";
import { mergeMethods } from "./merge.ts";
import { readMergeState } from "./merge-state.ts";
import { type BranchRules, branchRules } from "./rules.ts";

export const gates = async (github: Github, service: Service, pull: Pull): Promise<Gates> => {
  const of = { head: pull.head, base: pull.baseSha, branch: pull.base };
  const [told, rules, allowed, checks] = await Promise.all([
    readTold(github, service, pull),
    branchRules(github, service, pull.base),
    mergeMethods(github, service),
    readChecks(github, service, of),
  ]);
  const { merging } = told;
  const { required } = rules;
  const asked = { ...rules, ...classic(rules, merging) };
  const methods = asked.methods.filter((one) => allowed.includes(one));
  const reviewMissing = isReviewMissing(merging);
  return {
    state: stateOf(told.state),
    ...{
      reviews: asked.reviews,
      codeOwners: asked.codeOwners,
      upToDate: rules.upToDate,
      others: asked.others,
    },
    ...{ checks: checks(required), required },
    ...(reviewMissing !== undefined && { reviewMissing }),
    ...(methods.length < everyMethod && { methods }),
    autoMerge: { allowed: merging?.autoMergeAllowed ?? false, on: told.isOn },
    ...((rules.hasQueue || merging?.isMergeQueueEnabled) && { queue: queueOf(merging) }),
  };
};

/** GraphQL tells all of it; an older server's REST tells a part. */
const readTold = async (
  github: Github,
  service: Service,
  pull: Pull,
): Promise<{ merging: Merging; state: string; isOn: boolean }> => {
  const merging = await readMergeState(github, service, pull);
  if (merging !== undefined)
    return { merging, state: merging.mergeStateStatus, isOn: merging.autoMergeRequest !== null };
  const details = await readDetails(github, service, pull.number);
  return { merging, state: details.mergeable_state, isOn: details.auto_merge !== null };
};

const everyMethod = 3;
const states = [
  "clean",
  "unstable",
  "blocked",
  "behind",
  "dirty",
  "draft",
  "unknown",
] as const satisfies MergeState[];
const isState = (one: string): one is MergeState => states.some((state) => state === one);

/** Hooks of an Enterprise Server run at the merge itself. */
const stateOf = (told: string): MergeState => {
  const state = told.toLowerCase();
  if (state === "has_hooks") return "clean";
  return isState(state) ? state : "unknown";
};

type Merging = Awaited<ReturnType<typeof readMergeState>>;

const isReviewMissing = (merging: Merging): boolean | undefined => {
  const decision = merging?.reviewDecision;
  return decision === undefined
    ? undefined
    : decision === "REVIEW_REQUIRED" || decision === "CHANGES_REQUESTED";
};

const queueOf = (merging: Merging): NonNullable<Gates["queue"]> => {
  const entry = merging?.mergeQueueEntry;
  if (!entry) return { in: false };
  return { in: true, ...(entry.headCommit && { head: entry.headCommit.oid }) };
};

/** Classic protection, of which REST shows an App only the checks. */
const classic = (
  rules: BranchRules,
  merging: Merging,
): Pick<BranchRules, "reviews" | "codeOwners" | "others" | "methods"> => {
  const own = merging?.baseRef?.refUpdateRule;
  const others = [
    ...(own?.requiresConversationResolution ? ["every conversation to be resolved"] : []),
    ...(own?.requiresSignatures ? ["signed commits"] : []),
  ];
  const isLinear = (one: MergeMethod): boolean => !own?.requiresLinearHistory || one !== "merge";
  return {
    reviews: Math.max(rules.reviews, own?.requiredApprovingReviewCount ?? 0),
    codeOwners: rules.codeOwners || (own?.requiresCodeOwnerReviews ?? false),
    others: [...new Set([...rules.others, ...others])],
    methods: rules.methods.filter(isLinear),
  };
};
