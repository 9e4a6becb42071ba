import type { Alert } from "../../incident/model.ts";
import type { Commit } from "../../ports/history.ts";
import { ownValue } from "../../records.ts";
import { isRevertOf } from "../../remedy/revert/revert-messages.ts";
import { clock, list, short, span } from "../../text/format.ts";
import type { Live } from "../in-production/live.ts";
import { type Case, type Evidence, locationLabels } from "../model.ts";
import type { Onset } from "../onset/onset.ts";

type Before = NonNullable<Case["earlier"]>[number];
type Reverted = Extract<Before, { ended: "reverted" }>;

const weights = { broughtBack: 4.5, mended: 0.5, sameFiles: 1.2, byItself: 0.4, scaled: 1.5 };
/** A change that touches more files than these says little with any single one. */
const fewFiles = 20;
const mostTimes = 4;

/** Whether two alerts tell of the same: by name, and by every label of both that says what is wrong and not where. */
export const isSame = (a: Alert, b: Alert): boolean =>
  a.name === b.name &&
  Object.entries(a.labels).every(
    ([key, value]) => locationLabels.test(key) || [undefined, value].includes(ownValue(b.labels, key)),
  );

/** Those of `earlier` in which an alert told of the same as one that fires now. */
export const sameTrouble = <T extends { alerts: Alert[] }>(earlier: T[], alerts: Alert[]): T[] => {
  const now = alerts.filter(({ status }) => status === "firing");
  return earlier.filter((round) => round.alerts.some((before) => now.some((alert) => isSame(alert, before))));
};

/** A change that brings back what was taken back when the same alert ended, or that touches the files of it. */
export const byEarlier = (
  commits: Commit[],
  given: Case,
  { onset: { at }, live }: { onset: Onset; live: Map<string, Live> },
): Map<string, Evidence> => {
  const links = new Map<string, Evidence>();
  for (const before of (given.earlier ?? []).filter(isReverted)) {
    const { remedy, endedAt, culprit } = before;
    const culpritText = `${remedy.sha.slice(0, 12)} “${remedy.title.slice(0, 80)}”, whose revert ended ${nameOf(before)} ${span(Math.max(0, at - endedAt))} earlier`;
    const share = culprit === undefined ? () => [] : sharedWith(culprit);
    const holders = commits.filter((commit) => share(commit).length > 0).length;
    for (const commit of commits) {
      if (links.has(commit.sha) || commit.sha === before.merge) continue;
      const files = share(commit);
      if (commit.sha === remedy.sha) {
        if (before.without !== undefined) links.set(commit.sha, unreverted(before, before.without));
      } else if (bringsBack(commit, before))
        links.set(commit.sha, reland({ commit, culprit, culpritText, live: live.get(commit.sha) }, at));
      else if (files.length > 0)
        links.set(commit.sha, {
          weight: weights.sameFiles * Math.sqrt(files.length / culprit!.paths.length / holders),
          reason: `touches ${list(files)}, as did ${culpritText}`,
        });
    }
  }
  return links;
};

/** The change whose revert ended the same alert before. It counts again when what runs does not hold the revert. */
const unreverted = ({ merge, pull }: Reverted, without: NonNullable<Reverted["without"]>): Evidence => {
  const name = pull === undefined ? short(merge) : `pull request #${pull} (${short(merge)})`;
  return {
    ...{ weight: weights.broughtBack, always: true, measured: true },
    reason: `its revert, ${name}, is not in what runs now: ${short(without.sha)} was deployed at ${clock(without.at)}`,
  };
};

type Relanded = { commit: Commit; culprit: Commit | undefined; culpritText: string; live: Live | undefined };

const hour = 60 * 60_000;
/** A change that ran well for so long did not do it. */
const innocentMs = 24 * hour;

