import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Sha } from "../../../brands.ts";
import { UpstreamError } from "../../../errors.ts";
import type { RefName } from "../../../git/ref-name.ts";
import type { Pull } from "../../../incident/model.ts";
import {
  approvalCheck,
  holdLabel,
  type Note,
  type PullNow,
  type Reopening,
  type Repository,
  type StatusCheck,
} from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { clip } from "../../../text/format.ts";
import { withRecord } from "../../../text/record-block.ts";
import { ask } from "../api/call.ts";
import { readPages } from "../api/pages.ts";
import { type Comparison, type Github, repoOf } from "../api/repository.ts";
import { compare, digest, pathsOf } from "../git/compare.ts";
import { orRenamed } from "../history/change.ts";
import { withPicture } from "./pictures.ts";

type Listed = RestEndpointMethodTypes["pulls"]["list"]["response"]["data"][number];
type Details = RestEndpointMethodTypes["pulls"]["get"]["response"]["data"];

/** GitHub's limit on the text of a status. */
export const max = { description: 140 };
const pageSize = 100;
export const someone = "someone on GitHub";

export const nameOf = (service: Repository, number: number): string => `${service.repository}#${number}`;

/** `baseSha` is where the pull request left its base. */
export const toPull = (service: Service, data: Listed | Details, comparison: Comparison): Pull => {
  return {
    number: data.number,
    url: data.html_url,
    branch: data.head.ref,
    head: data.head.sha,
    base: data.base.ref,
    baseSha: comparison.mergeBase,
    diff: digest(comparison, `read ${nameOf(service, data.number)}`),
  };
};

export const readDetails = (github: Github, service: Repository, number: number): Promise<Details> => {
  return ask(`read ${nameOf(service, number)}`, () =>
    github.octokit.pulls.get({ ...repoOf(service), pull_number: number }),
  ).catch((error: unknown) => {
    throw hidden(error, service);
  });
};

/** GitHub hides what it does not show: a repository that is known and not found has moved, or the token may not see it any more. */
const hidden = (error: unknown, { repository }: Repository): unknown => {
  if (!(error instanceof UpstreamError) || error.status !== 404) return error;
  const message = `${error.message}: ${repository} was renamed or deleted, or the token may not see it any more; correct the configuration or the token, then retry`;
  return new UpstreamError("github", message, { retryable: false, status: 404, cause: error });
};

export const findPull = async (
  github: Github,
  service: Service,
  branch: RefName,
): Promise<PullNow | undefined> => {
  const { owner, repo } = repoOf(service);
  const listed = await ask(`find the pull request from ${branch} of ${service.repository}`, () =>
    github.octokit.pulls.list({
      ...{ owner, repo, head: `${owner}:${branch}`, state: "all" },
      ...{ sort: "created", direction: "desc", per_page: 10 },
    }),
  );
  const own = ({ head }: Listed) =>
    head.ref === branch && head.repo?.full_name.toLowerCase() === service.repository.toLowerCase();
  const found = listed.find(own);
  if (!found) return undefined;
  const [comparison, details] = await Promise.all([
    compare(github, service, { base: found.base.sha, head: found.head.sha }),
    found.merged_at ? readDetails(github, service, found.number) : undefined,
  ]);
  return {
    ...(await stateOf(github, service, details ?? found)),
    pull: toPull(service, found, comparison),
    paths: pathsOf(comparison),
  };
};

/** `baseSha` is the head of the base branch now. */
export const readPull = async (github: Github, service: Service, pull: Pull): Promise<PullNow> => {
  const [now, baseSha, before] = await Promise.all([
    readDetails(github, service, pull.number),
    readHead(github, service, pull.base),
    compare(github, service, { base: pull.baseSha, head: pull.head }),
  ]);
  const same = now.head.sha === pull.head && now.base.ref === pull.base;
  const state = { ...(await stateOf(github, service, now)), ...sizeOf(now) };
  if (same) return { ...state, pull: { ...toPull(service, now, before), baseSha }, paths: pathsOf(before) };
  const [comparison, newBase] = await Promise.all([
    compare(github, service, { base: now.base.sha, head: now.head.sha }),
    now.base.ref === pull.base ? baseSha : readHead(github, service, now.base.ref),
  ]);
  const moved = { ...toPull(service, now, comparison), baseSha: newBase };
  return { ...state, pull: moved, paths: pathsOf(comparison) };
};

const sizeOf = ({ additions, deletions, changed_files }: Details): Pick<PullNow, "size"> =>
  [additions, deletions, changed_files].every(Number.isSafeInteger)
    ? { size: { added: additions, removed: deletions, files: changed_files } }
    : {};

export const readHead = async (github: Github, service: Service, branch: string): Promise<string> => {
  const reading = ask(`read branch ${branch} of ${service.repository}`, () =>
    github.octokit.git.getRef({ ...repoOf(service), ref: `heads/${branch}` }),
  );
  const isOurs = branch === service.branch;
  const { object } = await (isOurs ? orRenamed(github, service.repository, reading) : reading);
  return object.sha;
};

type State = Omit<PullNow, "pull" | "paths">;

const stateOf = async (github: Github, service: Service, data: Listed | Details): Promise<State> => {
  if (data.state === "open")
    return {
      state: "open",
      ...("mergeable" in data && data.mergeable === false && { conflicts: true }),
      ...(data.labels.some(({ name }) => name === holdLabel) && { held: true }),
    };
  return data.merged_at ? merged(data) : closed(github, service, data);
};

