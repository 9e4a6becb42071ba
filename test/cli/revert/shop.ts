import { revertCommand } from "../../../infra/cli/revert/command.ts";
import { type SandboxOptions, startSandbox } from "../../../infra/sandbox/index.ts";
import { type Files, point, repository, write } from "../../support/git.ts";
import { runGit } from "../../support/git-runner.ts";

type Made = { files: Files; parents: number[]; message?: string };

/** `revert acme/shop …` over a repository of these commits, with git beside it as the judge. */
export async function openRepository(
  t: { after: (work: () => unknown) => void },
  commits: Made[],
  options: Partial<SandboxOptions> = {},
) {
  const repo = repository();
  t.after(repo.remove);
  const shas = write(repo, commits);
  point(repo, "main", shas.at(-1)!);
  const sandbox = await startSandbox({
    repos: { "acme/shop": `${repo.dir}/.git` },
    log: () => {},
    runGit,
    ...options,
  });
  t.after(() => sandbox.close());
  const git = (...args: string[]) => repo.git(args).trim();
  const env = { GITHUB_API_URL: sandbox.github, GITHUB_TOKEN: sandbox.token };
  const run = async (...argv: string[]) => {
    repo.git(["symbolic-ref", "HEAD", "refs/heads/main"]);
    const [out, err]: [string[], string[]] = [[], []];
    const io = { out: (text: string) => out.push(text), err: (text: string) => err.push(text) };
    const code = await revertCommand(["acme/shop", ...argv], env, io);
    return { code, out: out.join(""), err: err.join("") };
  };
  return {
    ...{ sandbox, shas, git, run },
    /** The results as JSON, and the exit code. */
    async json(...argv: string[]) {
      const { code, out } = await run(...argv, "--json");
      return {
        code,
        lines: out
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line)),
      };
    },
    /** The tree that `git revert` makes on top of main. */
    judge(...args: string[]): string {
      git("reset", "-q", "--hard");
      git("clean", "-fdxq");
      git("checkout", "-q", "--detach", "-f", "main");
      git("revert", "--no-commit", ...args);
      return git("write-tree");
    },
    branches: () => git("for-each-ref", "--format=%(refname:short)", "refs/heads/countersteer"),
    pulls: async () =>
      (await (
        await fetch(`${sandbox.github}/repos/acme/shop/pulls?state=all`, {
          headers: { authorization: `token ${sandbox.token}` },
        })
      ).json()) as { title: string; body: string; draft: boolean; head: { ref: string; sha: string } }[],
    async openPull(title: string, body: string, branch: string): Promise<void> {
      await fetch(`${sandbox.github}/repos/acme/shop/pulls`, {
        method: "POST",
        headers: { authorization: `token ${sandbox.token}` },
        body: JSON.stringify({ title, body, head: branch, base: "main" }),
      });
    },
  };
}

/** Commits in a row. */
export const inRow = (trees: Files[], messages: string[] = []): Made[] =>
  trees.map((files, at) => ({
    files,
    parents: at === 0 ? [] : [at - 1],
    ...(messages[at] !== undefined && { message: messages[at] }),
  }));
