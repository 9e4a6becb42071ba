import type { Commit } from "../../ports/history.ts";
import { amounts, clock, span } from "../../text/format.ts";
import { reportMs } from "../candidates/live.ts";
import { isNamed, type Live, ownersOf } from "../deployed.ts";
import { isInert, isStyling } from "../file-kinds.ts";
import { alertText, type Case, type Evidence, isWatched, type Origin } from "../model.ts";
import type { Shift } from "../onset/change-point.ts";
import { frequentErrors, isErrorLevel } from "../onset/log-patterns.ts";
import { type Onset, slackMs } from "../onset/onset.ts";
import { isHealth } from "../onset/signals.ts";
import { words } from "../ranking/tokens.ts";

type Seen = { commit: Commit; live: Live };

/**
 * Evidence against changes that can hardly break a running service, such as tests and CI. Reverts of tests and of CI are in the fitted
 * data, alerts on them are not.
 */
export const byKind = ({ commit }: Seen, given: Case): Evidence[] => {
  if (!given.alerts.some(({ name }) => name !== "") && !isWatched(given)) return [];
  if (commit.files?.length === 0) return [{ weight: -6, reason: "changes no file" }];
  if (isInert(commit.paths)) return [{ weight: -4, reason: "touches only documentation, tests or CI" }];
  if (isCommentOnly(commit.patch)) return [{ weight: -4, reason: "changes only comments" }];
  if (commit.paths.length > 0 && commit.paths.every((path) => runsElsewhere(path, given)))
    return [{ weight: -3, reason: "touches only what runs elsewhere: staging, development or dashboards" }];
  return isStyling(commit) && !words(alertText(given.alerts)).some((word) => aboutTexts.has(word))
    ? [{ weight: -3, reason: "touches only translations and styles" }]
    : [];
};
const nonProductionPath =
  /(^|[/_.-])(staging|stage|dev|development|sandbox|qa|uat|dashboards?|grafana)([/_.-]|$)/i;
/** A folder that is the service's own runs, whatever it is called: `services/dashboard-api/` of `dashboard-api`. */
const runsElsewhere = (path: string, { service, folders = [] }: Case): boolean => {
  const own = folders.find((folder) => path.startsWith(folder)) ?? "";
  return path
    .slice(own.length)
    .split("/")
    .some((part) => !(service !== "" && isNamed(part, service)) && nonProductionPath.test(part));
};
/** Words of an alert that translations and styles can cause. */
const aboutTexts = new Set(
  words(
    "css layout style translation untranslated locale localization localisation font rendering wording spelling colour color logo icon",
  ),
);

