import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { Octokit } from "@octokit/rest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import { gitSync, runGit, shellSync } from "../support/git-runner.ts";

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

/** The two share their objects, so that to push is to move a ref. All paths are relative: the pair can be copied. */
const beside = `
git init --quiet --bare --initial-branch=main --template= shop.git
git init --quiet --initial-branch=main --template= shop
rmdir shop/.git/objects/* shop/.git/objects
ln -s ../../shop.git/objects shop/.git/objects
cat >> shop/.git/config <<END
[remote "origin"]
	url = ../shop.git
	fetch = +refs/heads/*:refs/remotes/origin/*
[maintenance]
	auto = false
END`;
const onBranch = `
git show-ref --quiet "refs/heads/$1" || create=--create
git switch --quiet $create "$1"`;
const committed = `
git add --all
git commit --quiet --allow-empty --message "$1"
head=$(git rev-parse HEAD)
git --git-dir ../shop.git update-ref "refs/heads/$2" "$head"
echo "$head"`;

const shell = (cwd: string, env: Record<string, string>, script: string, ...args: string[]): string =>
  shellSync(cwd, script, args, env).toString().trimEnd();

const began = Date.parse("2026-11-01T08:00:00Z") / 1000;
const hour = 3600;

const makeRoot = (): string => mkdtempSync(join(tmpdir(), "sandbox-test-"));
const remove = (root: string): void => rmSync(root, { recursive: true, force: true });

/** A pair of repositories without a commit. */
export const newShop = (t: TestContext): Shop => {
  const root = makeRoot();
  t.after(() => remove(root));
  shell(root, {}, beside);
  return shopIn(root, began);
};

/** The shop in a folder that holds both repositories. */
const shopIn = (root: string, since: number): Shop => {
  const [bare, work] = [join(root, "shop.git"), join(root, "shop")];
  let at = since;
  const env = () => ({ ...ann, GIT_AUTHOR_DATE: `${at} +0000`, GIT_COMMITTER_DATE: `${at} +0000` });
  const git = (...args: string[]) => gitSync(work, args, { env: env() }).toString().trimEnd();
  const isOn = (branch: string): boolean =>
    readFileSync(join(work, ".git/HEAD"), "utf8") === `ref: refs/heads/${branch}\n`;
  const commit = (message: string, files: Record<string, string | null>, branch = "main") => {
    at += hour;
    if (!isOn(branch)) shell(work, env(), onBranch, branch);
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      if (content === null) rmSync(join(work, path));
      if (content !== null) writeFileSync(join(work, path), content);
    }
    return shell(work, env(), committed, message, branch);
  };
  return { bare, work, git, commit };
};

let started: string | undefined;

/** A shop with one commit on main: a copy of one that is made once, for every test begins with it. */
const startedShop = (t: TestContext): Shop => {
  started ??= start();
  const root = makeRoot();
  t.after(() => remove(root));
  cpSync(started, root, { recursive: true, verbatimSymlinks: true });
  return shopIn(root, began + hour);
};

const start = (): string => {
  const root = makeRoot();
  process.once("exit", () => remove(root));
  shell(root, {}, beside);
  shopIn(root, began).commit("Start", {
    "README.md": "# Shop\n",
    "src/pay.js": "export const fee = 1;\n",
  });
  return root;
};

export const repo = { owner: "acme", repo: "shop" };
export type Run = { shop: Shop; sandbox: Sandbox; octokit: Octokit; logged: string[] };

/** A sandbox over a new repository with one commit on main, and a client for it. */
export const newSandbox = async (t: TestContext, options: Partial<SandboxOptions> = {}): Promise<Run> => {
  const shop = startedShop(t);
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
