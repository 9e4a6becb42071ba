import { bugsIn, type Mutant } from "../mutant.ts";

const decide = ["incident/guards", "incident/decide", "incident/properties"];
const loop = ["loop/loop"];
const inAlerts = bugsIn("shared/incident/decide/alerts.ts", [...decide, ...loop]);
const inRecovery = bugsIn("shared/incident/decide/alerts.ts", ["field/self-recovery"]);
const inClasses = bugsIn("shared/incident/alerts/alerts.ts", [...decide, "receivers/alerts"]);
const inProcess = bugsIn("shared/process.ts", ["loop/process", ...loop]);

export const alerts: Mutant[] = [
  inAlerts(
    "isUntouched(incident, at) && !incident.truncated && !firing(incident.alerts);",
    "isUntouched(incident, at) && !incident.truncated;",
  ),
  inAlerts(
    "isUntouched(incident, at) && !incident.truncated && !firing(incident.alerts);",
    "isUntouched(incident, at) && !firing(incident.alerts);",
  ),
  inAlerts("isActive(incident) && isUntouched(incident, at) && ", "isActive(incident) && "),
  inAlerts("isQuiet(incident, at) && !mayGoOn(incident.turns, at);", "isQuiet(incident, at);"),
  inRecovery("if (mayGoOn(incident.turns, at)) return true;"),
  inRecovery("incident.delay === undefined && at < incident.due + approvalMs;", "false;"),
  inRecovery("(incident.overtaken === undefined || at >= incident.due)", "true"),
  inAlerts('fresh.filter((alert) => latestOf(known, alert)?.status === "firing")', "fresh.concat(resolved)"),
  inAlerts(
    "if (resolved.length === 0 || truncated || isAskedAbout(incident)) return [];",
    "if (resolved.length === 0 || isAskedAbout(incident)) return [];",
  ),
  inAlerts(
    'incident.status === "escalated" && !incident.truncated && !firing(incident.alerts);',
    'incident.status === "escalated" && !firing(incident.alerts);',
  ),
  inClasses("instant !== undefined && instant <= at + day", "instant !== undefined"),
  inClasses('later > 0 || (later === 0 && last.status === "firing")', "later > 0"),
  inClasses("Math.min(at, Math.max(at - day, Math.min(", "Math.min(at, Math.max(0, Math.min("),
  inClasses("[...all.filter((alert) => !isFiring(alert)), ...all.filter(isFiring)]", "all"),
  inClasses("isFiring(alert) && firingCount >= maxAlerts", "firingCount > 1e9"),
  inProcess(
    "      if (!(error instanceof ConflictError) || attempt >= attempts || clock() - began >= contendMs)\n        throw error;",
    "      throw error;",
  ),
  inProcess("  if (!serves(step, incident)) return undefined;\n"),
  inProcess("error instanceof UpstreamError && !error.retryable)", "error instanceof UpstreamError)"),
  inProcess(
    "  const queued = oneAtATime();",
    "  const queued = <T>(_: string, work: () => Promise<T>) => work();",
  ),
  inProcess("attempt++, stored = undefined)", "attempt++)", ["loop/stored"]),
  inAlerts(
    'resolved.length > 0 ? [{ type: "AlertsResolved"',
    'resolved.length > 1 ? [{ type: "AlertsResolved"',
  ),
  inAlerts("  if (opening.length === 0) return [...ended,", "  if (fresh.length === 0) return [...ended,"),
  inAlerts(
    '  if (incident.status !== "escalated" || incident.truncated || truncated) return [];',
    '  if (incident.status !== "escalated" || incident.truncated) return [];',
  ),
  inAlerts(
    "firing(known) || isAskedAbout(incident)) return [];\n  return [late",
    "isAskedAbout(incident)) return [];\n  return [late",
  ),
  inAlerts(
    "if (!isActive(incident) || !incident.truncated) return [];",
    "if (!isActive(incident)) return [];",
  ),
  inAlerts("  if (countsIn(incident, { id: origin, round: originRound })) return [];\n", "", [
    "limits/cause",
    "ordinary/lifecycle",
  ]),
];