const comment = /^$|^(\/\/|#(?!include|define|if|else|end|!)|\*|\/\*|--\s|<!--)/;
/** Whether every line that a patch adds or removes is blank or a comment. */
const isCommentOnly = (patch = ""): boolean => {
  const changed = patch
    .slice(0, 20_000)
    .split("\n")
    .filter((line) => /^[-+](?![-+]{2})/.test(line));
  return changed.length > 0 && changed.every((line) => comment.test(line.slice(1).trim()));
};

const hour = 3_600_000;
const longLive = 3.5;

/** Deploys on record show for how long a change ran well. */
export const byDeploy = ({ live }: Seen, { deploys }: Case, { at }: Onset): Evidence[] => {
  const ran = at - live.at;
  if (deploys.length === 0 || ran < hour) return [];
  const weight = -Math.min(longLive, 0.3 * Math.log2(ran / hour));
  return [{ weight, reason: `had been live for ${span(ran)} when the trouble began`, measured: true }];
};

/** A rollout that failed or hangs is a measurement: its changes are the first to look at. */
export const byRollout = ({ live }: Seen): Evidence[] =>
  live.rollout === undefined
    ? []
    : [
        {
          weight: 3,
          reason: `its rollout at ${clock(live.reportedAt ?? live.at)} ${live.rollout === "failed" ? "failed" : "has not ended"}`,
          always: true,
          measured: true,
        },
      ];

/** A build and a rollout take this long nearly everywhere. */
const rollout = 3 * 60_000;
/** A change that landed just before a measured shift was hardly live by then, where no deploys are on record. */
export const byLanding = ({ live }: Seen, given: Case, { at }: Onset): Evidence[] => {
  if (live.by !== "landing" || !isWatched(given) || at === given.onsetAt || at - live.at > rollout) return [];
  const when = at > live.at ? `only ${span(at - live.at)} before` : `${span(live.at - at)} after`;
  return [
    { weight: -2, reason: `landed ${when} the trouble began, and was hardly live by then`, measured: true },
  ];
};

/** A metric that steps this soon after the only deploy of a day is the strongest evidence there is. */
const stepMs = 10 * 60_000;
const stepAfterOnlyDeploy = 1.8;
const stepUsually = 0.3;

/** How sure it is that a rollout had begun at the onset: the later its report, the less, where its beginning was not told. */
const certaintyOf = ({ reportedAt, beganAt }: Live, onsetAt: number): number =>
  reportedAt === undefined || beganAt !== undefined
    ? 1
    : Math.max(0, 1 - (reportedAt - onsetAt) / reportMs.succeeded);

/** The metric that moved, told once with its values; it speaks for what went live just before, and against what came after. */
export const byMetric = (
  { live }: Seen,
  { shifts, at, watched }: Onset,
  { isOnlyDeploy, service, alerting }: { isOnlyDeploy: boolean; service: string; alerting: string },
): Evidence[] => {
  const of = (name: string) => (shift: Shift) =>
    !shift.load && (shift.service === name || shift.service === "");
  const isWatchedItself = watched.some((series) => series.service === service && isHealth(series));
  const shift =
    shifts.find(of(service)) ??
    (isWatchedItself ? undefined : (shifts.find(of(alerting)) ?? shifts.find(({ load }) => !load)));
  if (shift === undefined) return [];
  const before = shift.at - live.at;
  const [was, is] = amounts([shift.before, shift.after], shift.metric);
  const whose = shift.service === alerting || shift.service === "" ? "" : ` of ${shift.service}`;
  const moved = `${shift.metric}${whose} ${was} → ${is} at ${clock(shift.at)}`;
  const came = live.by === "deploy" ? "went live" : "landed";
  const after =
    live.reportedAt === undefined
      ? `${span(Math.max(0, before))} after it went live`
      : "as it was rolled out";
  if (before < -slackMs)
    return [{ weight: -4, reason: `${moved}, ${span(-before)} before it ${came}`, measured: true }];
  if (live.by === "landing")
    return [{ weight: 0, reason: `${moved}, ${span(Math.max(0, before))} after it landed`, always: true }];
  return at - live.at > 6 * 3_600_000
    ? []
    : [
        {
          weight:
            isOnlyDeploy && before < stepMs
              ? Math.max(stepUsually, stepAfterOnlyDeploy * certaintyOf(live, at))
              : stepUsually,
          reason: `${moved}, ${after}`,
          always: true,
          measured: true,
          timing: "step",
        },
      ];
};

type Placed = { given: Case; services: string[]; onset: Onset; isWorst: (services: string[]) => boolean };
/** Evidence by the services that a commit's paths name, against the service that alerts and the services with new errors. */
export const byService = (
  { commit }: Seen,
  { given, services, onset: { patterns }, isWorst }: Placed,
): Evidence[] => {
  const owners = ownersOf(commit, services);
  if (owners.length === 0) return [];
  const named = owners.join(", ");
  const origin = patterns.find(isErrorLevel)?.service;
  const blamed = frequentErrors(patterns).find(({ service, text }) =>
    owners.some((owner) => owner !== service && names(text, owner)),
  );
  if (blamed !== undefined && !owners.includes(given.service))
    return [
      {
        weight: 1.6,
        reason: `changes ${named}, which the new errors of ${blamed.service || "the service"} name`,
      },
    ];
  if (origin !== undefined && owners.includes(origin))
    return [
      {
        weight: origin === given.service ? 0.3 : 1.4,
        reason: `changes ${named}, where the new errors were logged first`,
      },
    ];
  if (owners.includes(given.service))
    return [{ weight: 0, reason: `changes ${named}, the service that alerts` }];
  if ((given.dependsOn ?? []).some((service) => owners.includes(service)))
    return [{ weight: -0.5, reason: `changes ${named}, which ${given.service || "the service"} depends on` }];
  if (isWorst(owners)) return [];
  const ours = given.service || "the service";
  return (given.dependsOn ?? []).length === 0
    ? [{ weight: -2, reason: `changes ${named}, which ${ours} is not known to depend on` }]
    : [{ weight: -3.5, reason: `changes ${named}, which ${ours} does not depend on` }];
};

const names = (text: string, service: string): boolean =>
  service.length > 2 &&
  new RegExp(`(?<![\\w-])${service.replace(/[.\\]/g, "\\$&")}(?![\\w-])`, "i").test(text);

/** A change of a service that this one depends on: half as likely as its own, unless new errors began there. */
export const byOrigin = ({ of }: Origin, given: Case, { patterns }: Onset): Evidence[] => {
  if (of === undefined) return [];
  if (patterns.find(isErrorLevel)?.service === of.service)
    return [{ weight: 1.8, reason: `changes ${of.service}, where the new errors were logged first` }];
  return [
    { weight: -0.7, reason: `changes ${of.service}, which ${given.service || "the service"} depends on` },
  ];
};

/** Every service that a case knows of. */
export const servicesOf = ({ service, dependsOn = [], deploys, logs = [], series = [] }: Case): string[] =>
  [
    ...new Set([
      service,
      ...dependsOn,
      ...[...deploys, ...logs.slice(0, 5000), ...series].map((one) => one.service),
    ]),
  ].filter((name) => name !== "");
