import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Sha } from "../../../brands.ts";
import type { Authors } from "../../../ports/accounts.ts";
import type { Service } from "../../../ports/service.ts";
import { ask, unlessMissing } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { unlessRefused } from "./pulls.ts";

type Listed = RestEndpointMethodTypes["pulls"]["listCommits"]["response"]["data"][number];
type Account = { login?: string; type?: string } | null | undefined;

const pageSize = 100;
/** Commits of a change that are read one by one. */
const most = 20;

/** A login, nobody (a bot, GitHub itself), or somebody without a known account. */
type Found = string | "nobody" | undefined;

export const authors = async (
  github: Github,
  service: Service,
  { commits, pull }: { commits: Sha[]; pull?: number },
): Promise<Authors> => {
  const [landed, opened, pushed] = await Promise.all([
    Promise.all(commits.slice(0, most).map((sha) => readCommit(github, service, sha))),
    pull === undefined ? [] : ofPullOrUnknown(github, service, pull),
    pushersOf(github, service, new Set(commits), service.branch),
  ]);
  const found = [
    ...landed.flatMap((commit) => (commit === undefined ? [undefined] : peopleOf(commit))),
    ...opened,
    ...pushed,
  ];
  return summed(found, commits.length <= most);
};

/** Undefined for a commit that a forced push removed: its people are not known. */
const readCommit = (github: Github, service: Service, ref: string) =>
  unlessMissing(
    ask(`read commit ${ref} of ${service.repository}`, () =>
      github.octokit.repos.getCommit({ ...repoOf(service), ref, per_page: 1 }),
    ),
  );

/** A commit's message may name a pull request that the token cannot read, or that is none: then its people are not known. */
const ofPullOrUnknown = async (github: Github, service: Service, number: number): Promise<Found[]> =>
  (await unlessRefused(unlessMissing(ofPull(github, service, number)))) ?? [undefined];

/** The accounts that opened and merged the pull request, wrote its commits, or pushed them to its branch. */
const ofPull = async (github: Github, service: Service, number: number): Promise<Found[]> => {
  const name = `${service.repository}#${number}`;
  const [details, commits] = await Promise.all([
    ask(`read ${name}`, () => github.octokit.pulls.get({ ...repoOf(service), pull_number: number })),
    listCommits(github, service, number),
  ]);
  const pushed = await pushersOf(github, service, new Set(commits.map(({ sha }) => sha)), details.head.ref);
  const accounts = [accountOf(details.user), ...(details.merged_by ? [accountOf(details.merged_by)] : [])];
  return [...accounts, ...commits.flatMap(peopleOf), ...pushed];
};

const listCommits = (github: Github, service: Service, number: number): Promise<Listed[]> =>
  ask(`list the commits of ${service.repository}#${number}`, () =>
    github.octokit.pulls.listCommits({ ...repoOf(service), pull_number: number, per_page: pageSize }),
  );

/** A push is known for 90 days at most. Where GitHub does not tell it, committers stand for pushers. */
const pushersOf = async (
  github: Github,
  service: Service,
  commits: Set<string>,
  branch: string,
): Promise<Found[]> => {
  const pushes = await unlessRefused(
    ask(`list the pushes to ${branch} of ${service.repository}`, () =>
      github.octokit.repos.listActivities({
        ...{ ...repoOf(service), ref: `refs/heads/${branch}`, per_page: pageSize },
      }),
    ),
  );
  return (pushes ?? []).filter(({ after }) => commits.has(after)).map(({ actor }) => accountOf(actor));
};

export const pushers = async (github: Github, service: Service, pull: number): Promise<Authors> => {
  const [commits, login] = await Promise.all([listCommits(github, service, pull), github.login()]);
  const others = commits.filter((commit) => !isBy(login, commit.author) && !isBy(login, commit.committer));
  return summed(others.flatMap(peopleOf), true);
};

const isBy = (login: string, account: Account): boolean =>
  account?.login?.toLowerCase() === login.toLowerCase();

/** Author, committer and co-authors of one commit. */
const peopleOf = ({
  author,
  committer,
  commit,
}: Pick<Listed, "author" | "committer" | "commit">): Found[] => [
  accountOf(author),
  ...(commit.committer?.email === "noreply@github.com" ? [] : [accountOf(committer)]),
  ...coAuthors(commit.message),
];

const accountOf = (account: Account): Found => {
  if (!account?.login) return undefined;
  const isMachine = account.type === "Bot" || account.login.endsWith("[bot]") || account.login === "web-flow";
  return isMachine ? "nobody" : account.login;
};

/** The account is known only from an address that GitHub gave: https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address */
const coAuthors = (message: string): Found[] =>
  [...message.matchAll(/^co-authored-by:[^<\n]*<([^>\n]*)>/gim)].map(([, email = ""]) => {
    const login = /^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$/i.exec(email)?.[1];
    return login?.endsWith("[bot]") ? "nobody" : login;
  });

const summed = (found: Found[], isAll: boolean): Authors => ({
  logins: [...new Set(found.filter(isLogin))].sort(),
  isComplete: isAll && !found.includes(undefined),
});

const isLogin = (one: Found): one is string => one !== undefined && one !== "nobody";

export const isMember = async (
  github: Github,
  { org, slug }: { org: string; slug: string },
  login: string,
): Promise<boolean> => {
  const membership = await unlessMissing(
    ask(`read whether ${login} is a member of ${org}/${slug}`, () =>
      github.octokit.teams.getMembershipForUserInOrg({ org, team_slug: slug, username: login }),
    ),
  );
  return membership?.state === "active";
};

/** GitHub takes the first of these files: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners#codeowners-file-location */
const places = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

export const codeowners = async (github: Github, service: Service): Promise<string | undefined> => {
  const texts = await Promise.all(places.map((path) => readText(github, service, path)));
  return texts.find((text) => text !== undefined);
};

const readText = async (github: Github, service: Service, path: string): Promise<string | undefined> => {
  const found = await unlessMissing(
    ask(`read ${path} of ${service.repository}`, () =>
      github.octokit.repos.getContent({ ...repoOf(service), path, ref: service.branch }),
    ),
  );
  if (found === undefined || Array.isArray(found) || found.type !== "file") return undefined;
  return Buffer.from(found.content, "base64").toString("utf8");
};
