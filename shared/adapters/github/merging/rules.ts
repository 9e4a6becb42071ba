import type { RestEndpointMethodTypes } from "@octokit/rest";
import { array, lazy, object, string } from "zod";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, type MergeMethod, repoOf } from "../api/repository.ts";
import { unlessRefused } from "../pulls/pulls.ts";

/** Everything that rulesets and classic protection ask of a merge into a branch, as far as the account may read it. */
export type BranchRules = {
  reviews: number;
  codeOwners: boolean;
  required: string[];
  upToDate: boolean;
  hasQueue: boolean;
  methods: MergeMethod[];
  others: string[];
};

type Rule = RestEndpointMethodTypes["repos"]["getBranchRules"]["response"]["data"][number];
type Place = Pick<Service, "repository">;

export const none: BranchRules = {
  ...{ reviews: 0, codeOwners: false, required: [], upToDate: false, hasQueue: false, others: [] },
  methods: ["squash", "merge", "rebase"],
};

export const branchRules = async (github: Github, place: Place, branch: string): Promise<BranchRules> => {
  const [rules, contexts] = await Promise.all([
    listRules(github, place, branch),
    classicContexts(github, place, branch),
  ]);
  const read = rules.reduce(withRule, none);
  return { ...read, required: [...new Set([...read.required, ...contexts])] };
};

const listRules = async (github: Github, place: Place, branch: string): Promise<Rule[]> => {
  const listed = await unlessRefused(
    ask(`read the rules of ${branch} of ${place.repository}`, () =>
      github.octokit.repos.getBranchRules({ ...repoOf(place), branch, per_page: 100 }),
    ),
  );
  return listed ?? [];
};

/** Classic protection is not among the rules; of it, only the required checks are shown to an account that does not administer. */
const classicContexts = async (github: Github, place: Place, branch: string): Promise<string[]> => {
  const found = await unlessRefused(
    ask(`read branch ${branch} of ${place.repository}`, () =>
      github.octokit.repos.getBranch({ ...repoOf(place), branch }),
    ),
  );
  return found?.protection?.required_status_checks?.contexts ?? [];
};

const methods: readonly MergeMethod[] = none.methods;
const isMethod = (one: string): one is MergeMethod => methods.some((method) => method === one);

const required = lazy(() => object({ required_status_checks: array(object({ context: string() })) }));
const allowed = lazy(() => object({ allowed_merge_methods: array(string()) }));
const environments = lazy(() => object({ required_deployment_environments: array(string()) }));

const withRule = (known: BranchRules, rule: Rule): BranchRules => {
  const parameters: Record<string, unknown> = "parameters" in rule ? { ...rule.parameters } : {};
  switch (rule.type) {
    case "pull_request":
      return withReviews(known, parameters);
    case "required_status_checks": {
      const named = required.safeParse(parameters).data?.required_status_checks ?? [];
      return {
        ...known,
        required: [...known.required, ...named.map(({ context }) => context)],
        upToDate: known.upToDate || parameters.strict_required_status_checks_policy === true,
      };
    }
    case "merge_queue":
      return { ...known, hasQueue: true };
    case "required_linear_history":
      return { ...known, methods: known.methods.filter((one) => one !== "merge") };
    case "required_signatures":
      return { ...known, others: [...known.others, "signed commits"] };
    case "required_deployments": {
      const places = environments.safeParse(parameters).data?.required_deployment_environments ?? [];
      return { ...known, others: [...known.others, `a deployment to ${places.join(", ")}`] };
    }
    default:
      return known;
  }
};

const withReviews = (known: BranchRules, parameters: Record<string, unknown>): BranchRules => {
  const names = allowed.safeParse(parameters).data?.allowed_merge_methods.filter(isMethod) ?? known.methods;
  const isResolved = parameters.required_review_thread_resolution === true;
  return {
    ...known,
    reviews: Math.max(known.reviews, Number(parameters.required_approving_review_count ?? 0)),
    codeOwners: known.codeOwners || parameters.require_code_owner_review === true,
    methods: known.methods.filter((one) => names.includes(one)),
    others: [...known.others, ...(isResolved ? ["every conversation to be resolved"] : [])],
  };
};
