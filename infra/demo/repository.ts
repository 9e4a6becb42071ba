import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git } from "../host/git.ts";

/** `bare` is the repository others use; `clone` is where the team works. `before` is the head when the demo begins, landed at `beforeAt`. */
export type Repository = {
  bare: string;
  clone: string;
  branch: string;
  before: string;
  beforeAt: number;
};
export type Landed = { sha: string; title: string; author: string; paths: string[] };
/** Commits that reached the branch in one push, oldest first. */
export type Landing = { before: string; head: string; commits: Landed[] };

const branch = "main";
const dayMs = 24 * 60 * 60 * 1000;
/** The commit of the release that breaks payments in yen. */
const culpritTitle = "fx: settle in whole numbers, halves to even";
/** The one that does so in the story of the wrong first suspect, without a word about it. */
const quietTitle = "idempotency: a key may be sent again by other clients";

/**
 * Builds the payment gateway's repository under the directory `path`: three weeks of history that end a day before `now`.
 * The same `now` gives the same commits. The history is a mailbox of patches: `git am -k` it to work on it,
 * `git format-patch -k --root --stdout --no-signature --no-stat --zero-commit` to write it back.
 */
export const buildRepository = async ({ path, now, workflow }: Building): Promise<Repository> => {
  const bare = join(path, "payment-gateway.git");
  const clone = join(path, "payment-gateway");
  await mkdir(path, { recursive: true });
  await git(path, ["init", "--quiet", "--bare", `--initial-branch=${branch}`, bare]);
  await git(path, ["init", "--quiet", `--initial-branch=${branch}`, clone]);
  const patches = await mailbox("history");
  const days = Math.floor((now - dayMs - lastDate(patches)) / dayMs);
  await apply(clone, shift(patches, days * dayMs), ["--committer-date-is-author-date"]);
  if (workflow !== undefined) await addWorkflow(clone, workflow);
  await git(clone, ["remote", "add", "origin", bare]);
  await git(clone, ["push", "--quiet", "origin", branch]);
  const [before, seconds] = (await git(clone, ["log", "-1", "--format=%H %ct"])).split(" ");
  return { bare, clone, branch, before: before!, beforeAt: Number(seconds) * 1000 };
};

type Building = { path: string; now: number; workflow?: { path: string; text: string } };

/** Commits the workflow as the author of the last commit did theirs, at the same time. */
const addWorkflow = async (
  clone: string,
  { path, text }: NonNullable<Building["workflow"]>,
): Promise<void> => {
  await mkdir(join(clone, ".github", "workflows"), { recursive: true });
  await writeFile(join(clone, path), text);
  const [name = "", email = "", at = ""] = (
    await git(clone, ["log", "-1", "--format=%an%x1f%ae%x1f%cI"])
  ).split("\x1f");
  await git(clone, ["add", path]);
  await git(clone, ["commit", "--quiet", "--no-gpg-sign", "-m", "ci: deploy a commit by hand"], {
    env: {
      ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: at },
      ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: at },
    },
  });
};

/** How many commits the branch has, and how many people wrote them. */
export const historyOf = async ({ clone }: Repository): Promise<{ commits: number; authors: number }> => {
  const authors = (await git(clone, ["log", "--format=%an"])).split("\n");
  return { commits: authors.length, authors: new Set(authors).size };
};

/** Has the team push to and pull from `url`, with the token as the password. */
export const setRemote = async (
  { clone }: Pick<Repository, "clone">,
  url: string,
  token: string,
): Promise<void> => {
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  await git(clone, ["remote", "set-url", "origin", url]);
  await git(clone, ["config", "http.extraHeader", `Authorization: Basic ${basic}`]);
};

