import { existsSync } from "node:fs";
import { github, githubClient } from "../../../shared/adapters/github.ts";
import type { Commit, Service } from "../../../shared/ports.ts";
import { readLog, readPatch } from "./log.ts";

const lookBackMs = 7 * 24 * 3_600_000;
const limit = 100;

/** What landed in the seven days before `until`, of a clone or of OWNER/REPO on GitHub. */
export const commitsOf = async (repo: string, until: number): Promise<Commit[]> => {
  if (existsSync(repo)) {
    const commits = await readLog(repo, { since: until - lookBackMs, until, limit });
    return Promise.all(
      commits.map(async (commit) => ({ ...commit, patch: await readPatch(repo, commit.sha) })),
    );
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repo)) throw new Error(`${repo}: no such directory, and not OWNER/REPO`);
  const token = process.env.GITHUB_TOKEN;
  if (token === undefined) throw new Error(`reading ${repo} on GitHub needs GITHUB_TOKEN`);
  const client = githubClient({ apiUrl: process.env.GITHUB_API_URL ?? "https://api.github.com", token });
  return github({ client }).commits(anyService(repo), { since: until - lookBackMs, until, limit });
};

/** The whole of a repository's default branch, read only. */
const anyService = (repository: string): Service => ({
  ...{
    name: repository,
    repository,
    branch: "HEAD",
    paths: [],
    environments: [],
    channel: "",
    approvers: [],
  },
  verify: { holdMs: 0 },
});
