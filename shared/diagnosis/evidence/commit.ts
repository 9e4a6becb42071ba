import type { Commit } from "../../ports/history.ts";
import { clock, span } from "../../text/format.ts";
import { isInert, isStyling, isTooling } from "../file-kinds.ts";
import { isNamed, ownersOf } from "../in-production/at-onset.ts";
import type { Live } from "../in-production/live.ts";
import { alertText, type Case, type Evidence, isWatched, type Origin } from "../model.ts";
import { frequentErrors, isErrorLevel } from "../onset/log-patterns.ts";
import type { Onset } from "../onset/onset.ts";
import { words } from "../ranking/tokens.ts";

export type Seen = { commit: Commit; live: Live };

/**
 * Evidence against changes that can hardly break a running service, such as tests and CI. Reverts of tests and of CI are in the fitted
 * data, alerts on them are not.
 */
export const byKind = ({ commit }: Seen, given: Case): Evidence[] => {
  if (!given.alerts.some(({ name }) => name !== "") && !isWatched(given)) return [];
  if (commit.files?.length === 0) return [{ weight: -6, reason: "changes no file" }];
  if (isInert(commit.paths)) return [{ weight: -4, reason: "touches only documentation, tests or CI" }];
  if (isTooling(commit.paths))
    return [{ weight: -4, reason: "touches only settings of linters and editors" }];
  if (isCommentOnly(commit.patch)) return [{ weight: -4, reason: "changes only comments" }];
  if (commit.paths.length > 0 && commit.paths.every((path) => isInert([path]) || runsElsewhere(path, given)))
    return [{ weight: -3, reason: "touches only what runs elsewhere: staging, development or dashboards" }];
  if (commit.paths.length > 0 && commit.paths.every((path) => isInert([path]) || watching.test(path)))
    return [{ weight: -3, reason: "touches only what watches: alerts, probes or runbooks" }];
  return isStyling(commit) && !words(alertText(given.alerts)).some((word) => aboutTexts.has(word))
    ? [{ weight: -3, reason: "touches only translations and styles" }]
    : [];
};
const nonProductionPath =
  /(^|[/_.-])(staging|stage|dev|development|sandbox|qa|uat|dashboards?|grafana)([/_.-]|$)/i;
/** A folder that is a service's own runs, whatever it is called: `services/dashboard-api/` of `dashboard-api`. */
const runsElsewhere = (path: string, { service, dependsOn = [], deploys, folders = [] }: Case): boolean => {
  const own = folders.find((folder) => path.startsWith(folder)) ?? "";
  const isService = (part: string): boolean =>
    [service, ...dependsOn, ...deploys.map((deploy) => deploy.service)].some(
      (name) => name !== "" && isNamed(part, name),
    );
  return path
    .slice(own.length)
    .split("/")
    .some((part) => nonProductionPath.test(part) && !isService(part));
};
/** Alerting rules and probes run beside a service and not in it. */
const watching =
  /(^|\/)(alerts?|alerting|[\w-]*rules?|probes?|monitoring|runbooks?)(\/.*)?\.(ya?ml|json|libsonnet|tf|md)$/i;

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
        words: "about",
        reason: `changes ${named}, which the new errors of ${blamed.service || "the service"} name`,
      },
    ];
  if (origin !== undefined && owners.includes(origin))
    return [
      {
        weight: origin === given.service ? 0.3 : 1.4,
        words: "about",
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
    return [
      {
        weight: 1.8,
        words: "about",
        reason: `changes ${of.service}, where the new errors were logged first`,
      },
    ];
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
