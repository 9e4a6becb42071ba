import type { Ground } from "../../shared/incident/approval/votes.ts";
import type { In, Remedy } from "../../shared/incident/model.ts";
import { codeowners } from "../../shared/policy/approval/codeowners.ts";
import type { PullNow } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Work } from "../step.ts";
import { requiredOf } from "./required.ts";

type Reading = Pick<Work, "accounts" | "configuration" | "serviceOf">;

/** A question, or what came of it. */
type Questioned = In<"proposed" | "approved">;

/** The facts that the question rests on, read from GitHub: the paths, and the culprit's authors where four eyes are kept, beside the pull request itself. */
export const readGround = async (
  work: Reading & Pick<Work, "pulls">,
  incident: Questioned,
  service: Service,
): Promise<{ now: PullNow; ground: Ground }> => {
  const keepsFourEyes = (paths: string[]) =>
    requiredOf(work.configuration(), incident, service, { ...nothing, paths }).fourEyes !== "off";
  // Most services keep four eyes or none whatever is touched: the authors are read at once then.
  const isEarly = keepsFourEyes([]);
  const [now, early] = await Promise.all([
    work.pulls.pull(service, incident.pull),
    isEarly ? readAuthors(work, incident, service) : undefined,
  ]);
  const { paths } = now;
  const [owners, late] = await Promise.all([
    readOwners(work, service, paths),
    !isEarly && keepsFourEyes(paths) ? readAuthors(work, incident, service) : undefined,
  ]);
  return { now, ground: { ...nothing, paths, ...(early ?? late), ...(owners && { owners }) } };
};

const nothing: Ground = { paths: [], authors: [], isComplete: false };

const readAuthors = async (
  work: Reading,
  incident: Questioned,
  service: Service,
): Promise<Pick<Ground, "authors" | "isComplete">> => {
  const read = await Promise.all([
    ...changesOf(work, incident, service).map(({ place, ...of }) => work.accounts.authors(place, of)),
    work.accounts.pushers(service, incident.pull.number),
  ]);
  const authors = [...new Set(read.flatMap(({ logins }) => logins))].sort();
  return { authors, isComplete: read.every(({ isComplete }) => isComplete) };
};

export const readOwners = async (
  { accounts, configuration }: Pick<Work, "accounts" | "configuration">,
  service: Service,
  paths: string[],
): Promise<Record<string, string[]> | undefined> => {
  const isAsked = configuration().services.some(({ approvers, rules = [] }) =>
    [{ approvers }, ...rules].some((each) => each.approvers?.includes("codeowners")),
  );
  if (!isAsked) return undefined;
  const ownersOf = codeowners((await accounts.codeowners(service)) ?? "");
  return Object.fromEntries(paths.map((path) => [path, ownersOf(path)]));
};

type Change = { place: Service; commits: string[]; pull?: number };

/** The changes that the remedy takes back, the commit behind a bump included. A scale takes nobody's change back. */
const changesOf = (
  { serviceOf }: Pick<Work, "serviceOf">,
  { service: name, diagnosis, remedy }: Questioned,
  place: Service,
): Change[] => {
  const reverted = revertedBy(remedy);
  if (reverted === undefined) return [];
  const { sha, isRange, behind } = reverted;
  const suspects = diagnosis.suspects.filter(
    (suspect) => suspect.sha === sha || (isRange && suspect.in === remedy.in && suspect.of === undefined),
  );
  const pull = suspects.find((suspect) => suspect.sha === sha)?.change?.pull?.number;
  const commits = new Set([sha, ...suspects.flatMap((one) => [one.sha, ...(one.change?.commits ?? [])])]);
  return [
    { place, commits: [...commits], ...(pull !== undefined && { pull }) },
    ...(behind === undefined ? [] : [{ place: serviceOf(name), commits: [behind] }]),
  ];
};

type Reverted = { sha: string; isRange: boolean; behind?: string };

const revertedBy = (remedy: Remedy): Reverted | undefined => {
  if (remedy.kind === "scale") return undefined;
  if (remedy.kind === "withdraw")
    return remedy.of.kind === "revert" ? { sha: remedy.merge, isRange: false } : undefined;
  const { sha, from, behind } = remedy;
  return { sha, isRange: from !== undefined, ...(behind && { behind: behind.sha }) };
};