/** Puts the patches onto the branch as it is now and pushes them: written in the hours before `now`, landed at `now`. */
export const land = async (
  { clone, branch }: Repository,
  name: "release" | "after" | "decoy",
  now: number,
): Promise<Landing> => {
  await git(clone, ["pull", "--quiet", "--ff-only", "origin", branch]);
  const before = await git(clone, ["rev-parse", "HEAD"]);
  const patches = await mailbox(name);
  const at = Math.floor(now / 1000) * 1000;
  await apply(clone, shift(patches, at - 5 * 60_000 - lastDate(patches)), [], {
    GIT_COMMITTER_DATE: `@${at / 1000} +0000`,
  });
  await git(clone, ["push", "--quiet", "origin", branch]);
  const commits = await landed(clone, before);
  return { before, head: commits.at(-1)!.sha, commits };
};

/** The pull request of the release, whose second commit breaks payments in yen. */
export const releasePull = { branch: "sale-week", title: "Get ready for the sale week", commits: 3 };

/**
 * Lands the release in two parts: the team pushes a branch of three commits, which `merge` merges with a merge commit, and two commits
 * of others straight to the main branch.
 */
export const landRelease = async (
  repository: Repository,
  now: number,
  merge: (before: () => Promise<void>) => Promise<void>,
): Promise<Landing> => {
  const { clone, branch } = repository;
  await git(clone, ["pull", "--quiet", "--ff-only", "origin", branch]);
  const before = await git(clone, ["rev-parse", "HEAD"]);
  const at = Math.floor(now / 1000) * 1000;
  const mails = await mailbox("release");
  const patches = shift(mails, at - 5 * 60_000 - lastDate(mails)).split(/^(?=From [0-9a-f]{40} )/m);
  const env = { GIT_COMMITTER_DATE: `@${at / 1000} +0000` };
  await git(clone, ["checkout", "--quiet", "-B", releasePull.branch, before]);
  await apply(clone, patches.slice(-releasePull.commits).join(""), [], env);
  await git(clone, ["push", "--quiet", "origin", releasePull.branch]);
  await git(clone, ["checkout", "--quiet", branch]);
  await apply(clone, patches.slice(0, -releasePull.commits).join(""), [], env);
  await merge(async () => {
    await git(clone, ["push", "--quiet", "origin", branch]);
  });
  await git(clone, ["pull", "--quiet", "--ff-only", "origin", branch]);
  const head = await git(clone, ["rev-parse", "HEAD"]);
  return { before, head, commits: await landed(clone, before) };
};

/** The commit of the release that a diagnosis should name. */
export const culpritOf = ({ commits }: Landing): string => {
  const culprit = commits.find(({ title }) => title === culpritTitle || title === quietTitle);
  if (!culprit) throw new Error(`no commit of the release is titled “${culpritTitle}” or “${quietTitle}”`);
  return culprit.sha;
};

const landed = async (clone: string, before: string): Promise<Landed[]> => {
  const log = await git(clone, [
    "log",
    "--reverse",
    "--no-merges",
    "--name-only",
    "--format=%x1e%H%x1f%s%x1f%an%x1f",
    `${before}..HEAD`,
  ]);
  return log
    .split("\x1e")
    .slice(1)
    .map((entry) => {
      const [sha, title, author, paths] = entry.split("\x1f");
      return { sha: sha!, title: title!, author: author!, paths: paths!.trim().split("\n") };
    });
};

const apply = async (clone: string, patches: string, options: string[], env = {}): Promise<void> => {
  const file = join(clone, ".git", "incoming.mbox");
  await writeFile(file, patches);
  await git(clone, ["am", "--quiet", "--keep", "--no-gpg-sign", ...options, file], { env });
};

const mailbox = (name: string): Promise<string> =>
  readFile(new URL(`./payment-gateway/${name}.mbox`, import.meta.url), "utf8");

const dateLine = /^Date: (\w{3}, \d+ \w{3} \d{4} [\d:]{8}) ([+-]\d{4})$/gm;

const lastDate = (patches: string): number =>
  Math.max(...[...patches.matchAll(dateLine)].map(([, local, zone]) => Date.parse(`${local} ${zone}`)));

/** Moves every patch's date by `ms`, each in its author's own time zone. */
const shift = (patches: string, ms: number): string =>
  patches.replace(
    dateLine,
    (_, local, zone) => `Date: @${(Date.parse(`${local} ${zone}`) + ms) / 1000} ${zone}`,
  );
