import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect, type Github } from "../../../shared/adapters/github/api/repository.ts";
import { readCommit } from "../../../shared/adapters/github/git/commits.ts";
import { historyOf, treesOf } from "../../../shared/adapters/github/github.ts";
import { defaultBranch } from "../../../shared/adapters/github/history/change.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Service } from "../../../shared/ports/service.ts";
import {
  leavingOut,
  planChange,
  planChanges,
  planRange,
  planReland,
  type RevertContext,
  type RevertPlan,
} from "../../../shared/remedy/revert/plan.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { counterpart } from "./counterpart.ts";
import { type Asked, commandLine, readOptions } from "./options.ts";
import { type Result, runRevert } from "./run.ts";

type Env = Record<string, string | undefined>;

/** `revert`: one result for each SHA, or one for all. The exit code is 0 when each is open or would be, else 1. */
export const revertCommand = (
  argv: string[],
  env: Env = process.env,
  io: Io = standardIo(),
): Promise<number> =>
  runCommand(commandLine, { argv, io }, (parsed) => {
    const asked = readOptions(parsed);
    const token = env.GITHUB_TOKEN?.trim();
    if (!token) throw new UsageError("GITHUB_TOKEN is not set");
    return runAll(asked, { token, apiUrl: env.GITHUB_API_URL?.trim() || "https://api.github.com", io });
  });

const runAll = async (
  asked: Asked,
  { token, apiUrl, io }: { token: string; apiUrl: string; io: Io },
): Promise<number> => {
  let requests = 0;
  const counting: typeof fetch = (input, init) => {
    requests++;
    return fetch(input, init);
  };
  const github = connect(githubClient({ apiUrl, token, fetch: counting }));
  let failed = false;
  let branch = asked.onto;
  for (const revert of asked.reverts) {
    const before = requests;
    const name = "range" in revert ? revert.range[1] : revert.shas[0];
    const done = await orRefused(name, async () => {
      branch ??= await mainBranch(github, asked, name);
      return runOne(github, asked, { branch, revert });
    });
    printResult(io, asked, { ...done, requests: requests - before });
    if (done.result !== "opened" && done.result !== "exists") failed = true;
  }
  return failed ? 1 : 0;
};

/** Reads the commit into the cache at the same time; its failure is reported by the plan. */
const mainBranch = async (github: Github, { repository }: Asked, sha: string): Promise<string> => {
  readCommit(github, { ...nobody, repository, branch: "", paths: [] }, sha).catch(() => undefined);
  return defaultBranch(github, repository);
};

/** A service without alerts and approvers: its repository, branch and paths come from the command line. */
const nobody = { name: "", environments: [], channel: "", approvers: [], verify: { holdMs: 0 } };

type ResultOf = Result & { sha: string };

const runOne = async (
  github: Github,
  { repository, paths, without, reland, dryRun, json, onto }: Asked,
  { branch, revert }: { branch: string; revert: Asked["reverts"][number] },
): Promise<ResultOf> => {
  const service: Service = { ...nobody, repository, branch, paths };
  const context = { history: historyOf(github), trees: treesOf(github), service, paths };
  const plan = (one: Asked["reverts"][number]) => planOf(context, one, reland);
  const planned = await plan(revert).catch((error: unknown) =>
    onto === undefined ? Promise.reject(error) : pickedPlan(github, { service, revert, error }, plan),
  );
  const found = without.length > 0 ? leavingOut(planned, without) : planned;
  return orRefused(found.sha, async () => ({
    sha: found.sha,
    ...(await runRevert(github, service, found, { reland, dryRun, json })),
  }));
};

type Elsewhere = { service: Service; revert: Asked["reverts"][number]; error: unknown };

/** The plan for the same change on the branch where the commit itself is on another; throws the error where there is none. */
const pickedPlan = async (
  github: Github,
  { service, revert, error }: Elsewhere,
  plan: (revert: Asked["reverts"][number]) => Promise<RevertPlan>,
): Promise<RevertPlan> => {
  const isElsewhere =
    error instanceof UpstreamError && error.message.includes(` is not on ${service.branch} of `);
  if (!isElsewhere || "range" in revert || revert.shas.length > 1) throw error;
  const found = await counterpart(github, service, revert.shas[0]);
  if (found === undefined) throw error;
  const made = await plan({ shas: [found.sha] });
  return { ...made, note: [found.note, made.note].filter((one) => one !== undefined).join("; ") };
};

const planOf = (
  context: RevertContext,
  revert: Asked["reverts"][number],
  reland: boolean,
): Promise<RevertPlan> => {
  if ("range" in revert) return planRange(context, { from: revert.range[0], to: revert.range[1] });
  const [sha, ...more] = revert.shas;
  if (reland) return planReland(context, sha);
  return revert.exact || more.length > 0 ? planChanges(context, revert.shas) : planChange(context, sha);
};

/** A refusal by GitHub becomes a result, in GitHub's words. */
const orRefused = async (sha: string, work: () => Promise<ResultOf>): Promise<ResultOf> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { sha, result: "refused", reason: error.message };
  }
};

const printResult = (io: Io, { json, dryRun }: Asked, done: ResultOf & { requests: number }): void => {
  const { sha, result, pull, branch, tree, conflicts, guards, reason, patch, requests } = done;
  if (json) {
    const paths = conflicts?.map(({ path, kind }) => ({ path, kind }));
    const line = { sha, result, pull, branch, tree, conflicts: paths, guards, reason, requests };
    io.out(`${JSON.stringify(line)}\n`);
    return;
  }
  if (patch !== undefined) (io.data ?? io.out)(patch);
  const where = pull ? `: ${pull.url}` : dryRun && result === "opened" ? ` on ${branch}, not written` : "";
  const said = `${sha.slice(0, 12)} ${result}${where}${reason === undefined ? "" : `: ${reason}`}\n`;
  if (result === "opened" || result === "exists") (patch === undefined ? io.out : io.err)(said);
  if (result !== "opened" && result !== "exists") io.err(said);
  for (const { path, reason, url } of guards ?? [])
    io.err(`  look twice: ${path ?? "all of it"}: ${reason}${url === undefined ? "" : ` (${url})`}\n`);
};
