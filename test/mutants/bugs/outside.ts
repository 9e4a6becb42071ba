import { bugsIn, type Mutant } from "../mutant.ts";

const inGithubMerge = bugsIn("shared/adapters/github/merging/merge.ts", [
  "adapters/github/github",
  "adapters/github/gates",
  "adapters/github/faults",
]);
const inGithubPulls = bugsIn("shared/adapters/github/pulls/pulls.ts", [
  "adapters/github/calls",
  "adapters/github/github",
  "adapters/github/faults",
  "adapters/github/texts",
]);
const inGithubOpen = bugsIn("shared/adapters/github/pulls/open.ts", [
  "adapters/github/github",
  "adapters/github/faults",
]);
const inSlack = bugsIn("shared/adapters/slack/slack.ts", ["adapters/slack"]);
const inQuota = bugsIn("shared/adapters/http/quota.ts", ["field/rate-limits", "adapters/slack"]);
const inCall = bugsIn("shared/adapters/github/api/call.ts", [
  "adapters/github/calls",
  "adapters/github/faults",
  "adapters/github/github",
]);
const inCompare = bugsIn("shared/adapters/github/git/compare.ts", [
  "adapters/github/calls",
  "adapters/github/github",
]);
const inOwnMessages = bugsIn("shared/adapters/slack/own-messages.ts", ["adapters/slack"]);
const inStanding = bugsIn("shared/adapters/slack/account-kind.ts", ["adapters/slack", "receivers/approval"]);

export const outside: Mutant[] = [
  inGithubMerge(
    "        ...{ sha: pull.head, merge_method: method },",
    "        ...{ merge_method: method },",
  ),
  inGithubMerge('  if (error.status === 409) return { result: "moved", detail };\n'),
  inGithubMerge("now.base.ref !== pull.base)", "now.base.ref === undefined)"),
  inGithubPulls(" && head.repo?.full_name.toLowerCase() === service.repository.toLowerCase();", ";"),
  inGithubPulls("...(by === login && { closedByUs: true }),", ""),
  inGithubPulls(
    "const own = ({ head }: Listed) =>\n    head.ref === branch &&",
    "const own = ({ head }: Listed) =>\n    ",
  ),
  inGithubOpen("  await mustHoldRevert(github, service, { ...work, head: pull.head });\n"),
  inGithubOpen(
    'found.state === "closed" && found.pull.number !== work.proposal.instead',
    'found.state === "closed"',
  ),
  inGithubOpen("  if (head !== pull.head) return undefined;\n"),
  inSlack(
    "for (const note of notes.filter(({ marker }) => !posted.has(marker)))",
    "for (const note of notes)",
  ),
  inSlack(
    "  if (posted === undefined) return send",
    "  if (posted !== undefined || posted === undefined) return send",
  ),
  inSlack("  if (failed !== undefined) throw failed.reason;\n"),
  bugsIn("shared/adapters/github/api/pages.ts", ["adapters/github/calls"])(
    "    if (listed.length < pageSize) break;",
    "    break;",
  ),
  inGithubPulls("all.filter(({ user }) => user?.login === login)", "all"),
  inGithubPulls("body.trimEnd().endsWith(`\\n${line}`)", "body.includes(line)"),
  inGithubPulls("      ...(data.labels.some(({ name }) => name === holdLabel) && { held: true }),\n", "", [
    "loop/github-door",
  ]),
  bugsIn("shared/adapters/github/stop-issue.ts", ["adapters/github/calls"])('state !== "closed" || ', ""),
  bugsIn("shared/adapters/github/api/etag.ts", ["adapters/github/conditional"])(
    '    if (before) headers.set("if-none-match", before.etag);\n',
  ),
  inQuota("      known.set(nameOf(key), until);\n"),
  inQuota("attempt >= attempts) throw error;", "attempt >= 1) throw error;"),
  inCall("status === 429 || ", ""),
  inCall('    if (typeof data !== "string") return data;', "    return data;"),
  inCall('    .replace(secret, "[redacted]")\n'),
  inCall("  return status === 403 && (limited ||", "  return status === 499 && (limited ||"),
  inCompare("[path, status, sha, previous].join", "[path, status, previous].join"),
  inCompare("  if (files.length >= maxFiles)\n    throw", "  if (files.length >= 9 * maxFiles)\n    throw"),
  inCompare('return status === "ahead" || status === "identical";', 'return status !== "diverged";'),
  bugsIn("shared/adapters/http/observed-fetch.ts", ["adapters/no-redirects"])(
    '{ redirect: "manual", ...init }',
    "{ ...init }",
  ),
  bugsIn("shared/adapters/http/send-json.ts", ["adapters/no-redirects"])('    redirect: "manual",\n'),
  inOwnMessages(" && (await isOwn(slack, message))", ""),
  inOwnMessages("    if (!cursor) return;\n", "    return;\n"),
  inOwnMessages("(since - clockSkewMs) / 1000", "since / 1000"),
  inStanding('  if (user.is_restricted || user.is_ultra_restricted) return "guest";\n'),
  inStanding("user.is_stranger || ", ""),
  inStanding('  return user.deleted ? "deactivated" : "member";', '  return "member";'),
];
