import { bugsIn, type Mutant } from "../mutant.ts";

const loop = ["loop/loop"];
const pulls = ["loop/shared-pull", "loop/unrecorded-pull", "loop/told-late"];
const inMerge = bugsIn("functions/merge/merge.ts", [
  "loop/before-merge",
  "limits/acting",
  "loop/github-door",
  ...loop,
]);
const inGranted = bugsIn("functions/approval/granted.ts", [
  "loop/before-merge",
  "receivers/approval",
  ...loop,
]);
const inAsk = bugsIn("functions/ask.ts", ["loop/before-merge", "receivers/approval", ...loop]);
const inTick = bugsIn("functions/tick.ts", ["loop/tick", "loop/deadline-race", ...loop]);
const inStoppable = bugsIn("functions/stop/stoppable.ts", ["limits/stop"]);
const inPermitted = bugsIn("functions/limits/permitted.ts", ["limits/acting"]);
const inReserve = bugsIn("functions/limits/reserve.ts", ["limits/acting"]);
const inRefusal = bugsIn("functions/limits/refusal.ts", ["limits/acting"]);
const inClosedBefore = bugsIn("functions/propose/closed-before.ts", ["loop/closed-before"]);
const inKillSwitch = bugsIn("functions/stop/kill-switch.ts", ["limits/stop"]);
const inSwitch = bugsIn("functions/stop/switch.ts", ["limits/stop"]);
const inVerify = bugsIn("functions/verify/verify.ts", ["field/every-alert", "loop/loop"]);
const inReading = bugsIn("shared/policy/recovery/recovery.ts", ["policy/recovery"]);

const inWait = bugsIn("shared/incident/schedule/wait.ts", ["loop/tick"]);

