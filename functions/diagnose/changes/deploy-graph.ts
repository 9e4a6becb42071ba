import type { Step } from "../../../shared/diagnosis/candidates/change-sets.ts";
import type { Changes, Comparison, ListedCommit } from "../../../shared/ports/changes.ts";
import type { DeployRecord } from "../../../shared/ports/store.ts";
import { clock, short } from "../../../shared/text/format.ts";
import { type ChangeQuery, type DeployGraph, lookBackMs } from "./query.ts";

/** Commits that are listed, deploys of other branches that are compared, and deploys without their commit that are passed over. */
const limits = { commits: 1000, landed: 100, branches: 4, gone: 3 };

type Reading = ChangeQuery & { steps: Step[]; notes: string[] };

/** The commits between the first deploy and the last. Undefined when the repository has none of the deployed commits. */
export const readDeploys = async (changes: Changes, reading: Reading): Promise<DeployGraph | undefined> => {
  const steps = [...reading.steps];
  for (let gone = 0; gone < limits.gone; gone++) {
    const last = steps.at(-1);
    if (last === undefined) return undefined;
    const line = await readLine(changes, { ...reading, steps }, last);
    if (line !== undefined) return withBranches(changes, { ...reading, steps }, line);
    reading.notes.push(goneNote(last, reading));
    steps.pop();
  }
  return undefined;
};

const goneNote = ({ deploy: { sha, at } }: Step, { target }: ChangeQuery): string =>
  `${short(sha)}, which was deployed at ${clock(at)}, is not in ${target.repository}: what it brought was not looked at`;

type Line = Pick<Comparison, "commits" | "files">;

/** Reads the commits that the last deploy has and the state before the first deploy had not. */
const readLine = async (changes: Changes, reading: Reading, last: Step): Promise<Line | undefined> => {
  const { target, steps, notes } = reading;
  const to = last.deploy.sha;
  const from = steps[0]?.from;
  const compared =
    from === undefined ? undefined : await changes.compare(target, { from, to, limit: limits.commits });
  if (compared !== undefined) {
    if (compared.total > compared.commits.length) notes.push(cutNote(compared));
    return compared;
  }
  const since = reading.onsetAt - lookBackMs;
  const { until } = reading;
  const commits = await changes.ancestors(target, { to, since, until, limit: limits.landed });
  if (commits === undefined) return undefined;
  notes.push(from === undefined ? firstNote(steps[0]?.deploy ?? last.deploy) : formerNote(from, reading));
  return { commits };
};

const cutNote = ({ total, commits }: Comparison): string =>
  `the deploys brought ${total} commits: the newest ${commits.length} of them were looked at`;

const firstNote = ({ at }: DeployRecord): string =>
  `the deploy of ${clock(at)} is the first on record, so all that landed in the day before it counts as brought by it`;

const formerNote = (from: string, { target }: ChangeQuery): string =>
  `${short(from)}, which ran before, is not in ${target.repository} any more: the changes of the 7 days before were looked at instead`;

/** Adds the deploys that do not lie on the line of the last one: other branches, and what was rolled back since. */
const withBranches = async (changes: Changes, reading: Reading, line: Line): Promise<DeployGraph> => {
  const { steps, notes } = reading;
  const graph = new Map(line.commits.map((commit) => [commit.sha, commit]));
  const base = steps[0]?.from;
  const apart = steps.filter(
    ({ deploy, from }) => !graph.has(deploy.sha) && deploy.sha !== base && from !== undefined,
  );
  const chosen = apart.slice(-limits.branches);
  if (chosen.length < apart.length)
    notes.push(`${apart.length - chosen.length} older deploys of other branches were not looked at`);
  const compared = await Promise.all(
    chosen.map(async (step) => ({ step, found: await compareStep(changes, reading, step) })),
  );
  const heads = compared
    .filter(({ found }) => (found?.commits.length ?? 0) > 0)
    .map(({ step }) => step.deploy.sha);
  const onLine = [...graph.keys()];
  for (const { step, found } of compared) {
    if (found === undefined) notes.push(goneNote(step, reading));
    for (const commit of found?.commits ?? []) graph.set(commit.sha, commit);
  }
  const last = steps.at(-1)?.deploy.sha ?? "";
  return {
    ...{ graph, steps, heads: [last, ...heads], files: line.files },
    history: historyOf({ graph, onLine, steps, base }),
  };
};

const compareStep = (changes: Changes, { target }: ChangeQuery, { deploy, from = "" }: Step) =>
  changes.compare(target, { from, to: deploy.sha, limit: limits.commits });

type Known = {
  graph: Map<string, ListedCommit>;
  onLine: string[];
  steps: Step[];
  base: string | undefined;
};

/** Commits that a rollback took away come before the line of the last deploy; deployed commits that are not listed come after it. */
const historyOf = ({ graph, onLine, steps, base }: Known): string[] => [
  ...new Set([
    ...[...graph.keys()].filter((sha) => !onLine.includes(sha)),
    ...onLine,
    ...(base === undefined ? [] : [base]),
    ...steps.map(({ deploy }) => deploy.sha).toReversed(),
  ]),
];
