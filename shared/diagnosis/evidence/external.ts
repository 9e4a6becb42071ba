import type { Commit } from "../../ports/history.ts";
import { amounts, clock, figure, span } from "../../text/format.ts";
import { alertText, type Case, type Evidence } from "../model.ts";
import { isLoad, type Shift } from "../onset/change-point.ts";
import {
  type ExternalCause,
  externalCause,
  foreignHost,
  foreignLabel,
  isMachineMetric,
  namesOther,
  outsideEvent,
  tenantOf,
} from "../onset/external-causes.ts";
import { frequentErrors, isErrorLevel, knownTo, othersOf } from "../onset/log-patterns.ts";
import { type Onset, slackMs } from "../onset/onset.ts";
import { changedLines } from "../ranking/changed-lines.ts";

const minute = 60_000;
const weights = { frequent: 5, once: 4, noise: 2, alert: 3.5, load: 4, able: 0.7 };
/** Evidence for a cause outside the commits: load, a certificate, a node, an upstream. */
export const externalEvidence = (given: Case, onset: Onset, named: NamedCause | undefined): Evidence[] => [
  ...loads(given, onset),
  ...causes(named),
  ...(named === undefined ? [...events(onset), ...foreignHosts(given, onset), ...tenants(onset)] : []),
  ...machines(onset),
];

/** The factor by which load must rise, and how close to the onset. A later rise may be retries, which are not a cause. */
const rise = { factor: 1.4, before: 15 * minute, after: slackMs };
const loads = (given: Case, onset: Onset): Evidence[] =>
  risenLoads(given, onset)
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: weights.load,
      reason: `${metric} of ${service || "the service"} ${figure(before)} → ${figure(after)} at ${clock(moved)}: more came in`,
    }));

/** Load from outside that rose as the trouble began. */
const risenLoads = (given: Case, { shifts, watched, at }: Onset): Shift[] => {
  const risen = shifts.filter(
    ({ metric, load, before, after, at: moved }) =>
      load &&
      after > rise.factor * before &&
      moved > at - rise.before &&
      moved < at + rise.after &&
      !isFromWithin(metric, given),
  );
  // A service that is called more often while its caller is not is called more often by the caller's own doing.
  const isOwn = ({ service }: { service: string }): boolean => [given.service, ""].includes(service);
  const knowsOwn = watched.some((series) => isOwn(series) && isLoad(series));
  return knowsOwn && !risen.some(isOwn) ? risen.filter(({ service }) => !isCalled(service, given)) : risen;
};

const isCalled = (service: string, { dependsOn = [] }: Case): boolean => dependsOn.includes(service);

/** Lines that make others ask more often: the times of caches, retries, polling, and the pages that robots may read. */
const asksMore =
  /^[-+].*(cache-?_?control|s-?max-?_?age|no-?_?store|no-?_?cache|\bvary\b|e-?tag\b|\bttl|\bcdn|surrogate|prefetch|preload|poll|interval|refresh|retr(y|ies)|attempts?\b|backoff|reconnect|heartbeat|keep-?_?alive|robots|noindex|disallow|beacon|debounce|webhook|hash_data|cache_?key|setInterval)/im;
/** Caches empty and clients reload within minutes of a deploy; later the rise is less likely to be its doing. */
const follows = { soon: 10 * minute, late: 60 * minute };

/** A change of how often clients ask can itself bring the load that rose after it went live. */
export const broughtLoad = (given: Case, onset: Onset): ((commit: Commit, since: number) => Evidence[]) => {
  const [load] = risenLoads(given, onset);
  return ({ title, patch = "" }, since) => {
    const gap = load === undefined ? -1 : load.at - since;
    if (gap < 0 || gap > follows.late || !asksMore.test(`+${title}\n${changedLines(patch).slice(0, 20_000)}`))
      return [];
    return [
      {
        weight: weights.load * weights.able * (gap > follows.soon ? 0.5 : 1),
        words: "able",
        reason: `more came in from ${clock(load?.at ?? 0)} on, ${span(gap)} after it went live, and it changes how often clients ask`,
        measured: true,
      },
    ];
  };
};

const clientLabel = /\b(?:client|caller|consumer|source|origin)(?:_\w+)?="([^"]{1,80})"/i;
/** Whether the calls are those of one service of the system: its change may make more of them, so they clear no change. */
const isFromWithin = (metric: string, given: Case): boolean => {
  const client = clientLabel.exec(metric)?.[1];
  return client !== undefined && [given.service, ...othersOf(given)].includes(client);
};

