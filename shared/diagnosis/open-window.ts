import { isNamed, type Live, liveOf } from "./deployed.ts";
import { tiesOf } from "./evidence/metric-at-deploy.ts";
import { type Case, isMeasured } from "./model.ts";
import { type Onset, slackMs } from "./onset/onset.ts";
import { shortlist } from "./ranking/shortlist.ts";
import { openWindow, type Window } from "./ranking/window.ts";

/** Words that alerting rules are made of. */
const everyAlert = `high low above below ratio minutes seconds last production prod staging service services alertname severity labels
  annotations summary description runbook dashboard firing resolved value namespace cluster environment request requests page critical info`;

/** What was live at the onset, as features see it. */
export const look = (
  given: Case,
  onset: Onset,
  live = liveOf(given),
): { window: Window; live: Map<string, Live> } => {
  const tieTo = tiesOf(given, onset);
  const aged = given.commits.flatMap((commit) => {
    const known = live.get(commit.sha);
    if (known === undefined) return [];
    const before = Math.max(0, onset.at - known.at);
    live.set(commit.sha, { ...known, before });
    if (tieTo(known) !== undefined) return [{ commit, age: slackMs }];
    // Metrics are sampled and alerts wait: which deploy of the last minutes was the last tells nothing.
    return [{ commit, age: known.by === "deploy" ? Math.max(slackMs, before) : before }];
  });
  const { symptom } = onset;
  const commits = shortlist(aged, symptom);
  return {
    window: openWindow({
      commits,
      symptom,
      servicePaths: placesOf(given),
      ignored: `${given.service} ${given.servicePaths === undefined || isMeasured(given) ? everyAlert : ""}`,
    }),
    live,
  };
};

/**
 * The service's paths, and wherever else in the repository its name or that of one it depends on stands in a path: values, manifests,
 * and where the trouble may come from though it hurts here.
 */
const placesOf = ({ service, servicePaths = [], dependsOn = [], commits }: Case): string[] => {
  if (servicePaths.length === 0 || service === "") return servicePaths;
  const names = [service, ...dependsOn];
  const found = commits.flatMap(({ paths }) =>
    paths.slice(0, maxPaths).flatMap((path) => {
      const parts = path.split("/");
      const at = parts.findIndex((part) => names.some((name) => isNamed(part, name)));
      return at < 0 ? [] : [parts.slice(0, at + 1).join("/")];
    }),
  );
  return [...new Set([...servicePaths, ...found])];
};
const maxPaths = 60;
