import { bugsIn, type Mutant } from "../mutant.ts";

const decide = ["incident/guards", "incident/decide", "incident/approvals", "incident/properties"];
const loop = ["loop/loop"];
const inDecide = bugsIn("shared/incident/decide.ts", decide);
const inProposal = bugsIn("shared/incident/decide/proposal.ts", decide);
const inMerge = bugsIn("shared/incident/decide/merge.ts", decide);
const inLive = bugsIn("shared/incident/decide/live.ts", decide);
const inDelay = bugsIn("shared/incident/decide/delay.ts", decide);
const inEnd = bugsIn("shared/incident/decide/end.ts", decide);
const inApproval = bugsIn("shared/incident/decide/approval.ts", decide);
const inQuestion = bugsIn("shared/incident/approval/question.ts", [...decide, "receivers/answers"]);
const inResume = bugsIn("shared/incident/rounds/resume.ts", [...decide, "loop/followup"]);
const inHold = bugsIn("shared/incident/schedule/hold.ts", [
  "incident/guards",
  "limits/stop",
  "limits/cause",
  "loop/github-door",
]);
const inVotes = bugsIn("shared/incident/approval/votes.ts", [
  "incident/guards",
  "policy/approval",
  "receivers/approval",
]);
const inDeadline = bugsIn("shared/incident/schedule/deadline.ts", [
  "incident/guards",
  "incident/deadline",
  "loop/paging",
]);
const inRecord = bugsIn("shared/incident/chain/record.ts", ["incident/chain"]);

export const machine: Mutant[] = [
  inLive("  if (command.judged !== undefined && !areJudged(incident, command.judged)) return [];\n", "", [
    "field/every-alert",
  ]),
  inDeadline("shareOf(at - openedAt, deadlineMs) > reminded", "shareOf(at - openedAt, deadlineMs) > 0"),
  inDecide('  if ("round" in command && command.round !== incident.round) return [];\n'),
  inEnd("  if (!(incident.untold ?? []).some(({ end }) => end.round <= told)) return [];\n"),
  inProposal(
    'incident.status !== "proposed" || incident.asked || incident.held !== undefined',
    'incident.status !== "proposed" || incident.held !== undefined',
  ),
  inProposal("  if (head !== incident.pull.head) return [];\n"),
  inProposal(" && incident.pull.number === pull;", ";"),
  inMerge(
    "!isUnmerged(incident) || pull !== incident.pull?.number) return [];\n  const due",
    "!isUnmerged(incident)) return [];\n  const due",
  ),
  inProposal(
    'const due = at + policy.approvalMs;\n  return [\n    {\n      ...{ type: "ApprovalVoided"',
    'const due = at + policy.stepMs;\n  return [\n    {\n      ...{ type: "ApprovalVoided"',
  ),
  inEnd("if (due === undefined || at < due) return [];", "if (due === undefined || at <= due) return [];"),
  inProposal("  const isWhole = !incident.truncated && ", "  const isWhole = "),
  inProposal("incident.wasHeld === undefined && !guarded &&", "!guarded &&"),
  inProposal("incident.wasHeld === undefined && !guarded &&", "incident.wasHeld === undefined &&", loop),
  inProposal("!guarded && incident.sharers === undefined;", "!guarded;"),
  inProposal(" && isMeasured && remedy.score >= bar", " && remedy.score >= bar"),
  inProposal(" && isMeasured && remedy.score >= bar", " && isMeasured"),
  inProposal('policy.mode === "auto" && isWhole', "isWhole"),
  inProposal(
    "const bar = Math.max(policy.minConfidence, policy.autoConfidence);",
    "const bar = policy.minConfidence;",
  ),
  inProposal("remedy === undefined || takenUp(incident).includes(choice)", "remedy === undefined"),
  inLive("length >= maxTried - 1)", "length >= maxTried + 9)", ["loop/withdraw", "incident/withdraw"]),
  inDelay("  if (isKnown && !isLater) return [];\n"),
  inLive("  if (!isUndeployed(incident)) return [];\n", "", ["loop/followup"]),
  inLive(
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
  inResume("approval !== undefined && at < approval.at + policy.approvalMs", "approval !== undefined"),
  inResume('isFresh && reason !== "retargeted"', "isFresh"),
  inResume(" || incident.merge !== undefined)\n    return [];", ")\n    return [];"),
  inHold("  if (incident.held !== undefined) return [];\n  return [\n", " return [\n"),
  inHold("incident.released?.includes(cause) || ", ""),
  inVotes("  ...votes.filter(({ person }) => person !== vote.person),\n", "  ...votes,\n"),
  inVotes('if (groups.length === 0) return ["nobody may approve this"];', ""),
  inVotes("if (votes.length >= 2 && !isByAuthors) return [];", "if (votes.length >= 2) return [];"),
  inVotes("votes.filter((vote) => groups.some(({ of }) => vote.of.includes(of)))", "votes"),
  inDeadline("  if (isQuietQuestion(incident)) return undefined;\n"),
  inDeadline(
    "  if (deadlineMs > 0 && at - openedAt >= deadlineMs)",
    "  if (deadlineMs > 0 && at - openedAt >= 2 * deadlineMs)",
  ),
  inDeadline("if (at - since < unreachableMs) return undefined;", "if (at - since < 0) return undefined;"),
  inDeadline(
    '  isActive(incident) || (incident.status === "escalated" && firing(incident.alerts));',
    "  isActive(incident);",
  ),
  inRecord("digestOf(fact)) === link.hash", "digestOf(fact)).length === link.hash.length"),
  inRecord("return link.former === former.hash", "return link.former.length === former.hash.length"),
  inRecord(
    "  if (version === former + 1 || (version === former && index > 0)) return undefined;",
    "  if (version >= former) return undefined;",
  ),
  inRecord(
    "  if (n < head.n) return `the facts after ${n} are missing: the incident's last fact is ${head.n}`;\n",
  ),
  inRecord(
    "  if (n === next) return undefined;\n  if (n < next)",
    "  if (n >= next) return undefined;\n  if (n < next)",
  ),
];
