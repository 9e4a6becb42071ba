import { bugsIn, type Mutant } from "../mutant.ts";

const loop = ["loop/redeploy", "field/redeploy"];
const inState = bugsIn("shared/incident/remedies/redeploy.ts", [
  "incident/redeploy",
  "text/redeploy",
  ...loop,
]);
const inFirst = bugsIn("functions/redeploy/first.ts", loop);
const inEnvironment = bugsIn("functions/redeploy/environment.ts", loop);
const inDeploys = bugsIn("shared/remedy/redeploy/deploys.ts", ["remedy/redeploy", ...loop]);

export const redeploy: Mutant[] = [
  inState(
    "redeploy?.of === pullKey(incident.remedy) && redeploy.end?.how",
    "redeploy !== undefined && redeploy.end?.how",
  ),
  inState(' && redeploy.end?.how !== "unknown"'),
  inState(' || how === "held_back"'),
  inState("redeploy === undefined || isTried(incident, redeploy)", "redeploy === undefined"),
  inState(" || incident.redeploy !== undefined) return [];\n  if (firstOf", ") return [];\n  if (firstOf"),
  inState("at + deployMs + stepMs", "at + deployMs"),
  inState("  return revertLive === undefined && firstOf", "  return firstOf"),
  inState('isActive(incident) || incident.status === "escalated"', "isActive(incident)"),
  bugsIn("shared/incident/decide/live.ts", ["incident/redeploy"])(
    "  if (sha === incident.deploy?.sha) return [];\n",
  ),
  bugsIn("shared/incident/decide/alerts.ts", ["incident/guards"])(
    "incident.merge !== undefined && incident.fix === undefined;",
    "incident.merge !== undefined;",
  ),
  inFirst('  if (error.system === "switch") return ended(first, "held_back", error.message);\n'),
  inFirst("error.retryable && !isTooLong", "error.retryable"),
  inFirst("(here, redeploy).catch(refusal({ isTooLong }))", "(here, redeploy)"),
  inFirst("redeploys.workflow(place, tool).catch(refusal())", "redeploys.workflow(place, tool)"),
  inFirst("    if (sinceMs < listedMs) return waits(`the redeploy was ordered, and ${why} yet`);\n"),
  inFirst("!isSame || !reaches(service, incident.environment)", "!isSame"),
  inFirst("    (await deployingNow(work, incident, deploys)) ??\n"),
  bugsIn("functions/redeploy/offer.ts", loop)("  if (deploying !== undefined) return cannot(deploying);\n"),
  bugsIn("functions/redeploy/offer.ts", loop)("replacedAt(done, former) ?? live.at", "live.at"),
  inEnvironment("environments.includes(environment) && "),
  inEnvironment(" && redeploy.end === undefined"),
  inDeploys(" || now - at >= withinMs"),
  inDeploys('other.status === "succeeded" || '),
  inDeploys("other.sha === sha", "true"),
  bugsIn("shared/adapters/github/redeploys.ts", ["adapters/github/redeploys"])(
    "listed.find((run) => run.display_title?.includes(id))",
    "listed[0]",
  ),
];
