import type { Diagnosis, FlagSuspect, Suspect } from "../incident/model.ts";
import { calibrate } from "./calibration.ts";
import { withRollouts } from "./candidates/case-rollouts.ts";
import { withDeployTimes } from "./candidates/deploy-clock.ts";
import { describeChange } from "./candidates/describe.ts";
import { explain, notesOf } from "./explain/reasons.ts";
import { judge } from "./judge.ts";
import { isContradicted, isMeasuredFor } from "./measured.ts";
import type { BumpedCommits, Case, SecondOpinion } from "./model.ts";
import { heed, opinionReason } from "./opinion.ts";
import { remedies } from "./remedies.ts";
import { bumpReason } from "./rollback.ts";
import { capText } from "./text-bar.ts";
import type { Judged, Verdict } from "./verdict.ts";

export type { Case } from "./model.ts";

/** Suspects kept; the rest are too unlikely to be worth a person's time. */
const kept = 10;

/** The verdict that everybody is told, with its notes: deploy times set right, the first suspect calibrated, words kept below their bar. */
export const verdictOn = (told: Case): { verdict: Verdict; notes: string[] } => {
  const given = withRollouts(withDeployTimes(told));
  const verdict = heed(capText(calibrate(judge(given), given.calibration), given), given.opinion);
  return { verdict, notes: [...opinionReason(given.opinion), ...notesOf(verdict), ...(given.unread ?? [])] };
};

/** Ranks the commits that were live at the onset; scores and `none` add up to 1 over all of them. */
export const rank = (given: Case): Diagnosis => {
  const { verdict, notes } = verdictOn(given);
  const { bumps = [], opinion } = given;
  return {
    suspects: verdict.ranked
      .filter(({ live }) => live !== undefined)
      .slice(0, kept)
      .map((judged, index) => suspectOf(verdict, { judged, index, bumps, opinion })),
    none: verdict.noSuspect,
    onsetAt: verdict.onset.at,
    remedies: remedies(verdict, bumps),
    ...(verdict.flips.length === 0 ? {} : { flags: verdict.flips.map(flagOf) }),
    ...(notes.length === 0 ? {} : { notes }),
  };
};

type Ranked = {
  judged: Judged;
  index: number;
  bumps: BumpedCommits[];
  opinion: SecondOpinion | undefined;
};

const suspectOf = (verdict: Verdict, { judged, index, bumps, opinion }: Ranked): Suspect => {
  const { sha, title, author, at, url } = judged.commit;
  const { in: place, repository, of } = judged.origin ?? {};
  const reasons = [
    ...explain(verdict, index),
    ...bumpReason(judged, bumps).map((text) => ({ text, kind: "measured" as const })),
    ...opinionReason(opinion, judged.commit).map((text) => ({ text, kind: "text" as const })),
  ];
  return {
    ...{ sha, score: judged.p, title, author, at, url },
    ...{ reasons: reasons.map(({ text }) => text), kinds: reasons.map(({ kind }) => kind) },
    ...{ measured: isMeasuredFor(judged), contradicted: isContradicted(judged, verdict.ranked) },
    ...(place === undefined ? {} : { in: place }),
    ...(repository === undefined ? {} : { repository }),
    ...(of === undefined ? {} : { of }),
    change: describeChange(judged),
  };
};

const flagOf = ({ flip: { flag, url }, p, reason }: Verdict["flips"][number]): FlagSuspect => ({
  ...{ flag, score: p, reason },
  ...(url === undefined ? {} : { url }),
});
