import { type Finding, failed, ok, orFailed, warning } from "../../../functions/ready/finding.ts";
import { ask, unlessMissing } from "../../../shared/adapters/github/api/call.ts";
import type { GithubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect, repoOf } from "../../../shared/adapters/github/api/repository.ts";
import { type BranchRules, branchRules } from "../../../shared/adapters/github/merging/rules.ts";
import type { Config, Configured } from "../../../shared/config.ts";
import { checkDrafts } from "./drafts.ts";
import { checkGranted, checkHook, checkScopes } from "./granted.ts";
import type { Needing } from "./permissions.ts";

/** A repository that services are in, or that declares what runs. */
type Place = { repository: string; branch: string; acts: boolean; hasCodeOwners: boolean };

/** Our rights in every repository of the configuration, as GitHub tells them. */
export const checkGithub = async (
  client: GithubClient,
  config: Needing & Pick<Config, "baseUrl">,
): Promise<Finding[]> => {
  const { services } = config;
  const login = await orFailed(
    "github",
    "check GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY",
    async () => [
      ok("github", `answers; we are ${await client.login()}`),
      ...(await checkScopes(client, config)),
      ...(client.app === undefined ? [] : await checkHook(client.app, config.baseUrl)),
    ],
  );
  if (login.every(({ level }) => level === "failed")) return login;
  const found: Finding[] = [];
  for (const place of placesOf(services))
    found.push(...(await checkPlace(client, place)), ...(await checkGranted(client, config, place)));
  return [...login, ...found, ...(await checkDrafts(client, services))];
};

const placesOf = (services: Configured[]): Place[] => {
  const places = new Map<string, Place>();
  for (const { repository, branch, gitops = [], policy, approvers } of services)
    for (const one of [{ repository, branch }, ...gitops]) {
      const key = `${one.repository} ${one.branch}`;
      const known = places.get(key);
      places.set(key, {
        ...{ repository: one.repository, branch: one.branch },
        acts: policy.mode !== "observe" || known?.acts === true,
        hasCodeOwners: approvers.includes("codeowners") || known?.hasCodeOwners === true,
      });
    }
  return [...places.values()];
};

const checkPlace = (client: GithubClient, place: Place): Promise<Finding[]> => {
  const { repository, branch } = place;
  const about = `github ${repository}`;
  const todo = "grant the app or the token access to it, or mend its name in the configuration";
  return orFailed(about, todo, async () => {
    const found = await unlessMissing(
      ask(`read ${repository}`, () => client.octokit.repos.get(repoOf(place))),
    );
    if (found === undefined) return [failed(about, "is not there, or cannot be seen", todo)];
    if (found.full_name.toLowerCase() !== repository.toLowerCase())
      return [failed(about, `is called ${found.full_name} now`, "write the new name into the configuration")];
    const tip = await unlessMissing(
      ask(`read branch ${branch} of ${repository}`, () =>
        client.octokit.repos.getBranch({ ...repoOf(place), branch }),
      ),
    );
    if (tip === undefined)
      return [
        failed(about, `has no branch ${branch}`, `set branch: ${found.default_branch}, its default branch`),
      ];
    const rules = await branchRules(connect(client), place, branch);
    const problems = [
      ...writable(about, place, found),
      ...protectedBy(about, branch, rules, place),
      ...(await codeOwners(client, about, place)),
    ];
    return problems.length > 0
      ? problems
      : [
          ok(
            about,
            `${branch} can be read${place.acts ? " and written" : ""}${rules.hasQueue ? "; merges go through its queue" : ""}`,
          ),
        ];
  });
};

type Repository = { archived: boolean; permissions?: { push?: boolean } };

const writable = (about: string, { acts }: Place, { archived, permissions }: Repository): Finding[] => {
  if (!acts) return [];
  if (archived)
    return [failed(about, "is archived: nothing can be merged", "unarchive it, or set mode: observe")];
  // An installation token of an app does not tell its permissions here.
  return permissions?.push === false
    ? [failed(about, "can be read but not written", "grant Contents and Pull requests: read and write")]
    : [];
};

const context = "countersteer/approval";
const protectedBy = (about: string, branch: string, rules: BranchRules, { acts }: Place): Finding[] => {
  if (!acts) return [];
  if (rules.methods.length === 0)
    return [failed(about, `${branch} allows no merge method`, "allow squash, merge or rebase in its rules")];
  return rules.required.includes(context)
    ? []
    : [
        warning(
          about,
          `${branch} does not require the status ${context}: GitHub would let others merge without the approval`,
          "require it, from this App only (docs/connect-github.md)",
        ),
      ];
};

const codeOwnerFiles = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
const codeOwners = async (client: GithubClient, about: string, place: Place): Promise<Finding[]> => {
  if (!place.hasCodeOwners) return [];
  for (const path of codeOwnerFiles) {
    const found = await unlessMissing(
      ask(`read ${path} of ${place.repository}`, () =>
        client.octokit.repos.getContent({ ...repoOf(place), path, ref: place.branch }),
      ),
    );
    if (found !== undefined) return [];
  }
  return [
    failed(
      about,
      "has no CODEOWNERS, and code owners are the approvers",
      "add the file, or name the approvers",
    ),
  ];
};
