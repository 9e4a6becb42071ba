import { changeSetsOf, noLongerLive, runningAt } from "../../../shared/diagnosis/candidates/change-sets.ts";
import { landedChanges } from "../../../shared/diagnosis/candidates/landed-changes.ts";
import { ancestorsOf } from "../../../shared/git/ancestry.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { DeployRecord } from "../../../shared/ports/store.ts";
import { clock, short } from "../../../shared/text/format.ts";
import { readFiles } from "./files.ts";
import { offBranch } from "./off-branch.ts";
import { readPulls } from "./pulls.ts";
import type { ChangeQuery, DeployGraph, Found } from "./query.ts";
import { isTouching, touched } from "./touched.ts";
import { aheadOfDeploys, undeployed } from "./undeployed.ts";

/** Changes of a deploy whose files are read. */
const mostFiles = 10;

/** The changes that the deploys brought and that run, each as it landed. */
export const broughtBy = async (changes: Changes, query: ChangeQuery, read: DeployGraph): Promise<Found> => {
  const { target } = query;
  const { graph, steps, heads, history } = read;
  const [last = ""] = heads;
  const [pulls, own, off, ahead] = await Promise.all([
    readPulls(changes, target),
    touched(changes, target, last),
    offBranch(changes, target, last),
    aheadOfDeploys(changes, query),
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
  const [files, waiting] = await Promise.all([
    readFiles(changes, query, { landed, most: mostFiles, to: last, files: read.files }),
    undeployed(changes, query, { pulls: pulls.found, brought }, ahead),
  ]);
  return {
    ...{ commits: files.commits, history, changeSets, undeployed: waiting },
    notes: [
      ...pulls.notes,
      ...off.notes,
      ...goneNotes(all, gone, runningAt(steps, query.onsetAt)),
      ...files.notes,
    ],
  };
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