/** A change that comes again is judged by how long it ran before the trouble, and by what is different in it. */
const reland = ({ commit, culprit, culpritText, live }: Relanded, at: number): Evidence => {
  const ranMs = live?.by === "deploy" ? Math.max(0, at - live.at) : 0;
  const isChanged = isMended(commit, culprit);
  const share = ranMs <= hour ? 1 : Math.max(0, 1 - Math.log(ranMs / hour) / Math.log(innocentMs / hour));
  const changed = isChanged ? ", and differs from it" : "";
  const ran = ranMs <= hour ? "" : `, and ran well for ${span(ranMs)} before the trouble began`;
  return {
    weight: weights.broughtBack * share * (isChanged ? weights.mended : 1),
    reason: `brings back ${culpritText}${changed}${ran}`,
  };
};

/** Whether the two patches are known and add other lines. */
const isMended = ({ patch }: Commit, culprit: Commit | undefined): boolean =>
  patch !== undefined && culprit?.patch !== undefined && added(patch) !== added(culprit.patch);
const added = (patch: string): string =>
  patch
    .split("\n")
    .filter((line) => line.startsWith("+"))
    .sort()
    .join("\n");

/** Evidence from the ends of earlier rounds: when the same alert ended without a change before, a change is unlikely to be the cause now. */
export const endedBefore = (given: Case, { at }: Onset): Evidence[] => {
  const { earlier = [] } = given;
  const ago = ({ endedAt }: Before): string => `${span(Math.max(0, at - endedAt))} earlier`;
  const alone = earlier.filter(({ ended }) => ended === "recovered");
  const [scaled] = earlier.filter(({ ended }) => ended === "scaled");
  const [reverted] = earlier.filter(isReverted);
  return [
    ...alone.slice(0, 1).map((last) => ({
      weight: weights.byItself * Math.min(mostTimes, alone.length),
      reason: `${nameOf(last)} ended by itself ${alone.length === 1 ? "once" : `${alone.length} times`} before, last ${ago(last)}`,
    })),
    ...(scaled?.ended === "scaled"
      ? [
          {
            weight: weights.scaled,
            reason: `${nameOf(scaled)} ended when ${scaled.remedy.target} was scaled, ${ago(scaled)}`,
          },
        ]
      : []),
    ...(reverted === undefined
      ? []
      : [
          {
            weight: 0,
            reason: `${nameOf(reverted)} ended when ${reverted.remedy.sha.slice(0, 12)} “${reverted.remedy.title.slice(0, 80)}” was taken back, ${ago(reverted)}`,
          },
        ]),
  ];
};

const isReverted = (round: Before): round is Reverted => round.ended === "reverted";
const nameOf = ({ alerts }: Before): string => alerts[0]?.name || "the same alert";

const sharedWith =
  ({ paths }: Commit) =>
  (commit: Commit): string[] =>
    paths.length > fewFiles ? [] : commit.paths.filter((path) => paths.includes(path));

/** A revert of the revert, a cherry-pick, or a change under the same title. */
const bringsBack = ({ sha, title, message }: Commit, { remedy, merge }: Reverted): boolean => {
  if (sha === remedy.sha) return false;
  const picked = [...message.matchAll(/cherry picked from commit ([0-9a-f]{7,40})/gi)].map(([, sha]) =>
    (sha ?? "").toLowerCase(),
  );
  const again = bare(title);
  return (
    isRevertOf(message, merge) ||
    picked.some((sha) => remedy.sha.startsWith(sha)) ||
    (remedy.from === undefined && again.length > 5 && again === bare(remedy.title))
  );
};

/** A title without the words around it that say that it comes again. */
const bare = (title: string): string =>
  title
    .replace(/\s*\(#?\d+\)\s*$/, "")
    .replace(/^\W*(?:re-?land|re-?apply|reintroduce|second (?:try|attempt))\b[:\s]*/i, "")
    .replace(/^revert\s+["“']?revert\s+/i, "")
    .replace(/["“”'\s]+/g, " ")
    .trim()
    .toLowerCase();
