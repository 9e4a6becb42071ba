import { endedWithoutFix, troubles } from "../../shared/incident/alerts/alerts.ts";
import type { Intent } from "../../shared/incident/commands.ts";
import type { In } from "../../shared/incident/model.ts";
import type { Verdict } from "../../shared/incident/recovery.ts";
import { firstOf } from "../../shared/incident/remedies/redeploy.ts";
import type { Reading } from "../../shared/ports/metrics.ts";
import { clock, span } from "../../shared/text/format.ts";
import { deployName } from "../../shared/text/timeline.ts";
import { flippedAgain } from "../people/flipped.ts";
import { notReady, scaledBack } from "../people/scaled.ts";
import { promotedAgain } from "../promoted-again.ts";
import { step, type Work } from "../step.ts";
import { changedRule, ruleNote } from "./changed-rule.ts";
import { figures, withFigures } from "./figures.ts";
import { ineffective } from "./ineffective.ts";
import { noLongerLive } from "./no-longer-live.ts";
import { readQuestions } from "./questions.ts";
import { readAlert } from "./read-alert.ts";
import { stillFiring } from "./still-firing.ts";
import { suppressed } from "./suppressed.ts";
import { climbing } from "./trend.ts";
import { holdFor, waitingFor } from "./wait.ts";
import { wholeCourse } from "./whole-course.ts";

type Deployed = In<"deployed">;

/** deployed → has every alert's own expression been quiet for the hold time, with the fix live and data to show it? */
export const verify = step("verify", ["deployed"], async (work, incident) => {
  const gone = await noLongerLive(work, incident);
  if (gone !== undefined) return gone;
  const promoted = await promotedAgain(work, incident);
  if (promoted !== undefined) return promoted;
  const questions = await readQuestions(work, incident);
  if (questions.length > 0) return { type: "RecordQuestions", questions };
  const service = work.serviceOf(incident.service);
  const holdMs = holdFor(incident.questions, service.verify.holdMs);
  const to = work.clock();
  const from = to - holdMs;
  if (from < incident.deploy.at) return null;
  const undone = (await flippedAgain(work, incident, from)) ?? (await scaledBack(work, incident));
  if (undone !== undefined) return undone;
  const readings = await readAll(work, incident, { from, to });
  const open = await unsettled(work, incident, { readings, from, to });
  if (open !== undefined) return open;
  const unready = await notReady(work, incident);
  if (unready !== undefined) return delay(unready, "fix_not_live");
  const judged = troubles(incident);
  const names = judged.map(({ name }) => name);
  const [values, note, chart] = await Promise.all([
    figures(work, incident, names),
    ruleNote(work, incident),
    wholeCourse(work, incident),
  ]);
  // Another condition of such a rule is over: its first value says nothing about that.
  const shown = values.filter(({ isBad }) => !isBad);
  const told = [withFigures(recovered(incident, names, holdMs), names, shown), overBefore(incident), note];
  return {
    type: "RecordRecovery",
    detail: told.filter((part) => part !== undefined).join("; "),
    ...(chart && { chart }),
    judged,
  };
});

const delay = (detail: string, verdict: Verdict = "still_firing") =>
  ({ type: "Delay", step: "verify", detail, verdict }) as const;

type Window = { from: number; to: number };

const readAll = async (
  { metrics, serviceOf }: Work,
  incident: Deployed,
  window: Window,
): Promise<Reading[]> => {
  const service = serviceOf(incident.service);
  const fired = { from: incident.onsetAt, to: incident.deploy.at };
  const alerts = troubles(incident);
  return Promise.all(
    alerts.map((alert) => {
      const question = incident.questions?.find((one) => one.alert === alert.name);
      return readAlert(metrics, service, {
        ...{ alert, window, question, fired, isOneOfMany: alerts.length > 1 },
      });
    }),
  );
};

/** The reason to wait; undefined when every alert is quiet. */
const unsettled = async (
  work: Work,
  incident: Deployed,
  { readings, from, to }: Window & { readings: Reading[] },
): Promise<Intent | null | undefined> => {
  if (readings.length === 0) return delay("no alert is known to judge by", "telemetry_gone");
  const unknown = readings.find((reading) => reading.result === "unknown");
  if (unknown !== undefined)
    return {
      ...delay(unknown.detail, unknown.verdict ?? "telemetry_gone"),
      ...(unknown.failed && { failed: unknown.failed }),
    };
  const isQuiet = readings.every((reading) => reading.result === "quiet" && reading.since <= from);
  if (isQuiet) {
    const climbs = await climbing(work, incident, { from: incident.deploy.at, to });
    return climbs === undefined ? undefined : { ...delay(climbs.detail), until: climbs.until };
  }
  const firing = readings.find((reading) => reading.result === "firing");
  const found = firing === undefined ? undefined : await findingOf(work, incident, firing);
  if (found !== undefined) return { ...delay(found.detail, found.verdict), until: found.until };
  // A remedy that ended one of several alerts had an effect, and people decide.
  const isUnchanged = readings.every((reading) => reading.result === "firing");
  const names = troubles(incident).map(({ name }) => name);
  const vain = isUnchanged ? await ineffective(work, incident, names) : undefined;
  if (vain !== undefined) return vain;
  // An inconclusive reading from before does not hold any more.
  const which = await stillFiring(work, incident, readings);
  if (which !== undefined) return { ...delay(which.detail), ...(which.news && { news: which.news }) };
  return incident.delay === undefined ? null : delay("not quiet for long enough yet");
};

type Firing = Extract<Reading, { result: "firing" }>;
type Finding = { detail: string; verdict: Verdict; until?: number | undefined };

/** The finding about an alert that still fires: muted, its rule changed, or its rule looks back. */
const findingOf = async (
  work: Work,
  incident: Deployed,
  { verdict, detail, until }: Firing,
): Promise<Finding | undefined> => {
  if (verdict !== undefined && detail !== undefined) return { verdict, detail, until };
  const hidden = await suppressed(work, incident);
  if (hidden !== undefined) return hidden;
  const changed = await changedRule(work, incident);
  if (changed !== undefined) return changed;
  const waits = waitingFor(incident, work.clock());
  return waits === undefined ? undefined : { verdict: "still_firing", detail: waits };
};

const recovered = (incident: Deployed, names: string[], holdMs: number): string =>
  `${names.join(", ")} ${names.length === 1 ? "was" : "were"} quiet for ${span(holdMs)} with ${liveNow(incident)}`;

/** A trouble that went away without the fix may come back with it. */
const overBefore = (incident: Deployed): string | undefined => {
  const end = endedWithoutFix(incident);
  if (end === undefined) return undefined;
  const told = `the last alert ended at ${clock(end.at)} already, before`;
  return end.before === "merge"
    ? `${told} the merge, so the fix did not end it`
    : `${told} the deploy of the fix, which was told at ${clock(incident.deploy.since ?? incident.deploy.at)} first`;
};

const liveNow = ({ fix, referral, remedy, redeploy, deploy, revertLive }: Deployed): string => {
  if (fix?.kind === "deploy") return "the revert live again";
  if (fix !== undefined) return `it done by people (${fix.detail})`;
  if (referral !== undefined) return `${referral.to} over`;
  const first = remedy && firstOf(remedy);
  if (first === undefined || redeploy?.id === undefined || deploy.sha !== first.sha)
    return `${remedy?.kind === "scale" ? "the new scale" : "the revert"} live`;
  return revertLive === undefined
    ? `${deployName(first)} live again (the revert behind it is merged, and live with the next deploy)`
    : `${deployName(first)} live again, and then the revert behind it, since ${clock(revertLive.at)}`;
};