/** Only the issue tells who closed it; an account that may not read issues learns that it is closed, and no more. */
const closed = async (github: Github, service: Service, data: Listed | Details): Promise<State> => {
  const { number, closed_at } = data;
  const [login, issue] = await Promise.all([
    github.login(),
    unlessRefused(
      ask(`read issue ${nameOf(service, number)}`, () =>
        github.octokit.issues.get({ ...repoOf(service), issue_number: number }),
      ),
    ),
  ]);
  const by = issue?.closed_by?.login;
  return {
    state: "closed",
    ...(by !== undefined && { by }),
    ...(by === login && { closedByUs: true }),
    ...(closed_at && { closedAt: Date.parse(closed_at) }),
  };
};

export const unlessRefused = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (error instanceof UpstreamError && !error.retryable) return undefined;
    throw error;
  });

/** An account that may not read issues is not told. */
export const reopened = async (
  github: Github,
  service: Repository,
  { number }: Pull,
): Promise<Reopening | undefined> => {
  const events = await unlessRefused(
    readPages(`read the events of ${nameOf(service, number)}`, (page) =>
      github.octokit.issues.listEvents({ ...repoOf(service), issue_number: number, ...page }),
    ),
  );
  const last = events?.findLast(({ event }) => event === "reopened");
  if (last === undefined) return undefined;
  const by = last.actor?.login;
  const isOurs = by !== undefined && by === (await github.login());
  return { by: by ?? someone, at: Date.parse(last.created_at), ...(isOurs && { byUs: true }) };
};

const merged = (data: Listed | Details): State => {
  const by = "merged_by" in data ? data.merged_by?.login : undefined;
  return {
    state: "merged",
    ...(data.merge_commit_sha ? { mergeSha: data.merge_commit_sha } : {}),
    ...(by === undefined ? {} : { by }),
  };
};

export const context = approvalCheck;

export const readCheck = (github: Github, service: Repository, head: Sha): Promise<string | undefined> =>
  readStatus(github, service, { head, context });

export const readStatus = async (
  github: Github,
  service: Repository,
  of: { head: Sha; context: string },
): Promise<string | undefined> => (await statusOf(github, service, of))?.state;

const statusOf = async (
  github: Github,
  service: Repository,
  { head, context }: { head: Sha; context: string },
): Promise<{ state: string; description: string | null } | undefined> => {
  const { statuses } = await ask(`read the statuses of ${service.repository}@${head}`, () =>
    github.octokit.repos.getCombinedStatusForRef({ ...repoOf(service), ref: head, per_page: pageSize }),
  );
  return statuses.find((status) => status.context === context);
};

export const setCheck = async (
  github: Github,
  service: Repository,
  { head, state, description, unlessSet = false }: StatusCheck,
): Promise<void> => {
  const words = clip(description, max.description);
  if (unlessSet) {
    const now = await statusOf(github, service, { head, context });
    if (now?.state === state && (state !== "failure" || now.description === words)) return;
  }
  await ask(`set the check of ${service.repository}@${head} to ${state}`, () =>
    github.octokit.repos.createCommitStatus({
      ...{ ...repoOf(service), sha: head, state, context },
      description: words,
    }),
  );
};

export const closePull = async (
  github: Github,
  service: Repository,
  { number }: Pick<Pull, "number">,
): Promise<void> => {
  await ask(`close ${nameOf(service, number)}`, () =>
    github.octokit.pulls.update({ ...repoOf(service), pull_number: number, state: "closed" }),
  );
};

/** Undefined when GitHub refuses: its branch is gone, or another one is open from it. */
export const reopenPull = async (github: Github, service: Service, pull: Pull): Promise<Pull | undefined> => {
  const opened = await unlessRefused(
    ask(`open ${nameOf(service, pull.number)} again`, () =>
      github.octokit.pulls.update({ ...repoOf(service), pull_number: pull.number, state: "open" }),
    ),
  );
  return opened && pull;
};

export const markerLine = (marker: string): string =>
  `<!-- countersteer:${encodeURIComponent(marker).replaceAll("-", "%2D")} -->`;

/** Only the last line of our own comments counts: anyone can write a marker, also into a text that we quote. */
export const comment = async (
  github: Github,
  service: Repository,
  pull: Pick<Pull, "number">,
  notes: Note[],
): Promise<void> => {
  if (notes.length === 0) return;
  const [login, all] = await Promise.all([github.login(), readComments(github, service, pull)]);
  const told = all.filter(({ user }) => user?.login === login).map(({ body }) => body ?? "");
  for (const note of notes) {
    const line = markerLine(note.marker);
    if (told.some((body) => body.trimEnd().endsWith(`\n${line}`))) continue;
    const { marker: _, record, ...text } = note;
    const body = `${withRecord(await withPicture(github, service, text), record)}\n\n${line}`;
    await ask(`comment on ${nameOf(service, pull.number)}`, () =>
      github.octokit.issues.createComment({ ...repoOf(service), issue_number: pull.number, body }),
    );
    told.push(body);
  }
};

export const readComments = (github: Github, service: Repository, pull: Pick<Pull, "number">) =>
  readPages(`read the comments of ${nameOf(service, pull.number)}`, (page) =>
    github.octokit.issues.listComments({ ...repoOf(service), issue_number: pull.number, ...page }),
  );