const machines = ({ shifts, at }: Onset): Evidence[] =>
  shifts
    .filter(({ metric, at: moved }) => isMachineMetric(metric) && Math.abs(moved - at) < rise.before)
    .slice(0, 1)
    .map(({ metric, service, before, after, at: moved }) => ({
      weight: 4,
      reason: `${metric} of ${service || "the service"} ${figure(before)} → ${figure(after)} at ${clock(moved)}: a machine or its provider`,
    }));

/** The cause outside the code that the errors, or else the alerts, speak of. */
export type NamedCause = { cause: ExternalCause; text: string; service?: string; weight: number };

export const namedCause = (given: Case, { patterns }: Pick<Onset, "patterns">): NamedCause | undefined => {
  const frequent = new Set(frequentErrors(patterns));
  const errors = patterns.filter(isErrorLevel);
  const most = errors.reduce((top, { count }) => Math.max(top, count), 0);
  for (const pattern of [...frequent, ...errors]) {
    const cause = externalCause(`${pattern.text} ${pattern.fields ?? ""}`, knownTo(pattern.service, given));
    if (cause === undefined) continue;
    const isFrequent = frequent.has(pattern) && pattern.count * 2 >= most;
    const weight = isFrequent ? weights.frequent : cause.noisy === true ? weights.noise : weights.once;
    return { cause, text: pattern.text, service: pattern.service, weight };
  }
  const text = alertText(given.alerts);
  const cause = externalCause(text, othersOf(given));
  if (cause === undefined || (cause.own === true && !namesOther(text, given.service))) return undefined;
  return { cause, text, weight: weights.alert };
};

/** A change of the named thing itself can also cause these errors. */
export const byAbility = (commit: Commit, named: NamedCause | undefined): Evidence[] =>
  named?.cause.can?.(commit) === true
    ? [
        {
          weight: named.weight * weights.able,
          words: "able",
          reason: `the errors speak of ${named.cause.what}, and it changes that`,
        },
      ]
    : [];

const causes = (named: NamedCause | undefined): Evidence[] =>
  named === undefined
    ? []
    : [
        {
          weight: named.weight,
          reason:
            named.service === undefined
              ? `the alert speaks of ${named.cause.what}`
              : `a new log line of ${named.service || "the service"} speaks of ${named.cause.what}: “${named.text.slice(0, 100)}”`,
        },
      ];

const events = ({ patterns }: Onset): Evidence[] =>
  patterns
    .flatMap(({ text, service }) => {
      const what = outsideEvent(text);
      return what === undefined ? [] : [{ what, text, service }];
    })
    .slice(0, 1)
    .map(({ what, text, service }) => ({
      weight: 4,
      reason: `a new log line of ${service || "the service"} speaks of ${what}: “${text.slice(0, 100)}”`,
    }));

/** Evidence that calls of a host outside the system moved, whatever was changed here: by a metric's labels, or by the alert's own. */
const foreignHosts = (given: Case, onset: Onset): Evidence[] => {
  const moved = movedHosts(onset);
  return moved.length > 0 ? moved : labelledHosts(given);
};

const labelledHosts = ({ alerts, rules = [] }: Case): Evidence[] =>
  alerts
    .flatMap(({ name, labels }) => {
      const metrics = rules.filter(({ alert }) => alert === name).flatMap((rule) => rule.metrics);
      return foreignLabel(labels, metrics) ?? [];
    })
    .slice(0, 1)
    .map((host) => ({ weight: 3, reason: `the alert watches calls to ${host}` }));

const movedHosts = ({ shifts, at }: Onset): Evidence[] =>
  shifts
    .flatMap((shift) => {
      const host = foreignHost(shift.metric);
      return host === undefined || Math.abs(shift.at - at) > rise.before ? [] : [{ ...shift, host }];
    })
    .slice(0, 1)
    .map(({ host, before, after, metric, at: moved }) => {
      const [was, is] = amounts([before, after], metric);
      return { weight: 3, reason: `calls of ${host} ${was} → ${is} at ${clock(moved)}: its side moved` };
    });

const tenants = ({ shifts, at }: Onset): Evidence[] =>
  shifts
    .flatMap((shift) => {
      const tenant = tenantOf(shift.metric);
      return tenant === undefined || Math.abs(shift.at - at) > rise.before ? [] : [{ ...shift, tenant }];
    })
    .slice(0, 1)
    .map(({ tenant, before, after, at: moved }) => ({
      weight: 3,
      reason: `only ${tenant} ${figure(before)} → ${figure(after)} at ${clock(moved)}: the load of one tenant`,
    }));
