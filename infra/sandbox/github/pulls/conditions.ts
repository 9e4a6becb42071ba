import { latestRuns } from "../checks/checks.ts";
import { latestStatuses } from "../checks/statuses.ts";
import { branchTip, isAncestor, mergeBase } from "../git/commits.ts";
import { changedFiles } from "../git/diff.ts";
import type { Github, PullRecord, Repo } from "../state.ts";
import { type Requirements, requirementsOf } from "./protection.ts";

/** The reason why GitHub does not merge, in its words. */
export type Condition = { kind: "draft" | "behind" | "checks" | "reviews" | "owners"; message: string };

export type CheckState = "success" | "pending" | "failing" | "expected";

const passed = ["success", "neutral", "skipped"];

/** Each check of a commit and how it stands. */
export const checkStates = (repo: Repo, sha: string): Map<string, CheckState> =>
  new Map([
    ...latestRuns(repo, sha).map(({ name, status, conclusion }): [string, CheckState] => [
      name,
      status !== "completed" ? "pending" : passed.includes(conclusion ?? "") ? "success" : "failing",
    ]),
    ...latestStatuses(repo, sha).map(({ context, state }): [string, CheckState] => [
      context,
      state === "success" || state === "pending" ? state : "failing",
    ]),
  ]);

/** The required checks of a commit that have not succeeded. */
export const unmetChecks = (
  repo: Repo,
  sha: string,
  required: string[],
): { name: string; is: CheckState }[] => {
  const states = checkStates(repo, sha);
  return required
    .map((name) => ({ name, is: states.get(name) ?? "expected" }))
    .filter(({ is }) => is !== "success");
};

const checksMessage = (repo: Repo, sha: string, required: string[]): string | undefined => {
  const unmet = unmetChecks(repo, sha, required);
  const [first, ...others] = unmet;
  if (first === undefined) return undefined;
  if (others.length === 0) return `Required status check "${first.name}" is ${first.is}.`;
  const kinds = [...new Set(unmet.map(({ is }) => is))];
  const told = kinds.length === 1 ? `are ${first.is}` : "have not succeeded";
  return `${unmet.length} of ${required.length} required status checks ${told}.`;
};

/** The latest review of each person that decides something. */
export const verdicts = (pull: PullRecord): Map<string, "APPROVED" | "CHANGES_REQUESTED"> => {
  const found = new Map<string, "APPROVED" | "CHANGES_REQUESTED">();
  for (const { user, state } of pull.reviews) {
    if (user.login === pull.user.login) continue;
    if (state === "DISMISSED") found.delete(user.login.toLowerCase());
    if (state === "APPROVED" || state === "CHANGES_REQUESTED") found.set(user.login.toLowerCase(), state);
  }
  return found;
};

const reviewsMessage = (pull: PullRecord, { reviews }: Requirements): string | undefined => {
  if (reviews === 0) return undefined;
  const given = [...verdicts(pull).values()];
  if (given.includes("CHANGES_REQUESTED"))
    return "Changes were requested by a reviewer with write access; their review is required.";
  const missing = reviews - given.length;
  return missing > 0
    ? `At least ${reviews} approving review${reviews === 1 ? " is" : "s are"} required by reviewers with write access.`
    : undefined;
};

const places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

