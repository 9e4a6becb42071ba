import { bugsIn, type Mutant } from "../mutant.ts";

const inPoll = bugsIn("functions/poll.ts", ["receivers/poll"]);
const inDrills = bugsIn("functions/drill/record.ts", ["receivers/drill"]);
const inDrillRoutes = bugsIn("functions/drill/routes.ts", ["receivers/drill"]);
const inOidc = bugsIn("functions/login/oidc.ts", ["receivers/oidc"]);
const inAccess = bugsIn("functions/login/access.ts", ["receivers/oidc"]);
const inSession = bugsIn("functions/login/session.ts", ["receivers/login", "receivers/oidc"]);
const inIssuer = bugsIn("shared/adapters/oidc/oidc.ts", ["receivers/oidc"]);
const inIssuerFetch = bugsIn("shared/adapters/oidc/bounded-fetch.ts", [
  "adapters/no-redirects",
  "receivers/oidc",
]);
const inTraces = bugsIn("functions/diagnose/traces.ts", ["diagnosis/traces"]);
const inSpans = bugsIn("shared/adapters/traces/otlp.ts", ["adapters/traces"]);
const inChart = bugsIn("functions/announce/chart.ts", ["loop/chart"]);
const inRetry = bugsIn("functions/retry.ts", ["field/retry", "receivers/login", "receivers/pages"]);
const inRetried = bugsIn("functions/approval/retry.ts", ["receivers/slack-commands"]);

/** Polling, drills, sign-in by an issuer, traces, charts and retries. */
export const newest: Mutant[] = [
  inPoll("  if (newest?.sha === sha && newest.status === status) return false;\n"),
  inPoll("  if (at < oldest) return false;\n"),
  inPoll(
    "return !known.some((one) => one.sha === sha && one.status === status && one.at === at);",
    "return true;",
  ),
  inPoll("first = from + all.length - left;", "first = 0;"),
  inPoll("isOfNow ? oldest : at - sameMs;", "isOfNow ? oldest : at;"),
  inPoll("    count.failed += 1;\n"),
  inDrills("if (!(error instanceof ConflictError) || attempt === tries) throw error;", "throw error;"),
  inDrills(".slice(0, mostKept)"),
  inDrillRoutes("    authenticate(context);\n    const parsed", "    const parsed"),
  inDrillRoutes("    authenticate(context);\n    const { value", "    const { value"),
  bugsIn("functions/drill/arrived.ts", ["receivers/drill"])('status !== "firing" || '),
  bugsIn("functions/drill/answered.ts", ["receivers/drill"])(" || drill.answer !== undefined"),
  inOidc(" || kept.data.until <= login.clock()"),
  inOidc("  endCookie(context, jar, cookie);\n"),
  inAccess("groups.filter((group) => named.has(group))", "groups"),
  inSession(" && read.data.until > now"),
  inSession("  if (made.length > maxCookieBytes) return false;\n"),
  inIssuer("    await oauth.validateApplicationLevelSignature(issuer, response, calls);\n"),
  inIssuer(" && vouching.email_verified === true"),
  inIssuerFetch("    if (elsewhere !== undefined) throw fail(elsewhere);\n"),
  inIssuerFetch("    if (response.status >= 500) throw fail(String(response.status));\n"),
  inTraces("Math.min(now, onsetAt + to)", "onsetAt + to"),
  inTraces("!(own.dependsOn ?? []).includes(one)", "true"),
  inSpans("    .slice(0, maxSpans);", "    .slice(0);"),
  inSpans("status.code === 2 || "),
  inChart("  if (shown?.of === of) return shown;\n"),
  inChart("shown !== undefined && !isDrawnAnew(incident)", "false"),
  inChart("    if (!(error instanceof UpstreamError)) throw error;\n    return shown;", "    throw error;"),
  inRetry("  checkOrigin(context, addressOf(receiver), { cookies: true });\n"),
  inRetry("version === 0 || !isAllowed", "version === 0"),
  inRetried('  if ("refused" in found) return found;\n'),
];
