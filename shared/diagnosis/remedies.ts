import type { Remedy, Revert } from "../incident/model.ts";
import { clock } from "../text/format.ts";
import type { Live } from "./in-production/live.ts";
import { isContradicted, isMeasuredFor } from "./measured.ts";
import type { BumpedCommits, Origin } from "./model.ts";
import { rollbackOf } from "./rollback.ts";
import type { Judged, Verdict } from "./verdict.ts";

/** Offered at most: people choose quickly among few. */
const maxRemedies = 3;
/** A second change is worth offering when it is at least this share as likely as the first. */
const worthwhile = 1 / 3;
/** And the whole deploy, or two deploys, when that adds this much to the probability that it helps. */
const gain = 0.1;
/** A change of the same deploy, or of the one beside it, that is this share as likely as the first is not told apart from it. */
const rival = 1 / 2;
/** Two deploys this soon before a step are taken back together when nothing else tells them apart. */
const soonMs = 30 * 60_000;

/**
 * The remedies for a verdict, the best first. When nothing separates the changes of one deploy, the revert of the whole deploy comes first;
 * a bump's own revert comes before that of the commits it brought. Another service's change is for its own people, so nothing is offered
 * when it comes first.
 */
export const remedies = ({ ranked }: Pick<Verdict, "ranked">, bumps: BumpedCommits[] = []): Remedy[] => {
  const live = ranked.filter((judged) => judged.live !== undefined);
  const [first] = live;
  if (first === undefined || first.origin?.of !== undefined) return [];
  const singles = live
    .filter(({ origin, p }) => origin?.of === undefined && p >= first.p * worthwhile)
    .map(single(ranked));
  const rollback = rollbackOf(first, live, bumps);
  if (rollback !== undefined)
    return [rollback, ...singles.filter(({ sha }) => sha !== rollback.sha)].slice(0, maxRemedies);
  const whole = revertOfDeploy(first, live);
  if (whole !== undefined && rivalOf(live) !== undefined) return [whole, ...singles].slice(0, maxRemedies);
  const wider = [revertOfBoth(first, live), whole].flatMap((one) =>
    one !== undefined && one.score >= first.p + gain ? [one] : [],
  );
  return [...singles.slice(0, 1), ...wider, ...singles.slice(1)].slice(0, maxRemedies);
};

/** A change that the same deploy brought as the likeliest one, and that is at least half as likely: too little tells the two apart. */
export const rivalOf = (ranked: Judged[]): Judged | undefined => {
  const [first, ...rest] = ranked;
  const since = first?.live;
  if (first === undefined || since?.by !== "deploy") return undefined;
  return rest.find(({ live, p }) => p > first.p * rival && isOfDeploy(since, live));
};

const isOfDeploy = (a: Live, b: Live | undefined): boolean =>
  b?.by === "deploy" && a.at === b.at && a.service === b.service && a.deploy?.sha === b.deploy?.sha;

const single =
  (ranked: Judged[]) =>
  (judged: Judged): Revert => {
    const { commit, p, origin } = judged;
    return {
      ...{ kind: "revert", sha: commit.sha, title: commit.title, score: p },
      ...(isMeasuredFor(judged) && !isContradicted(judged, ranked) ? { measured: true } : {}),
      ...repositoryFields(origin),
    };
  };

const repositoryFields = (origin: Origin | undefined): Pick<Revert, "in" | "repository"> => ({
  ...(origin?.in === undefined ? {} : { in: origin.in }),
  ...(origin?.repository === undefined ? {} : { repository: origin.repository }),
});

/** Everything that the deploy of `first` brought, when it brought more than that one and what ran before is known. */
const revertOfDeploy = (first: Judged, live: Judged[]): Revert | undefined => {
  const since = first.live;
  if (since?.deploy?.from === undefined) return undefined;
  const { sha, from } = since.deploy;
  const changes = live.filter((judged) => isOfDeploy(since, judged.live));
  if (changes.length < 2) return undefined;
  return {
    ...{ kind: "revert", sha, from },
    title: `the deploy of ${clock(since.at)} (${changes.length} changes)`,
    score: totalOf(changes),
    ...repositoryFields(first.origin),
  };
};

/** The deploys of `first` and of its rival, where one ran right before the other and a metric stepped after both: time hardly tells them apart. */
const revertOfBoth = (first: Judged, live: Judged[]): Revert | undefined => {
  const second = live.find(
    (judged) => judged.p > first.p * rival && followsOrPrecedes(judged, first) && isSteppedAfter(judged),
  );
  if (second?.live === undefined || first.live === undefined || !isSteppedAfter(first)) return undefined;
  const [older, newer] =
    first.live.at <= second.live.at ? [first.live, second.live] : [second.live, first.live];
  if (older.deploy?.from === undefined || newer.deploy === undefined) return undefined;
  const changes = live.filter((judged) => isOfDeploy(older, judged.live) || isOfDeploy(newer, judged.live));
  return {
    ...{ kind: "revert", sha: newer.deploy.sha, from: older.deploy.from },
    title: `the deploys of ${clock(older.at)} and ${clock(newer.at)} (${changes.length} changes)`,
    score: totalOf(changes),
    ...repositoryFields(first.origin),
  };
};

const isSteppedAfter = ({ evidence, live }: Judged): boolean =>
  (live?.before ?? 0) <= soonMs && evidence.some(({ timing, weight }) => timing === "step" && weight >= 0);

const followsOrPrecedes = (a: Judged, b: Judged): boolean =>
  a.origin?.repository === b.origin?.repository &&
  a.origin?.in === b.origin?.in &&
  a.live?.service === b.live?.service &&
  a.live?.deploy !== undefined &&
  b.live?.deploy !== undefined &&
  (a.live.deploy.from === b.live.deploy.sha || b.live.deploy.from === a.live.deploy.sha);

const totalOf = (changes: Judged[]): number =>
  Math.min(
    1,
    changes.reduce((sum, { p }) => sum + p, 0),
  );