export const acting: Mutant[] = [
  inWait("now < pace.from ? Number.POSITIVE_INFINITY : 0", "0"),
  inWait("(now - pace.since) / pace.share", "0"),
  inTick("  if (!isOverdue(wait, now)) return false;\n", "  if (wait !== undefined) return false;\n"),
  inTick("  if (isReminded(process, id, wait, now)) await", "  if (wait === undefined) await", [
    "loop/paging",
  ]),
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
  bugsIn("functions/merge/blocked.ts", ["loop/before-merge"])(
    "  if (failing.length > 0)",
    "  if (failing.length > 99)",
  ),
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
  inTick("  if (wait.holds && (await isBusy(id))) return false;\n"),
  inStoppable("    await permit(killSwitch);\n    return write", "    return write"),
  inStoppable("    merge: guarded(pulls.merge),", "    merge: pulls.merge,"),
  inStoppable("    openPull: guarded(pulls.openPull),", "    openPull: pulls.openPull,"),
  inStoppable("    closePull: guarded(pulls.closePull),", "    closePull: pulls.closePull,"),
  bugsIn("functions/refer.ts", ["loop/referred"])(
    '  if (other.status !== "closed" || other.outcome !== "rejected") return false;\n',
  ),
  bugsIn("functions/propose/shared-pull.ts", pulls)("return incident.id < id && next", "return next"),
  bugsIn("functions/propose/shared-pull.ts", pulls)(
    'other.status === "approved") && other.pull.url === url',
    'other.status === "approved")',
  ),
  bugsIn("functions/propose/unfinished.ts", pulls)(
    "wants(work, other, { remedy, pull }) || has(other, pull)",
    "false",
  ),
  bugsIn("functions/propose/unfinished.ts", pulls)(
    "if (!isOver(incident) || pull !== undefined",
    "if (pull !== undefined",
  ),
  bugsIn(
    "shared/remedy/revert/compute-revert.ts",
    pulls,
  )("  if (pulls.some((pull) => isOurs(pull, plan))) return undefined;\n"),
  inPermitted('  if (mode === "observe")', "  if (mode === undefined)"),
  inPermitted('mode !== "auto" && incident.approval.by === auto ? notAuto', "mode === undefined ? notAuto"),
  inPermitted("frozen(limits, work.clock(), approvalsOf(incident).length) ??", ""),
  inPermitted(
    "if (decision.allow && approvals.length >= decision.approvals) return undefined;",
    "if (decision.allow) return undefined;",
  ),
  inPermitted(
    '    if (actor === "people") return undefined;\n',
    "    if (actor !== undefined) return undefined;\n",
  ),
  inReserve("    if (counted.some((one) => isSame(one, mine))) return undefined;\n"),
  inReserve("    if (refused !== undefined) return refused;\n"),
  inReserve(
    "      if (!(error instanceof ConflictError) || attempt >= attempts) throw error;",
    "      if (error !== undefined) return undefined;",
  ),
  inRefusal(
    "if (emergency !== undefined && approvals >= emergency) return undefined;",
    "if (emergency !== undefined) return undefined;",
  ),
  inRefusal("actions.filter((one) => one.service === service)", "actions"),
  inClosedBefore(
    "  if (said === undefined || work.clock() >= said.at + cooldownMs) return undefined;",
    "  if (said !== undefined || said === undefined) return undefined;",
  ),
  inClosedBefore("isNobodys ? no :", ""),
  inClosedBefore(
    "found.pull.base !== service.branch) return undefined;",
    'found.pull.base === "") return undefined;',
  ),
  inKillSwitch("      if (value?.stopped) return stoppedBy(value);\n"),
  inKillSwitch(
    "      return `Countersteer is stopped, as",
    "      return error instanceof Error ? undefined : `Countersteer is stopped, as",
  ),
  inSwitch(
    '    if (intent.type === "Release" && !("held" in incident && incident.held?.by === "stop")) continue;\n',
    "",
    ["limits/cause"],
  ),
  inSwitch(
    "if (!(error instanceof ConflictError) || attempt >= attempts) throw error;",
    "if (error !== undefined) throw error;",
  ),
  inStoppable("    arm: guarded(merging.arm),", "    arm: merging.arm,", ["loop/gates"]),
  inStoppable("    comment: guarded(pulls.comment),", "    comment: pulls.comment,"),
  inStoppable("    setCheck: guarded(pulls.setCheck),", "    setCheck: pulls.setCheck,"),
  inVerify(
    'readings.every((reading) => reading.result === "quiet" && reading.since <= from)',
    'readings.some((reading) => reading.result === "quiet" && reading.since <= from)',
  ),
  inVerify(" && reading.since <= from)", ")"),
  inVerify("readings.length === 0", "readings.length < 0"),
  bugsIn("shared/incident/evolve/alerts.ts", ["field/every-alert"])(
    "  return stillJudged(incident, changed);\n",
    "  return changed;\n",
  ),
  bugsIn("shared/incident/decide/alerts.ts", ["incident/guards"])(
    "  const alerts = mergeAlerts(own, command.alerts, command.at);\n",
    "  const { alerts } = command;\n",
  ),
  bugsIn("functions/refer.ts", ["loop/referred"])(
    "other.originRounds?.[id] !== undefined || other.openedAt >= openedAt;",
    "other.openedAt >= openedAt;",
  ),
  bugsIn("shared/incident/model.ts", ["loop/referred"])(
    "return known === undefined || round === undefined || known === round;",
    "return true;",
  ),
  inVerify("  if (from < incident.deploy.at) return null;\n"),
  inVerify("  if (unknown !== undefined)\n", "  if (unknown === null)\n"),
  inVerify("  if (gone !== undefined) return gone;\n", "", ["field/brought-back"]),
  inVerify(
    "  const alerts = troubles(incident);\n  return Promise.all(\n    alerts.map",
    "  const alerts = troubles(incident).slice(0, 1);\n  return Promise.all(\n    alerts.map",
  ),
  bugsIn("functions/verify/self-recovery.ts", ["field/every-alert"])(
    "worst(await readAll(work, incident))",
    "worst((await readAll(work, incident)).slice(0, 1))",
  ),
  inReading("  if (unread !== undefined) return unread;\n"),
  inReading('  if ("name" in missing)', '  if ("never" in missing)'),
  inReading("export const maxGap = 2;", "export const maxGap = 9;"),
  inReading("Math.max(...quiet.map", "Math.min(...quiet.map"),
  inReading("value !== 0 && !Number.isNaN(value)", "!Number.isNaN(value)"),
  inReading("  if (fired === last) return", "  if (fired > last) return"),
  inReading("(one) => one.last === last)", "(one) => one.last > last)"),
];
