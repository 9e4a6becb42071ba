/** One seeded bug: `search` stands once in `file`. `tests` are the files that must fail with it, below `test/`. */
export type Mutant = { file: string; search: string; replace: string; tests: string[] } & (
  | { equivalent?: undefined }
  /** Why nothing can fail. */
  | { equivalent: string }
);

const decide = ["incident/decide", "incident/properties"];
const loop = ["loop/loop"];
const approval = ["receivers/approval", "receivers/answers"];

const of =
  (file: string, tests: string[]) =>
  (search: string, replace = "", more: string[] = []): Mutant => ({
    ...{ file, search, replace },
    tests: [...tests, ...more],
  });

const inDecide = of("shared/incident/decide.ts", decide);
const inApproval = of("shared/incident/decide/approval.ts", decide);
const inQuestion = of("shared/incident/question.ts", [...decide, "receivers/answers"]);
const inAlerts = of("shared/incident/decide/alerts.ts", [...decide, ...loop]);
const inClasses = of("shared/incident/alerts.ts", [...decide, "receivers/alerts"]);
const inResume = of("shared/incident/resume.ts", [...decide, "loop/followup"]);
const inHold = of("shared/incident/hold.ts", ["limits/stop", "limits/cause", "loop/github-door"]);
const inVotes = of("shared/incident/votes.ts", ["policy/approval", "receivers/approval"]);
const inProcess = of("shared/process.ts", [...loop, "receivers/alerts"]);
const inMerge = of("functions/merge/merge.ts", [...loop, "limits/acting", "loop/github-door"]);
const inGranted = of("functions/approval/granted.ts", ["receivers/approval", ...loop]);
const inAsk = of("functions/ask.ts", [...loop, "receivers/approval"]);
const inAnswers = of("functions/answers.ts", [...approval, "limits/stop", "limits/acting"]);
const inTick = of("functions/tick.ts", ["loop/deadline-race", ...loop]);
const inStoppable = of("functions/stop/stoppable.ts", ["limits/stop"]);
const inAnnounce = of("functions/announce/announce.ts", [...loop, "loop/shared-pull"]);
const inPull = of("functions/announce/pull.ts", ["loop/shared-pull", ...loop]);
const inAnnouncer = of("infra/local/announcer.ts", ["loop/announcer"]);
const inPublish = of("functions/publish.ts", ["aws/publish"]);
const inLease = of("shared/adapters/dynamodb/lease.ts", ["contract/dynamodb", "adapters/dynamodb"]);
const inClaim = of("shared/adapters/dynamodb/claim.ts", ["contract/dynamodb", "adapters/dynamodb"]);
const inCalls = of("shared/adapters/dynamodb/calls.ts", ["adapters/dynamodb", "contract/dynamodb"]);
const inWrite = of("shared/adapters/dynamodb/write.ts", ["adapters/dynamodb", "contract/dynamodb"]);
const inSignature = of("shared/adapters/http/signature.ts", ["adapters/signature"]);
const inGithubMerge = of("shared/adapters/github/merge.ts", [
  "adapters/github",
  "adapters/github-gates",
  "adapters/github-faults",
]);
const inGithubPulls = of("shared/adapters/github/pulls.ts", [
  "adapters/github",
  "adapters/github-faults",
  "adapters/github-texts",
]);
const inGithubOpen = of("shared/adapters/github/open.ts", ["adapters/github", "adapters/github-faults"]);
const inSlack = of("shared/adapters/slack/slack.ts", ["adapters/slack"]);
const inMemory = of("shared/adapters/memory.ts", ["contract/store"]);

