import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Sha } from "../../../brands.ts";
import type { AbsentChecks, Checks } from "../../../ports/pulls.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { context, unlessRefused } from "../pulls/pulls.ts";

type Run = RestEndpointMethodTypes["checks"]["listForRef"]["response"]["data"]["check_runs"][number];
type Status =
  RestEndpointMethodTypes["repos"]["getCombinedStatusForRef"]["response"]["data"]["statuses"][number];

const pageSize = 100;
const failed = ["failure", "timed_out", "cancelled", "action_required", "startup_failure"];

type Of = { head: Sha; base: Sha; branch: string };

/**
 * The checks of `head` that are not green, whether GitHub requires them or not: a revert that breaks the build helps nobody. How long they
 * take is told by the runs on `base`; which are usual, by those and by the pull request that was merged last. Our own is left out. Those that
 * rules require are put in afterwards, so that both are read at one time.
 */
export const readChecks = async (
  github: Github,
  service: Service,
  { head, base, branch }: Of,
): Promise<(required?: string[]) => Checks> => {
  const [now, past, merged] = await Promise.all([
    checksAt(github, service, head),
    checksAt(github, service, base),
    lastMerged(github, service, branch),
  ]);
  const { runs, others } = now;
  const running = runs.filter(({ status }) => status !== "completed");
  const until = endOf(running, past.runs);
  const told: Checks = {
    failing: [...runs.filter(hasFailed).map(ofRun), ...others.filter(isRed).map(ofStatus)],
    running: [
      ...running.map(({ name }) => name),
      ...others.filter(({ state }) => state === "pending").map((status) => status.context),
    ],
    ...(until !== undefined && { until }),
  };
  return (required = []) => {
    const absent = absentOf({ now, past, merged }, required);
    return { ...told, ...(absent && { absent }) };
  };
};

type At = { runs: Run[]; others: Status[] };

const checksAt = async (github: Github, service: Service, ref: Sha): Promise<At> => {
  const [runs, statuses] = await Promise.all([
    runsOf(github, service, ref),
    statusesOf(github, service, ref),
  ]);
  return { runs, others: statuses.filter((status) => status.context !== context) };
};

const namesAt = ({ runs, others }: At): string[] => [
  ...new Set([...runs.map(({ name }) => name), ...others.map((status) => status.context)]),
];

/** The checks of the pull request that was merged last into the branch. */
const lastMerged = async (github: Github, service: Service, branch: string): Promise<At> => {
  const listed = await unlessRefused(
    ask(`list the merged pull requests of ${service.repository}`, () =>
      github.octokit.pulls.list({
        ...{ ...repoOf(service), state: "closed", base: branch },
        ...{ sort: "updated", direction: "desc", per_page: 10 },
      }),
    ),
  );
  const last = listed?.find(({ merged_at }) => merged_at !== null);
  return last === undefined ? { runs: [], others: [] } : checksAt(github, service, last.head.sha);
};

const absentOf = (
  { now, past, merged }: { now: At; past: At; merged: At },
  required: string[],
): AbsentChecks | undefined => {
  const told = namesAt(now);
  const isAbsent = (name: string): boolean => name !== context && !told.includes(name);
  const usual = [...new Set([...namesAt(merged), ...namesAt(past)])].filter(isAbsent);
  const absent = {
    required: required.filter(isAbsent),
    usual: usual.filter((name) => !required.includes(name)),
    isBare: told.length === 0 && namesAt(merged).length > 0,
  };
  return absent.required.length + absent.usual.length === 0 ? undefined : absent;
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
