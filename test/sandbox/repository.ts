import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { Octokit } from "@octokit/rest";
import { gitEnvironment, gitSync } from "../../infra/host/git.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import { runGit } from "../support/git-runner.ts";

const ann = {
  GIT_AUTHOR_NAME: "Ann",
  GIT_AUTHOR_EMAIL: "ann@example.com",
  GIT_COMMITTER_NAME: "Ann",
  GIT_COMMITTER_EMAIL: "ann@example.com",
};

/** A bare repository `acme/shop` with a work tree beside it. Files given as null are removed. */
export type Shop = {
  bare: string;
  work: string;
  git(...args: string[]): string;
  /** Commits the files on the branch, an hour after the commit before, pushes, and returns the sha. */
  commit(message: string, files: Record<string, string | null>, branch?: string): string;
};

/** The two share their objects, so that to push is to move a ref. */
const beside = `
git init --quiet --bare --initial-branch=main --template= "$1"
git init --quiet --initial-branch=main --template= "$2"
rmdir "$2"/.git/objects/* "$2"/.git/objects
ln -s "$1/objects" "$2/.git/objects"
cat >> "$2/.git/config" <<END
[remote "origin"]
	url = $1
	fetch = +refs/heads/*:refs/remotes/origin/*
[maintenance]
	auto = false
END`;
const onBranch = `
[ "$(git branch --show-current)" = "$1" ] && exit
git show-ref --quiet "refs/heads/$1" || create=--create
git switch --quiet $create "$1"`;
const committed = `
git add --all
git commit --quiet --allow-empty --message "$1"
git --git-dir "$(git remote get-url origin)" update-ref "refs/heads/$2" "$(git rev-parse HEAD)"
git rev-parse HEAD`;

/** One process that starts the others: to start one from a process as large as the tests costs more than git itself. */
const shell = (cwd: string, env: Record<string, string>, script: string, ...args: string[]): string =>
  execFileSync("sh", ["-ec", script, "sh", ...args], { cwd, env: { ...gitEnvironment(), ...env } })
    .toString()
    .trimEnd();

export const newShop = (t: TestContext): Shop => {
  const root = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [bare, work] = [join(root, "shop.git"), join(root, "shop")];
  let at = Date.parse("2026-11-01T08:00:00Z") / 1000;
  const env = () => ({ ...ann, GIT_AUTHOR_DATE: `${at} +0000`, GIT_COMMITTER_DATE: `${at} +0000` });
  const git = (...args: string[]) => gitSync(work, args, { env: env() }).toString().trimEnd();
  shell(root, {}, beside, bare, work);
  const commit = (message: string, files: Record<string, string | null>, branch = "main") => {
    at += 3600;
    shell(work, env(), onBranch, branch);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      if (content === null) rmSync(join(work, path));
      if (content !== null) writeFileSync(join(work, path), content);
    }
    return shell(work, env(), committed, message, branch);
  };
  return { bare, work, git, commit };
};

export const repo = { owner: "acme", repo: "shop" };
export type Run = { shop: Shop; sandbox: Sandbox; octokit: Octokit; logged: string[] };

/** A sandbox over a new repository with one commit on main, and a client for it. */
export const newSandbox = async (t: TestContext, options: Partial<SandboxOptions> = {}): Promise<Run> => {
  const shop = newShop(t);
  shop.commit("Start", { "README.md": "# Shop\n", "src/pay.js": "export const fee = 1;\n" });
  const logged: string[] = [];
  const sandbox = await startSandbox({
    log: (line) => logged.push(line),
    runGit,
    ...options,
    repos: { "acme/shop": shop.bare },
  });
  t.after(() => sandbox.close());
  return { shop, sandbox, octokit: client(sandbox), logged };
};

const silent = { debug() {}, info() {}, warn() {}, error() {} };
export const client = (sandbox: Sandbox, auth = sandbox.token) =>
  new Octokit({ baseUrl: sandbox.github, auth, log: silent, retry: { enabled: false } });

/** The answer to a refused call. */
export const refusal = async (
  call: Promise<unknown>,
): Promise<{ status: number; message: string; errors?: unknown[] }> => {
  try {
    await call;
  } catch (error) {
    const { status, response } = error as {
      status: number;
      response: { data: { message: string; errors?: unknown[] } };
    };
    const { message, errors } = response.data;
    return { status, message, ...(errors && { errors }) };
  }
  throw new Error("the call was not refused");
};
