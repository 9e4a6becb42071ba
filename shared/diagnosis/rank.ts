import type { Diagnosis, FlagSuspect } from "../incident/model.ts";
import type { Commit } from "../ports/history.ts";
import { revertedShas } from "../remedy/revert/revert-messages.ts";
import { describeChange } from "./candidates/describe.ts";
import { notesOf, reasonsOf } from "./explain/reasons.ts";
import { judge, type Verdict } from "./judge.ts";
import type { Case } from "./model.ts";
import { remedies } from "./remedies.ts";
import { bumpReason } from "./rollback.ts";

export type { Case } from "./model.ts";

/** Suspects kept; the rest are too unlikely to be worth a person's time. */
const kept = 10;

/** Ranks the commits that were live at the onset; scores and `none` add up to 1 over all of them. */
export const rank = (given: Case): Diagnosis => {
  const verdict = judge({
    ...given,
    commits: blameable(given.commits),
    elsewhere: (given.elsewhere ?? []).map((one) => ({ ...one, commits: blameable(one.commits) })),
  });
  const { bumps = [] } = given;
  const suspects = verdict.ranked
    .filter(({ live }) => live !== undefined)
    .slice(0, kept)
    .map((judged, index) => {
      const { sha, title, author, at, url } = judged.commit;
      const { in: place, repository, of } = judged.origin ?? {};
      return {
        ...{
          sha,
          score: judged.p,
          title,
          author,
          at,
          url,
          reasons: [...reasonsOf(verdict, index), ...bumpReason(judged, bumps)],
        },
        ...(place === undefined ? {} : { in: place }),
        ...(repository === undefined ? {} : { repository }),
        ...(of === undefined ? {} : { of }),
        change: describeChange(judged),
      };
    });
  const notes = [...notesOf(verdict), ...(given.unread ?? [])];
  return {
    suspects,
    none: verdict.none,
    onsetAt: verdict.onset.at,
    remedies: remedies(verdict, bumps),
    ...(verdict.flips.length === 0 ? {} : { flags: verdict.flips.map(flagOf) }),
    ...(notes.length === 0 ? {} : { notes }),
  };
};

const flagOf = ({ flip: { flag, url }, p, reason }: Verdict["flips"][number]): FlagSuspect => ({
  ...{ flag, score: p, reason },
  ...(url === undefined ? {} : { url }),
});

/** Without what Countersteer did itself, and without what was taken back already. */
const blameable = (commits: Commit[]): Commit[] => {
  const shas = commits.map(({ sha }) => sha);
  const reverted = new Set(commits.flatMap(({ message }) => revertedShas(message, shas)));
  return commits.filter(
    ({ sha, message }) => !reverted.has(sha) && !/^Countersteer-Incident: /m.test(message),
  );
};
