import type { Alert, Owner } from "../incident/model.ts";
import type { Earlier } from "../incident/rounds/earlier.ts";
import type { Commit } from "../ports/history.ts";
import type { LogLine } from "../ports/logs.ts";
import type { Opinion } from "../ports/opinions.ts";
import type { ChangeSet } from "./candidates/change-sets.ts";
import type { Rollout } from "./candidates/rollouts.ts";

export type { LogLine } from "../ports/logs.ts";

/** One metric of a service: points are [epoch ms, value]. `alert` names the alert whose own expression it is. */
export type Series = {
  service: string;
  metric: string;
  points: [number, number][];
  alert?: string;
  /** Which version it is of, by each label that may tell; absent when it is of all of them. */
  versions?: Record<string, string>;
  /** Whether the series counts incoming work; when absent, the metric's name decides. */
  load?: true;
};
/** A feature flag flipped. `url` is where people find it. */
export type Flip = { at: number; service: string; flag: string; change: string; url?: string };

/** A rule of an alert: its templates with `{{ }}`, the metrics that it reads, and the values that it selects them by. */
export type AlertRule = {
  alert: string;
  templates: string[];
  metrics: string[];
  selected: string[];
  /** Its templates are made from texts of its alerts, for the rule could not be read. */
  isLearned?: true;
};

/** Changes outside the service's own repository: in its GitOps repository, or of a service that it depends on. */
export type Elsewhere = Pick<Case, "commits" | "history" | "deploys" | "changeSets"> & Origin;
/** The repository of a commit outside the service's own; `service` is the service that it went live with. */
export type Origin = { service: string; in?: "gitops"; repository?: string; of?: Owner };

/** A team's own calibration, fitted on its history: the log-odds of the first suspect times `scale`, plus `shift`. */
export type Calibration = { scale: number; shift: number };

/** The opinion of a language model, after it was checked. `model` gave it, and no change is raised by it to `bar` or over it. */
export type SecondOpinion = Opinion & { model: string; bar: number };

/** Everything a ranking may look at. The author of a commit is not part of it. */
export type Case = {
  service: string;
  alerts: Alert[];
  onsetAt: number;
  commits: Commit[];
  /** Every sha of the branch, newest first. */
  history: string[];
  /** The deploys of the service and of those it depends on. */
  deploys: Rollout[];
  /** The change set of each deploy by ancestry, where it was read; then `history` does not decide which commits are live. */
  changeSets?: ChangeSet[];
  /** The paths of the service's files; absent when all commits are its own. */
  servicePaths?: string[];
  dependsOn?: string[];
  elsewhere?: Elsewhere[];
  /** Bumps in the GitOps repository, with what they brought. */
  bumps?: BumpedCommits[];
  /** The rules of the alerts, as far as they are known. */
  rules?: AlertRule[];
  /** Sources that could not be read, in plain sentences. */
  unread?: string[];
  logs?: LogLine[];
  series?: Series[];
  flags?: Flip[];
  /** The folders that the service is configured with: their names say where, not what. */
  folders?: string[];
  /** Commits that Countersteer merged itself, by its own log. */
  ours?: string[];
  /** The bar of the mode `auto`: words alone carry no change over it. */
  textBar?: number;
  /** The bar from which a remedy is proposed: a change that reaches it by words alone still does below the other bar. */
  proposedFrom?: number;
  /** The policy's share of troubles that changes cause. */
  changePrior?: number;
  /** The policy's calibration. */
  calibration?: Calibration;
  opinion?: SecondOpinion;
  /**
   * Rounds before this one with the same alerts, the latest first; `culprit` is the change that was taken back. `without`: the deploy that
   * runs now, when it does not hold the revert.
   */
  earlier?: (Earlier & { culprit?: Commit; without?: { sha: string; at: number } })[];
};

/** Whether logs or metrics were looked at. Traffic does not count: it points at no commit. */
export const isWatched = ({ logs = [], series = [] }: Case): boolean =>
  logs.length + series.filter(({ load }) => load !== true).length > 0;

/** Whether anything beside the commits is known: then it is an incident as it was seen, not an account that people wrote of it. */
export const isMeasured = (given: Case): boolean => isWatched(given) || given.deploys.length > 0;

/**
 * One finding: its weight in log-odds and its sentence. With `always`, the first suspect shows it whatever its weight. `timing` marks
 * evidence that only says when the deploy was: near the onset, or as a metric moved. `place` marks evidence of the services that fare worst.
 * `words` marks evidence that two texts are about the same thing: new log lines, or else names of metrics, kinds of trouble and places, or that a change can make the errors of a cause from outside (`able`).
 * `named` marks a name of code in new log lines that only this change has in its changed lines.
 * `measured` marks evidence from deploy times, metrics or logs, not from words that the sender of an alert could choose.
 */
export type Evidence = {
  weight: number;
  reason: string;
  always?: true;
  measured?: true;
  timing?: "moment" | "step";
  place?: true;
  words?: "log" | "about" | "able";
  named?: true;
};

const maxAlerts = 20;
/** Labels that Prometheus and Kubernetes add and that say where, not what. */
export const locationLabels =
  /^(alertname|severity|environment|env|instance|pod|node|job|cluster|region|zone|namespace|prometheus|replica|endpoint|container_id|uid|team|receiver|monitor|fingerprint)$/i;
const links = /(_url|^runbook|^dashboard|^generator)/i;

/** The alerts' labels that tell what is wrong, not where. */
export const informativeLabels = ({
  alerts,
  service,
}: Pick<Case, "alerts" | "service">): [string, string][] => {
  const found = alerts
    .slice(0, maxAlerts)
    .flatMap(({ labels }) => Object.entries(labels))
    .filter(([key, value]) => !locationLabels.test(key) && key !== "service" && value !== service);
  return [...new Map(found.map((label) => [label.join("="), label])).values()];
};

/** Characters that are read of one text of an alert, and of all. The writer of a rule chooses its length. */
const longest = { text: 2000, all: 20_000 };

/** The alerts' names, informative labels and annotations that are not links, each once. */
export const alertText = (alerts: Alert[]): string =>
  [
    ...new Set(
      alerts.slice(0, maxAlerts).flatMap(({ name, labels, annotations }) => [
        name,
        ...Object.keys(labels)
          .sort()
          .filter((key) => !locationLabels.test(key))
          .map((key) => labels[key] ?? ""),
        ...Object.keys(annotations)
          .sort()
          .filter((key) => !links.test(key))
          .map((key) => annotations[key] ?? ""),
      ]),
    ),
  ]
    .map((text) => text.slice(0, longest.text))
    .join("\n")
    .slice(0, longest.all);

/** A bump in the GitOps repository, and what it brought of the service's own commits where that is known. */
export type BumpedCommits = {
  sha: string;
  /** The GitOps repository, when it is not the service's first. */
  repository?: string;
  title: string;
  /** The application commit that runs since, and those that came with it, the newest first. */
  deployed?: string;
  commits: string[];
  /** The shift as a sentence. */
  text: string;
};