/** The owners of each path by CODEOWNERS on the base branch; the last line that matches counts. */
export const ownersOf = async (repo: Repo, branch: string, paths: string[]): Promise<string[][]> => {
  const files = await Promise.all(places.map((path) => repo.git.object(`refs/heads/${branch}:${path}`)));
  const text = files.find((file) => file?.type === "blob")?.content.toString() ?? "";
  const lines = text.split("\n").flatMap((line) => {
    const [pattern = "", ...owners] = line.replace(/#.*/, "").trim().split(/\s+/);
    return pattern === "" ? [] : [{ covers: patternOf(pattern), owners }];
  });
  return paths.map((path) => lines.findLast(({ covers }) => covers.test(path))?.owners ?? []);
};

const patternOf = (pattern: string): RegExp => {
  const body = pattern.replace(/^\//, "").replace(/\/$/, "");
  const isAnchored = pattern.startsWith("/") || body.includes("/");
  const source = body
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**", "\0")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]")
    .replaceAll("\0", ".*");
  return new RegExp(`^${isAnchored ? "" : "(?:.*/)?"}${source}(?:/.*)?$`);
};

/** The owners whose review is missing, as `acme/payments` or a login. */
export const missingOwners = async (github: Github, repo: Repo, pull: PullRecord): Promise<string[]> => {
  const base = (await branchTip(repo, pull.base)) ?? pull.baseSha;
  const from = (await mergeBase(repo, base, pull.headSha)) ?? base;
  const files = await changedFiles(repo, from, pull.headSha);
  const owners = await ownersOf(
    repo,
    pull.base,
    files.map(({ path }) => path),
  );
  const approved = [...verdicts(pull)].filter(([, state]) => state === "APPROVED").map(([login]) => login);
  const answers = (owner: string): boolean => {
    const name = owner.replace(/^@/, "").toLowerCase();
    return [name, ...(github.teams.get(name) ?? [])].some((one) => approved.includes(one.toLowerCase()));
  };
  const open = owners.filter((names) => names.length > 0 && !names.some(answers));
  return [...new Set(open.flat())].map((owner) => owner.replace(/^@/, ""));
};

const ownersMessage = async (
  github: Github,
  repo: Repo,
  { pull, required }: { pull: PullRecord; required: Requirements },
): Promise<string | undefined> => {
  if (!required.codeOwners) return undefined;
  const missing = await missingOwners(github, repo, pull);
  return missing.length === 0 ? undefined : `Waiting on code owner review from ${missing.join(" and/or ")}.`;
};

/** Whether the head lacks commits of its base branch. */
export const isBehind = async (repo: Repo, pull: PullRecord): Promise<boolean> => {
  const tip = await branchTip(repo, pull.base);
  return tip !== undefined && !(await isAncestor(repo, tip, pull.headSha));
};

/** Everything that stands against a merge of the pull, a conflict and the merge queue aside. */
export const conditionsOf = async (github: Github, repo: Repo, pull: PullRecord): Promise<Condition[]> => {
  const required = await requirementsOf(repo, pull.base);
  const found: [Condition["kind"], string | undefined][] = [
    ["draft", pull.draft ? "Pull Request is still a draft" : undefined],
    [
      "behind",
      required.strict && (await isBehind(repo, pull))
        ? "The head branch is not up to date with the base branch."
        : undefined,
    ],
    ["reviews", reviewsMessage(pull, required)],
    ["owners", await ownersMessage(github, repo, { pull, required })],
    ["checks", checksMessage(repo, pull.headSha, required.checks)],
  ];
  return found.flatMap(([kind, message]) => (message === undefined ? [] : [{ kind, message }]));
};

/** GitHub's one word for all of it, in the upper case of GraphQL. */
export const mergeState = async (
  github: Github,
  repo: Repo,
  { pull, mergeable }: { pull: PullRecord; mergeable: boolean | null },
): Promise<"UNKNOWN" | "DIRTY" | "DRAFT" | "BEHIND" | "BLOCKED" | "UNSTABLE" | "CLEAN"> => {
  if (mergeable === null) return "UNKNOWN";
  if (!mergeable) return "DIRTY";
  const kinds = (await conditionsOf(github, repo, pull)).map(({ kind }) => kind);
  if (kinds.includes("draft")) return "DRAFT";
  if (kinds.some((kind) => kind !== "behind")) return "BLOCKED";
  if (kinds.includes("behind")) return "BEHIND";
  const states = [...checkStates(repo, pull.headSha).values()];
  return states.every((state) => state === "success") ? "CLEAN" : "UNSTABLE";
};

export const reviewDecision = async (
  github: Github,
  repo: Repo,
  pull: PullRecord,
): Promise<"APPROVED" | "CHANGES_REQUESTED" | "REVIEW_REQUIRED" | null> => {
  const required = await requirementsOf(repo, pull.base);
  if (required.reviews === 0 && !required.codeOwners) return null;
  if ([...verdicts(pull).values()].includes("CHANGES_REQUESTED")) return "CHANGES_REQUESTED";
  const kinds = (await conditionsOf(github, repo, pull)).map(({ kind }) => kind);
  return kinds.includes("reviews") || kinds.includes("owners") ? "REVIEW_REQUIRED" : "APPROVED";
};
