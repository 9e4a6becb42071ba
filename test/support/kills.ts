import type { Sandbox } from "../../infra/sandbox/index.ts";
import type { Stage } from "./stage.ts";

/** The facts of a loop that ends verified, in order. A test that kills the server does so after each of them. */
export const lifecycle = [
  "IncidentOpened",
  "IncidentDiagnosed",
  "RemedyProposed",
  "ApprovalRequested",
  "RemedyApproved",
  "RemedyMerged",
  "RemedyDeployed",
  "IncidentClosed",
];

/** The titles of the comments that the loop leaves on its pull request. */
export const commentTitles = [
  "Approval requested",
  "Approved",
  "Merged",
  "Live",
  "Verified, the trouble is over",
];

/** The timeline without the facts that depend on when the server was killed. */
export const factsOf = (timeline: { type: string }[]): string[] =>
  timeline.map(({ type }) => type).filter((type) => type !== "StepDelayed" && type !== "MessagePosted");

/** Kills the server with -9, and starts it again over the same data. */
export const killServer = async (stage: Stage): Promise<void> => {
  await stage.server().kill();
  await stage.restart();
};

/** Reads from the sandbox's GitHub. */
export const readGithub = async <T>({ github, token }: Sandbox, path: string): Promise<T> => {
  const answer = await fetch(`${github}${path}`, { headers: { authorization: `token ${token}` } });
  return (await answer.json()) as T;
};

export type PullJson = {
  number: number;
  head: { ref: string; sha: string };
  merged_at: string | null;
  labels: { name: string }[];
};

/** Every pull request of the shop, whatever its state. */
export const pullsOf = (sandbox: Sandbox): Promise<PullJson[]> =>
  readGithub(sandbox, "/repos/acme/shop/pulls?state=all");

/** The titles of a pull request's comments. */
export const titlesOn = async (sandbox: Sandbox, pull: number): Promise<(string | undefined)[]> => {
  const path = `/repos/acme/shop/issues/${pull}/comments?per_page=100`;
  const comments = await readGithub<{ body: string }[]>(sandbox, path);
  return comments.map(({ body }) => /\*\*(.+?)\*\*/.exec(body)?.[1]);
};

/** How many messages stand in the channel itself, outside every thread. */
export const questionsIn = (sandbox: Sandbox, channel: string): number =>
  sandbox.messages(channel).filter(({ threadTs, onlyFor }) => threadTs === undefined && onlyFor === undefined)
    .length;
