import type { Commit } from "../ports/history.ts";
import { allDeploys } from "./candidates/case-rollouts.ts";
import { latestMs, type RolloutTime, rolloutTimes } from "./candidates/rollout-time.ts";
import { correlateDeploys } from "./evidence/deploy-correlation.ts";
import { isNamed, liveOf } from "./in-production/at-onset.ts";
import type { Live } from "./in-production/live.ts";
import type { Case } from "./model.ts";
import { type Onset, slackMs } from "./onset/onset.ts";
import { shortlist } from "./ranking/shortlist.ts";
import { openWindow, type Window } from "./ranking/window.ts";
import { ignoredWords, signalWords } from "./template-words.ts";

/** The changes that were live at the onset, as features see them. */
export const selectCandidates = (
  given: Case,
  onset: Onset,
  live = liveOf(given),
): { window: Window; live: Map<string, Live> } => {
  const tieTo = correlateDeploys(given, onset);
  const timeOf = rolloutTimes(allDeploys(given));
  const aged = given.commits.flatMap((commit) => {
    const known = live.get(commit.sha);
    if (known === undefined) return [];
    const since = asOfOnset(known, commit, {
      onsetAt: onset.at,
      time: timeOf(known.service ?? given.service),
    });
    const before = Math.max(0, onset.at - since.at);
    live.set(commit.sha, { ...since, before });
    if (tieTo(since) !== undefined) return [{ commit, age: slackMs }];
    // Metrics are sampled and alerts wait: which deploy of the last minutes was the last tells nothing.
    return [{ commit, age: since.by === "deploy" ? Math.max(slackMs, before) : before }];
  });
  const { symptom } = onset;
  const commits = shortlist(aged, symptom);
  return {
    window: openWindow({
      commits,
      symptom,
      servicePaths: pathsOf(given),
      ignored: ignoredWords(given),
      signals: signalWords(given),
    }),
    live,
  };
};

/**
 * A rollout that went on when the trouble began: it had begun before, or, where its beginning was not told, it may have. Its pods serve
 * before it is reported, so it counts as live at the measured onset. A change that landed after that was not part of it.
 */
const asOfOnset = (live: Live, commit: Commit, { onsetAt, time }: AtOnset): Live => {
  const { beganAt, by, rollout = "succeeded", reportedAt = live.at } = live;
  if (by !== "deploy" || live.at <= onsetAt + slackMs || rollout === "started")
    return earlierOf(live, onsetAt);
  const isLater = commit.at > onsetAt || reportedAt > onsetAt + latestMs(time[rollout]);
  if (beganAt === undefined && isLater) return live;
  if (beganAt !== undefined && beganAt > onsetAt + slackMs) return { ...live, at: beganAt };
  return { ...live, at: onsetAt, reportedAt };
};

type AtOnset = { onsetAt: number; time: RolloutTime };

const earlierOf = (live: Live, onsetAt: number): Live =>
  live.reportedAt === undefined ? live : { ...live, at: Math.min(live.at, onsetAt) };

/**
 * The service's paths, and wherever else in the repository its name or that of one it depends on stands in a path: values, manifests,
 * and where the trouble may come from though it hurts here.
 */
const pathsOf = ({ service, servicePaths = [], dependsOn = [], commits }: Case): string[] => {
  if (servicePaths.length === 0 || service === "") return servicePaths;
  const names = [service, ...dependsOn];
  const folders = commits.flatMap(({ paths }) =>
    paths.slice(0, maxPaths).flatMap((path) => {
      const parts = path.split("/");
      const at = parts.findIndex((part) => names.some((name) => isNamed(part, name)));
      return at < 0 ? [] : [parts.slice(0, at + 1).join("/")];
    }),
  );
  return [...new Set([...servicePaths, ...folders])];
};
const maxPaths = 60;
