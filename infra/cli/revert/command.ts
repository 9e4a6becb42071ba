import { defaultBranch } from "../../../shared/adapters/github/change.ts";
import { githubClient } from "../../../shared/adapters/github/client.ts";
import { readCommit } from "../../../shared/adapters/github/commits.ts";
import { historyOf, treesOf } from "../../../shared/adapters/github/github.ts";
import { connect, type Github } from "../../../shared/adapters/github/repository.ts";
import { UpstreamError } from "../../../shared/errors.ts";
import type { Service } from "../../../shared/ports/service.ts";
import {
  changeOf,
  changesOf,
  type Place,
  rangeOf,
  relandOf,
  type Unit,
} from "../../../shared/remedy/revert/change-set.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { type Asked, commandLine, readOptions } from "./options.ts";
import { type Result, take } from "./take.ts";

type Env = Record<string, string | undefined>;

/** `revert`: one result for each SHA, or for all of them. 0 when each is open or would be, 1 when not. */
export const revertCommand = (
  argv: string[],
  env: Env = process.env,
  io: Io = standardIo(),
): Promise<number> =>
  runCommand(commandLine, { argv, io }, (parsed) => {
    const asked = readOptions(parsed);
    const token = env.GITHUB_TOKEN?.trim();
    if (!token) throw new UsageError("GITHUB_TOKEN is not set");
    return revertAll(asked, { token, apiUrl: env.GITHUB_API_URL?.trim() || "https://api.github.com", io });
  });

const revertAll = async (
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
  for (const unit of asked.units) {
    const before = requests;
    const name = "range" in unit ? unit.range[1] : unit.shas[0];
    const done = await settle(name, async () => {
      branch ??= await mainBranch(github, asked, name);
      return one(github, asked, { branch, unit });
    });
    tell(io, asked, { ...done, requests: requests - before });
    if (done.result !== "opened" && done.result !== "exists") failed = true;
  }
  return failed ? 1 : 0;
};

/** The commit is read meanwhile; what is wrong with it is told later. */
const mainBranch = async (github: Github, { repository }: Asked, sha: string): Promise<string> => {
  readCommit(github, { ...nobody, repository, branch: "", paths: [] }, sha).catch(() => undefined);
  return defaultBranch(github, repository);
};

/** A service that alerts nobody: its repository, branch and paths come from the command line. */
const nobody = { name: "", environments: [], channel: "", approvers: [], verify: { holdMs: 0 } };

type Done = Result & { sha: string };

const one = async (
  github: Github,
  { repository, paths, reland, dryRun, json }: Asked,
  { branch, unit }: { branch: string; unit: Asked["units"][number] },
): Promise<Done> => {
  const service: Service = { ...nobody, repository, branch, paths };
  const found = await unitOf(
    { history: historyOf(github), trees: treesOf(github), service, paths },
    unit,
    reland,
  );
  return settle(found.sha, async () => ({
    sha: found.sha,
    ...(await take(github, service, found, { reland, dryRun, json })),
  }));
};

const unitOf = (place: Place, unit: Asked["units"][number], reland: boolean): Promise<Unit> => {
  if ("range" in unit) return rangeOf(place, { from: unit.range[0], to: unit.range[1] });
  const [sha, ...more] = unit.shas;
  if (reland) return relandOf(place, sha);
  return unit.exact || more.length > 0 ? changesOf(place, unit.shas) : changeOf(place, sha);
};

/** What GitHub refuses is a result of its own, in its words. */
const settle = async (sha: string, work: () => Promise<Done>): Promise<Done> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { sha, result: "refused", reason: error.message };
  }
};

const tell = (io: Io, { json, dryRun }: Asked, done: Done & { requests: number }): void => {
  const { sha, result, pull, branch, tree, conflicts, guards, reason, patch, requests } = done;
  if (json) {
    const paths = conflicts?.map(({ path, kind }) => ({ path, kind }));
    const line = { sha, result, pull, branch, tree, conflicts: paths, guards, reason, requests };
    io.out(`${JSON.stringify(line)}\n`);
    return;
  }
  if (patch !== undefined) io.out(patch);
  const where = pull ? `: ${pull.url}` : dryRun && result === "opened" ? ` on ${branch}, not written` : "";
  const said = `${sha.slice(0, 12)} ${result}${where}${reason === undefined ? "" : `: ${reason}`}\n`;
  if (result === "opened" || result === "exists") (patch === undefined ? io.out : io.err)(said);
  if (result !== "opened" && result !== "exists") io.err(said);
  for (const { path, reason } of guards ?? []) io.err(`  look twice: ${path ?? "all of it"}: ${reason}\n`);
};
