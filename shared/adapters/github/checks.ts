import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Sha } from "../../brands.ts";
import type { Checks } from "../../ports/pulls.ts";
import type { Service } from "../../ports/service.ts";
import { ask } from "./call.ts";
import { context, unlessRefused } from "./pulls.ts";
import { type Github, repoOf } from "./repository.ts";

type Run = RestEndpointMethodTypes["checks"]["listForRef"]["response"]["data"]["check_runs"][number];
type Status =
  RestEndpointMethodTypes["repos"]["getCombinedStatusForRef"]["response"]["data"]["statuses"][number];

const pageSize = 100;
const failed = ["failure", "timed_out", "cancelled", "action_required", "startup_failure"];

/** The checks of `head` that are not green. How long they take is told by the runs on `base`. */
export const readChecks = async (
  github: Github,
  service: Service,
  { head, base }: { head: Sha; base: Sha },
): Promise<Checks> => {
  const [runs, statuses, past] = await Promise.all([
    runsOf(github, service, head),
    statusesOf(github, service, head),
    runsOf(github, service, base),
  ]);
  const others = statuses.filter((status) => status.context !== context);
  const running = runs.filter(({ status }) => status !== "completed");
  const until = endOf(running, past);
  return {
    failing: [...runs.filter(hasFailed).map(ofRun), ...others.filter(isRed).map(ofStatus)],
    running: [
      ...running.map(({ name }) => name),
      ...others.filter(({ state }) => state === "pending").map((status) => status.context),
    ],
    ...(until !== undefined && { until }),
  };
};

const runsOf = async (github: Github, service: Service, ref: Sha): Promise<Run[]> => {
  const listed = await unlessRefused(
    ask(`list the check runs of ${service.repository}@${ref}`, () =>
      github.octokit.checks.listForRef({ ...repoOf(service), ref, per_page: pageSize }),
    ),
  );
  return listed?.check_runs ?? [];
};

const statusesOf = async (github: Github, service: Service, ref: Sha): Promise<Status[]> => {
  const listed = await unlessRefused(
    ask(`read the statuses of ${service.repository}@${ref}`, () =>
      github.octokit.repos.getCombinedStatusForRef({ ...repoOf(service), ref, per_page: pageSize }),
    ),
  );
  return listed?.statuses ?? [];
};

const hasFailed = ({ status, conclusion }: Run): boolean =>
  status === "completed" && conclusion !== null && failed.includes(conclusion);
const isRed = ({ state }: Status): boolean => state === "failure" || state === "error";

const ofRun = ({ name, html_url }: Run) => ({ name, ...(html_url !== null && { url: html_url }) });
const ofStatus = ({ context: name, target_url }: Status) => ({
  name,
  ...(target_url && { url: target_url }),
});

/** The end of the last running check, if each takes as long as its namesake took on the base. */
const endOf = (running: Run[], past: Run[]): number | undefined => {
  const ends = running.flatMap(({ name, started_at }) => {
    const before = past.find((run) => run.name === name);
    const took = spanOf(before?.started_at, before?.completed_at);
    return started_at === null || took === undefined ? [] : [Date.parse(started_at) + took];
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
};

const spanOf = (from: string | null | undefined, to: string | null | undefined): number | undefined =>
  from && to ? Date.parse(to) - Date.parse(from) : undefined;
