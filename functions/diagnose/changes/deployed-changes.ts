import { changeSetsOf, noLongerLive, runningAt } from "../../../shared/diagnosis/candidates/change-sets.ts";
import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import { ancestorsOf } from "../../../shared/git/ancestry.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { DeployRecord } from "../../../shared/ports/store.ts";
import { clock, short } from "../../../shared/text/format.ts";
import { readFiles } from "./files.ts";
import { offBranch, onBranch } from "./off-branch.ts";
import { readPulls } from "./pulls.ts";
import type { ChangeQuery, DeployGraph, Found } from "./query.ts";
import { ruleChanges } from "./rules.ts";
import { isTouching, touched } from "./touched.ts";
import { aheadOfDeploys, undeployed } from "./undeployed.ts";

/** Calls for the files of the changes that deploys brought. */
const maxCalls = 11;

/** The changes that the deploys brought and that run, each as it landed. */
export const broughtBy = async (changes: Changes, query: ChangeQuery, read: DeployGraph): Promise<Found> => {
  const { target } = query;
  const { graph, steps, heads, history } = read;
  const [last = ""] = heads;
  const [pulls, own, { ahead, off }] = await Promise.all([
    readPulls(changes, target),
    touched(changes, target, last),
    branchSeenFrom(changes, query, last),
  ]);
  const changeSets = changeSetsOf(steps, graph);
  const gone = noLongerLive({ steps, sets: changeSets, graph, onsetAt: query.onsetAt });
  const brought = new Set(changeSets.flatMap(({ shas }) => shas));
  const listed = { commits: [...graph.values()], pulls: pulls.found, branch: target.branch };
  const all = distinct(heads.flatMap((head) => landedChanges(listed, head))).filter(({ sha }) =>
    brought.has(sha),
  );
  const onLine = ancestorsOf(graph, last);
  const landed = all
    .filter((change) => !gone.has(change.sha) && (!onLine.has(change.sha) || isTouching(change, own)))
    .map((change) => (off.shas.has(change.sha) ? { ...change, branch: off.branch } : change));
  const [files, waiting, rules] = await Promise.all([
    readFiles(changes, query, { landed, calls: maxCalls, to: last, files: read.files }),
    undeployed(changes, query, { pulls: pulls.found, brought, ahead }),
    ruleChanges(changes, query, { pulls: pulls.found, ahead }),
  ]);
  const isRule = new Set(rules.map(({ sha }) => sha));
  return {
    ...{ commits: [...rules, ...files.commits], history, changeSets },
    undeployed: waiting.filter(({ sha }) => !isRule.has(sha)),
    notes: [
      ...pulls.notes,
      ...off.notes,
      ...goneNotes(all, gone, runningAt(steps, query.onsetAt)),
      ...files.notes,
    ],
  };
};

/** A deploy that the branch is ahead of, or at, is on the branch. */
const branchSeenFrom = async (changes: Changes, query: ChangeQuery, last: string) => {
  const ahead = await aheadOfDeploys(changes, query);
  const isOnBranch = ahead?.status === "ahead" || ahead?.status === "identical";
  const latest = query.deploys.toSorted((a, b) => b.at - a.at)[0]?.sha;
  const off = isOnBranch && latest === last ? onBranch : await offBranch(changes, query.target, last);
  return { ahead, off };
};

const distinct = (landed: Commit[]): Commit[] => [
  ...new Map(landed.map((change) => [change.sha, change])).values(),
];

const goneNotes = (landed: Commit[], gone: Set<string>, last: DeployRecord | undefined): string[] => {
  const left = landed.filter(({ sha }) => gone.has(sha));
  const [first] = left;
  if (first === undefined || last === undefined) return [];
  const more = left.length > 1 ? ` and ${left.length - 1} more` : "";
  const verb = left.length > 1 ? "run" : "runs";
  return [
    `${short(first.sha)} “${first.title}”${more} ${verb} no longer: the deploy of ${clock(last.at)} put ${short(last.sha)} back`,
  ];
};