export const mutants: Mutant[] = [
  // The machine.
  inDecide('  if ("round" in command && command.round !== incident.round) return [];\n'),
  inDecide("      if (!(incident.untold ?? []).some(({ end }) => end.round <= command.told)) return [];\n"),
  inDecide(
    'incident.status !== "proposed" || incident.asked || incident.held !== undefined',
    'incident.status !== "proposed" || incident.held !== undefined',
  ),
  inDecide("      if (command.head !== incident.pull.head) return [];\n"),
  inDecide("      if (command.pull.number !== incident.pull.number) return [];\n"),
  inDecide(
    "!isUnmerged(incident) || command.pull !== incident.pull?.number) return [];\n      return [mergedAs",
    "!isUnmerged(incident)) return [];\n      return [mergedAs",
  ),
  inDecide(
    "pull: command.pull },\n          due: at + policy.approvalMs",
    "pull: command.pull },\n          due: at + policy.stepMs",
  ),
  inDecide("if (due === undefined || at < due) return [];", "if (due === undefined || at <= due) return [];"),
  inDecide("  const isWhole = !incident.truncated && ", "  const isWhole = "),
  inDecide("incident.wasHeld === undefined && !guarded &&", "!guarded &&"),
  inDecide("incident.wasHeld === undefined && !guarded &&", "incident.wasHeld === undefined &&", loop),
  inDecide("!guarded && incident.sharers === undefined;", "!guarded;"),
  inDecide(" && isMeasured && remedy.score >= bar", " && remedy.score >= bar"),
  inDecide(" && isMeasured && remedy.score >= bar", " && isMeasured"),
  inDecide('policy.mode === "auto" && isWhole', "isWhole"),
  inDecide(
    "const bar = Math.max(policy.minConfidence, policy.autoConfidence);",
    "const bar = policy.minConfidence;",
  ),
  inDecide("remedy === undefined || takenUp(incident).includes(choice)", "remedy === undefined"),
  inDecide("length >= maxTried - 1)", "length >= maxTried + 9)", ["loop/withdraw", "incident/withdraw"]),
  inDecide("  if (isKnown && !isLater) return [];\n"),
  inDecide("    if (!isUndeployed(incident)) return [];\n", "", ["loop/followup"]),
  inDecide(
    'incident.status !== "deployed" || failed) return [];',
    'incident.status !== "deployed") return [];',
    ["loop/followup"],
  ),
  inApproval("  if (missing.length > 0) {", "  if (missing.length > 99) {", ["receivers/approval"]),
  inApproval('vote.person === person && vote.door === "github"', "vote.person === person", [
    "loop/github-door",
  ]),
  inApproval("  if (!isStoppable(incident, command, at)) return [];\n"),
  inApproval("comment <= (incident.answered ?? 0)", "comment < (incident.answered ?? 0)", [
    "loop/github-door",
  ]),
  inApproval(
    "const quiet = !firing(incident.alerts) && !incident.truncated;",
    "const quiet = !firing(incident.alerts);",
    loop,
  ),
  {
    ...inApproval(
      "  if (!isOpen(incident, command, at) || incident.held !== undefined) return [];",
      "  if (!isOpen(incident, command, at)) return [];",
    ),
    equivalent: "isOpen looks at the hold as well",
  },
  inQuestion("  incident.held === undefined &&\n", "", ["limits/stop"]),
  inQuestion("  incident.pull.head === head &&\n  at < incident.due;", "  incident.pull.head === head;"),
  inQuestion("incident.pull.head === head &&\n  at < incident.due;", "at < incident.due;"),
  inQuestion('(incident.status === "proposed" && at < incident.due)', 'incident.status === "proposed"'),
  // Alerts.
  inAlerts(
    "  !incident.truncated &&\n  !firing(incident.alerts) &&\n  !mayGoOn",
    "  !incident.truncated &&\n  !mayGoOn",
  ),
  inAlerts(
    "  !incident.truncated &&\n  !firing(incident.alerts) &&\n  !mayGoOn",
    "  !firing(incident.alerts) &&\n  !mayGoOn",
  ),
  inAlerts("  isUntouched(incident) &&\n"),
  inAlerts("!mayGoOn(incident.turns, at);", "true;"),
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
  inResume("approval !== undefined && at < approval.at + policy.approvalMs", "approval !== undefined"),
  inResume('isFresh && reason !== "retargeted"', "isFresh"),
  inResume(" || incident.merge !== undefined)\n    return [];", ")\n    return [];"),
  inHold("  if (incident.held !== undefined) return [];\n  return [\n", " return [\n"),
  inHold("incident.released?.includes(cause) || ", ""),
  inVotes("  ...votes.filter(({ person }) => person !== vote.person),\n", "  ...votes,\n"),
  inVotes('if (groups.length === 0) return ["nobody may approve this"];', ""),
  inVotes("if (votes.length >= 2 && !isByAuthors) return [];", "if (votes.length >= 2) return [];"),
  inVotes("votes.filter((vote) => groups.some(({ of }) => vote.of.includes(of)))", "votes"),
  // Deciding and storing.
  inProcess("if (!(error instanceof ConflictError) || attempt >= attempts) throw error;", "throw error;"),
  inProcess("  if (!serves(step, incident)) return undefined;\n"),
  inProcess("error instanceof UpstreamError && !error.retryable)", "error instanceof UpstreamError)"),
  inProcess(
    "  const queued = oneAtATime();",
    "  const queued = <T>(_: string, work: () => Promise<T>) => work();",
  ),
  // The instant before the merge.
  inMerge("    (await doneAsApproved(work, service, incident, now)) ??\n"),
  inMerge("    (await moved(work, service, { incident, now })) ??\n"),
  inMerge("    (await stoppedOnGithub(work, service, { incident, now })) ??\n"),
  inMerge("    (await notGranted(work, service, { incident, now })) ??\n", "", ["receivers/approval"]),
  inMerge(" ??\n    (await notPermitted(work, service, { incident, now }));", ";"),
  inMerge('  if ((await work.store.load(incident.id)).incident.status !== "approved") return null;\n'),
  inMerge(
    "now.pull.head !== approval.head || now.pull.diff !== approval.diff",
    "now.pull.head !== approval.head",
  ),
  inMerge(
    "now.pull.head !== approval.head || now.pull.diff !== approval.diff",
    "now.pull.diff !== approval.diff",
  ),
  inMerge("find((path) => ours.has(path))", "find(() => false)"),
  of("functions/merge/blocked.ts", loop)("  if (failing.length > 0)", "  if (failing.length > 99)"),
  inGranted(
    "if (truncated || firing(alerts) || approval.quiet ||",
    "if (firing(alerts) || approval.quiet ||",
  ),
  inGranted("if (truncated || firing(alerts) || approval.quiet ||", "if (truncated || firing(alerts) ||"),
  inGranted('  if (policyDigest(required) !== terms.policy) return "who may approve this has changed";\n'),
  inGranted("  return missing.length === 0\n", "  return missing.length < 99\n"),
  inAsk("now.pull.head === pull.head && now.pull.diff === pull.diff", "now.pull.head === pull.head"),
  inAsk(
    "  if (terms.policy === policyDigest(required)) return null;\n",
    "  if (required !== undefined) return null;\n",
  ),
  inAnswers("terms !== undefined && terms.nonce === asked.nonce", "terms !== undefined"),
  inAnswers("message?.channel !== asked.channel || message.ts !== asked.messageTs", "message === undefined"),
  inAnswers(
    "message?.channel !== asked.channel || message.ts !== asked.messageTs",
    "message?.ts !== asked.messageTs",
  ),
  inTick('    if (status === "approved" && (await isBusy(id))) return;\n'),
  inStoppable("    await permit(killSwitch);\n    return write", "    return write"),
  inStoppable("    merge: guarded(pulls.merge),", "    merge: pulls.merge,"),
  inStoppable("    openPull: guarded(pulls.openPull),", "    openPull: pulls.openPull,"),
  inStoppable("    closePull: guarded(pulls.closePull),", "    closePull: pulls.closePull,"),
  of("functions/refer.ts", ["ordinary/lifecycle."])(
    '  if (other.status !== "closed" || other.outcome !== "rejected") return false;\n',
  ),
  of("functions/propose/shared-pull.ts", ["ordinary/lifecycle.", "loop/shared-pull"])(
    "return incident.id < id && next",
    "return next",
  ),
  of("functions/propose/shared-pull.ts", ["loop/shared-pull"])("&& other.pull.url === url", ""),
  of("functions/propose/unfinished.ts", ["loop/shared-pull"])(
    "isActive(other) && wants(other, remedy)",
    "false",
  ),
  of("functions/propose/unfinished.ts", ["loop/shared-pull"])(
    "if (!isOver || pull !== undefined",
    "if (pull !== undefined",
  ),
  of("shared/remedy/revert/compute-revert.ts", ["loop/shared-pull"])(
    "  if (pulls.some((pull) => isOurs(pull, plan))) return undefined;\n",
  ),
  // Telling.
  inAnnounce("  await tellEnds(process, work, { incident, version }, log);\n"),
  inPull(
    "  if (await isAskedElsewhere(work, incident, pull)) return;\n  await work.pulls.closePull(placeOf",
    "  await work.pulls.closePull(placeOf",
  ),
  inPull("  if (end.closes && (await isReopened(work, incident, service))) return;\n", "", ["loop/followup"]),
  of("functions/announce/all.ts", ["loop/loop", "loop/shared-pull"])(
    "  if (failed.length > 0) throw",
    "  if (failed.length > 99) throw",
  ),
  of("functions/announce/chat.ts", ["loop/shared-pull"])(
    "  if (events.length === 0) await chat.reply(message, thread(incident, log, oncall));\n",
  ),
  inAnnouncer(" || clock() < (failed.get(id)?.until ?? 0)) return;", ") return;"),
  inAnnouncer("      if (!isFinal(error)) {", "      if (error === undefined) {"),
  // Receivers: durable before the answer.
  of("functions/deploys.ts", ["receivers/deploys"])(
    '    await span("deploys", {}',
    '    void span("deploys", {}',
  ),
  of("functions/github.ts", ["receivers/github"])(
    "  await Promise.all(records.map((record) => receiver.store.recordDeploy(record)));",
    "  void Promise.all(records.map((record) => receiver.store.recordDeploy(record)));",
  ),
  of("functions/github.ts", ["receivers/github"])("Math.min(at, receiver.clock())", "at"),
  of("functions/github.ts", ["receivers/github"])(
    "sameRepository(service, named.data.repository.full_name) ||",
    "service !== undefined ||",
  ),
  of("functions/alerts.ts", ["receivers/alerts"])(
    "    if (alert.name === unresolvedAlert) {",
    '    if (alert.name === "") {',
  ),
  of("functions/alerts.ts", ["receivers/alerts", "ordinary/lifecycle."])(
    'before.status === "referred" && resolved.length > 0',
    "resolved.length > 99",
  ),
  inSignature(
    "if (!(Math.abs(now - Number(timestamp) * 1000) <= slackSkewMs)) return false;",
    "if (!(now - Number(timestamp) * 1000 <= slackSkewMs)) return false;",
  ),
  inSignature("if (!(Math.abs(now - Number(timestamp) * 1000) <= slackSkewMs)) return false;", ""),
  inSignature(
    "timingSafeEqual(digest(given), digest(expected))",
    "timingSafeEqual(digest(given.slice(0, 8)), digest(expected.slice(0, 8)))",
  ),
  inSignature(
    '  if (!token || typeof header !== "string") return false;\n  const [, given]',
    '  if (typeof header !== "string") return false;\n  const [, given]',
  ),
  // The bus and the table.
  inPublish("    if (!results[place]?.accepted) behind.add(change.incident);\n"),
  inPublish(
    "const refused = batch.filter((_, place) => !results[place]?.accepted);",
    "const refused: typeof batch = [];",
  ),
  inPublish("if (times >= attempts) lost.add(change.incident);", ""),
  inPublish("  if (most > 0 && queue.length > 0) await wait", "  if (most > 99) await wait"),
  inLease(
    "    ConditionExpression: `${byName} = :token`,",
    '    ConditionExpression: "attribute_exists(pk) AND NOT (writer = :token)",',
  ),
  inLease("(attribute_not_exists(${untilName}) OR ${untilName} <= :now)", "(attribute_exists(pk))"),
  inLease('...(announces ? ["#consumed < #version"] : []),', ""),
  inLease("(attribute_not_exists(#consumed) OR #consumed <= :version)", "attribute_exists(pk)"),
  inLease('...(ended || token !== undefined ? ["version = :version"] : []),', ""),
  inClaim("  if (row.version < request.version) {", "  if (row.version < 0) {"),
  inClaim("  if (await mayAnnounce(holding)) return claimOf(holding);", "  return claimOf(holding);"),
  inCalls("TableName: table, Key: key, ConsistentRead: true", "TableName: table, Key: key"),
  inCalls("    left = answer.UnprocessedItems?.[table] ?? [];", "    left = [];"),
  inCalls("      from = page.LastEvaluatedKey;", "      from = undefined;"),
  inWrite(
    "!outcome.done && !(outcome.repeated && (await isWrittenBy(table, writer, what)))",
    "!outcome.done && !outcome.repeated",
  ),
  inWrite(
    "!outcome.done && !(outcome.repeated && (await isWrittenBy(table, writer, what)))",
    "!outcome.done",
  ),
  inWrite(
    '      version === 0 ? "attribute_not_exists(pk) OR #expires <= :seconds" : "#version = :before"',
    '      version === 0 ? "attribute_not_exists(pk) OR #expires <= :seconds" : "#version >= :before"',
  ),
  of("infra/aws/step.ts", ["loop/deadline-race", "aws/calls"])(
    "      } finally {\n          await claim.release();\n        }",
    "      } finally {\n        }",
  ),
  inMemory("if (row.version !== version)", "if (row.version > version)"),
  inMemory("row.consumed = Math.max(row.consumed, version)", "row.consumed = version"),
  // GitHub and Slack.
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
];
