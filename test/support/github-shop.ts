import { type Sandbox, type SandboxOptions, startSandbox } from "../../infra/sandbox/index.ts";
import {
  type GithubAccess,
  type GithubPorts,
  github,
  githubClient,
} from "../../shared/adapters/github/github.ts";
import type { Note, Proposal } from "../../shared/ports/pulls.ts";
import type { Service } from "../../shared/ports/service.ts";
import { forIncident } from "../../shared/remedy/revert/commit-message.ts";
import { computeRevert } from "../../shared/remedy/revert/compute-revert.ts";
import { planChange } from "../../shared/remedy/revert/plan.ts";
import { markdown } from "../../shared/text/markdown.ts";
import { type Files, files, point, repository, write } from "./git.ts";
import { runGit } from "./git-runner.ts";

export const service: Service = {
  name: "payments",
  repository: "acme/shop",
  branch: "main",
  paths: [],
  environments: ["production"],
  channel: "C1",
  approvers: ["U1"],
  verify: { holdMs: 60_000 },
};

const numbered = (changes: Record<number, string> = {}) =>
  Array.from({ length: 20 }, (_, at) => `${changes[at] ?? `line ${at}`}\n`).join("");
/** Good, then bad in `src/pay.ts`, then something innocent in the same file, then something elsewhere. */
export const past: Files[] = [
  files({ "src/pay.ts": numbered(), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered({ 3: "bad" }), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered({ 3: "bad", 15: "later" }), "docs/a.md": "a\n", "lib/x.ts": "x\n" }),
  files({ "src/pay.ts": numbered({ 3: "bad", 15: "later" }), "docs/a.md": "b\n", "lib/x.ts": "x\n" }),
];

export type Shop = {
  sandbox: Sandbox;
  source: GithubPorts;
  /** Commits of main, the oldest first. */
  shas: string[];
  git: (...args: string[]) => string;
  calls: Calls;
  /** Another source with no memory of the first. */
  again: (access?: Partial<GithubAccess>) => GithubPorts;
  /** Adds a commit to a branch, past GitHub. */
  push: (tree: Files, branch?: string) => string;
  /** Sets the count of GitHub requests to zero. */
  count: () => void;
};
export type Calls = { made: string[]; rounds: number };

/** A fetch that counts calls, and round trips that had to wait for one another. */
export const counting = (calls: Calls): typeof fetch => {
  let done = 0;
  return async (input, init) => {
    if (calls.made.length === 0) done = 0;
    const round = done + 1;
    calls.rounds = Math.max(calls.rounds, round);
    calls.made.push(
      `${init?.method} ${new URL(String(input)).pathname.replace(/^\/github\/repos\/acme\/shop/, "")}`,
    );
    const response = await fetch(input, init);
    const body = await response.arrayBuffer();
    done = Math.max(done, round);
    return new Response(body.byteLength > 0 ? body : null, response);
  };
};

export const openShop = async (
  t: { after: (work: () => unknown) => void },
  options: Partial<SandboxOptions> & { trees?: Files[]; messages?: string[] } = {},
): Promise<Shop> => {
  const repo = repository();
  t.after(repo.remove);
  const { trees = past, messages = [], ...rest } = options;
  const shas = write(
    repo,
    trees.map((tree, at) => ({
      files: tree,
      parents: at === 0 ? [] : [at - 1],
      message: messages[at] ?? `Change ${at}\n\nBody.`,
    })),
  );
  point(repo, "main", shas.at(-1)!);
  const sandbox = await startSandbox({
    repos: { "acme/shop": `${repo.dir}/.git` },
    log: () => {},
    runGit,
    ...rest,
  });
  t.after(() => sandbox.close());
  const calls: Calls = { made: [], rounds: 0 };
  const again = (access: Partial<GithubAccess> = {}) =>
    github({
      client: githubClient({
        apiUrl: sandbox.github,
        token: sandbox.token,
        fetch: counting(calls),
        ...access,
      } as GithubAccess),
    });
  let pushed = 0;
  return {
    ...{ sandbox, shas, calls, again, source: again() },
    git: (...args) => repo.git(args).trim(),
    count: () => void Object.assign(calls, { made: [], rounds: 0 }),
    push(tree, branch = "main") {
      const parent = repo.git(["rev-parse", `refs/heads/${branch}`]).trim();
      const [sha] = write(repo, [{ files: tree, parents: [], message: `Push ${++pushed}` }]);
      const child = repo.git(["commit-tree", `${sha}^{tree}`, "-p", parent, "-m", `Push ${pushed}`]).trim();
      point(repo, branch, child);
      return child;
    },
  };
};

/** The proposal to take a commit back, as the loop makes it. */
export const proposalFor = async (source: GithubPorts, sha: string): Promise<Proposal> => {
  const place = { history: source, trees: source, service, paths: [] };
  const unit = await planChange(place, sha);
  const taken = await computeRevert(place, unit);
  if (taken.result !== "clean") throw new Error(JSON.stringify(taken));
  return {
    ...{ branch: unit.branch, snapshot: taken.snapshot, edits: taken.edits },
    commitMessage: forIncident(unit.message, { id: "payments/production", round: 1 }),
    ...{ title: unit.title, body: markdown`Why.`, labels: ["countersteer", "revert"] },
  };
};

export const notes: Note[] = [
  { marker: "approved-1--x", markdown: markdown`Approved.` },
  { marker: "merged-1", markdown: markdown`Merged.` },
];

/** Everything the loop does to GitHub for one revert. */
export const wholeStory = async (source: GithubPorts, sha: string) => {
  const pull = await source.openPull(service, await proposalFor(source, sha));
  await source.comment(service, pull, notes);
  await source.setCheck(service, { head: pull.head, state: "success", description: "approved by ann" });
  return { pull, merged: await source.merge(service, pull) };
};
