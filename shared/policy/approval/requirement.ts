import type { FourEyes, Ground, Group } from "../../incident/approval/votes.ts";
import { ownValue } from "../../records.ts";
import { pathPattern } from "./codeowners.ts";

/** A rule of a service about approving, one beside the others. */
export type Rule = {
  paths?: string[];
  environments?: string[];
  approvers?: string[];
  quorum?: number;
  fourEyes?: boolean;
};
export type Answerable = {
  name: string;
  repository: string;
  paths: string[];
  gitops?: { repository: string; paths: string[] }[];
  approvers: string[];
  rules?: Rule[];
  policy: { quorum?: number; fourEyes?: boolean };
};
/** People by Slack id, with their GitHub account, and the address by which they sign in to the pages. */
export type People = Record<string, { github: string; email?: string }>;
export type Configuration<S extends Answerable = Answerable> = { services: S[]; people?: People };

/** The change that is to be approved. `repository` is where its pull request is. */
export type Proposed = {
  service: string;
  environment: string;
  repository: string;
  ground: Ground;
  /** Services whose incidents share the pull request: each one's policy must be satisfied. */
  sharers?: string[];
};

/** A group of the requirement with its list: Slack ids, `github:user/LOGIN`, `github:team/ORG/SLUG`. */
export type Listed = Group & { approvers: string[] };
export type Required = { groups: Listed[]; fourEyes: FourEyes };

/**
 * The people who must approve. Each path takes the strictest rule that applies, of the service and of every other one whose paths are
 * touched, and of those that share the pull request. Rules only tighten; one that names approvers puts them in the place of the service's for its paths.
 */
export const requirementOf = (
  { services, people = {} }: Configuration,
  { service: name, environment, repository, ground, sharers = [] }: Proposed,
): Required => {
  const concerned = [name, ...sharers];
  const own = services.filter((service) => concerned.includes(service.name));
  const others = services.filter((service) => !concerned.includes(service.name));
  const parts = [
    ...own.map((service) => ({ service, paths: ground.paths })),
    ...others
      .map((service) => ({ service, paths: touchedPaths(service, repository, ground.paths) }))
      .filter(({ paths }) => paths.length > 0),
  ];
  const required = parts.map(({ service, paths }) => ofService(service, { environment, paths, ground }));
  const isMapped = Object.keys(people).length > 0;
  return {
    groups: merged(required.flatMap(({ groups }) => groups)),
    fourEyes: strictest(required.map((one) => fourEyesOf(one.fourEyes, environment, isMapped))),
  };
};

/** The paths that the service claims in the repository. One that claims all of it claims nothing for itself. */
const touchedPaths = (service: Answerable, repository: string, paths: string[]): string[] => {
  const places = [service, ...(service.gitops ?? [])].filter(
    (place) => place.repository.toLowerCase() === repository.toLowerCase(),
  );
  return paths.filter((path) => places.some((place) => place.paths.some((prefix) => isBelow(path, prefix))));
};

/** `src` is the file or the folder of that name, not `src2`. */
const isBelow = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);

type Part = { environment: string; paths: string[]; ground: Ground };
type Partial = { groups: Listed[]; fourEyes: boolean | undefined };

const ofService = (service: Answerable, { environment, paths, ground }: Part): Partial => {
  const rules = (service.rules ?? []).filter(
    ({ environments }) => environments === undefined || environments.includes(environment),
  );
  const applied = new Set<Rule>();
  const groups = (paths.length === 0 ? [""] : paths).flatMap((path) => {
    const matching = rules.filter((rule) => covers(rule, path));
    for (const rule of matching) applied.add(rule);
    const naming = matching.filter(({ approvers }) => approvers !== undefined);
    const quorum = Math.max(service.policy.quorum ?? 1, ...matching.map((rule) => rule.quorum ?? 1));
    return (naming.length === 0 ? [service] : naming).map((from) =>
      groupOf(service, { from, quorum, path, ground }),
    );
  });
  const isTightened = [...applied].some(({ fourEyes }) => fourEyes);
  return { groups, fourEyes: isTightened || service.policy.fourEyes };
};

const covers = ({ paths }: Rule, path: string): boolean =>
  paths === undefined || paths.some((pattern) => pathPattern(pattern)(path));

type From = { from: Answerable | Rule; quorum: number; path: string; ground: Ground };

const groupOf = (service: Answerable, { from, quorum, path, ground }: From): Listed => {
  const approvers = (from.approvers ?? []).flatMap((one) => resolved(one, service, { path, ground }));
  return { of: nameOf(service, from, path), quorum, approvers: [...new Set(approvers)].sort() };
};

const nameOf = (service: Answerable, from: Answerable | Rule, path: string): string => {
  if (from.approvers?.includes("codeowners")) return `the owners of ${path}`;
  if (from === service) return `the approvers of ${service.name}`;
  return `the approvers of ${service.name} for ${from.paths?.join(" ") ?? "this environment"}`;
};

const resolved = (
  approver: string,
  { repository }: Answerable,
  { path, ground }: Pick<From, "path" | "ground">,
): string[] => {
  const [org = ""] = repository.split("/");
  if (approver === "codeowners") return (ownValue(ground.owners ?? {}, path) ?? []).flatMap(ownerAsApprover);
  const team = /^github:team\/([^/]+)$/.exec(approver)?.[1];
  return [team === undefined ? approver : `github:team/${org}/${team}`.toLowerCase()];
};

/** `@org/team` or `@login`; an address names no account. */
const ownerAsApprover = (owner: string): string[] => {
  const [, org, team] = /^@([\w-]+)(?:\/([\w.-]+))?$/.exec(owner) ?? [];
  if (org === undefined) return [];
  return [(team === undefined ? `github:user/${org}` : `github:team/${org}/${team}`).toLowerCase()];
};

/** Groups of the same people are one, with the highest quorum. Each has a name of its own: votes are counted by it. */
const merged = (groups: Listed[]): Listed[] => {
  const byPeople = new Map<string, Listed>();
  for (const group of groups) {
    const key = `${group.of.startsWith("the owners of ") ? "owners" : group.of} ${group.approvers.join(" ")}`;
    const known = byPeople.get(key) ?? group;
    byPeople.set(key, { ...known, quorum: Math.max(known.quorum, group.quorum) });
  }
  const names = new Map<string, number>();
  return [...byPeople.values()].map((group) => {
    const count = (names.get(group.of) ?? 0) + 1;
    names.set(group.of, count);
    return count === 1 ? group : { ...group, of: `${group.of} (${count})` };
  });
};

/** The environment in which four eyes are kept unless the configuration says otherwise. */
export const guardedEnvironment = "production";

/** Only known authors are held back by default, while `people` is empty. */
const fourEyesOf = (asked: boolean | undefined, environment: string, isMapped: boolean): FourEyes => {
  if (asked !== undefined) return asked ? "all" : "off";
  if (environment !== guardedEnvironment) return "off";
  return isMapped ? "all" : "known";
};

const strictest = (all: FourEyes[]): FourEyes =>
  all.includes("all") ? "all" : all.includes("known") ? "known" : "off";
