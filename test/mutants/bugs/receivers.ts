import { bugsIn, type Mutant } from "../mutant.ts";

const approval = ["receivers/approval", "receivers/answers"];
const inDecision = bugsIn("functions/approval/decision.ts", [...approval, "limits/stop", "limits/acting"]);
const inAnswers = bugsIn("functions/answers.ts", approval);
const inSignature = bugsIn("shared/adapters/http/signature.ts", ["adapters/signature"]);
const inBody = bugsIn("shared/adapters/http/request-body.ts", ["adapters/http"]);
const inSession = bugsIn("functions/login/session.ts", ["receivers/login"]);
const inAccess = bugsIn("functions/login/access.ts", ["receivers/login", "receivers/pages"]);
const inSender = bugsIn("functions/http/sender.ts", ["receivers/senders"]);

export const receivers: Mutant[] = [
  inDecision("terms !== undefined && terms.nonce === asked.nonce", "terms !== undefined"),
  inDecision("message?.channel !== asked.channel || message.ts !== asked.messageTs", "message === undefined"),
  inDecision(
    "message?.channel !== asked.channel || message.ts !== asked.messageTs",
    "message?.ts !== asked.messageTs",
  ),
  bugsIn("functions/deploy-reports/record.ts", ["receivers/durable", "receivers/deploys"])(
    'await span("deploys", {}',
    'void span("deploys", {}',
  ),
  bugsIn("functions/deploy-reports/github.ts", ["receivers/durable", "receivers/github"])(
    "Math.min(at, now)",
    "at",
  ),
  bugsIn("functions/github.ts", ["receivers/github"])(
    "sameRepository(service, fullName) ||",
    "service !== undefined ||",
  ),
  bugsIn("functions/alerts.ts", ["receivers/durable", "receivers/alerts"])(
    "    if (alert.name === unresolvedAlert) {",
    '    if (alert.name === "") {',
  ),
  bugsIn("functions/alerts.ts", ["receivers/durable", "receivers/alerts", "ordinary/lifecycle"])(
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
  inDecision(
    '  if ("refused" in approver) return approver;\n  const changed',
    '  if ("refused" in approver && kind !== "Reject") return approver;\n  const changed',
  ),
  inDecision(
    "  if (!isOpenStill(incident, asked, receiver.clock())) return",
    '  if (!isOpenStill({ ...incident }, { ...asked, head: "pull" in incident ? (incident.pull?.head ?? "") : "" }, receiver.clock())) return',
  ),
  inDecision("  if (value?.stopped) return {", "  if (value === null) return {"),
  inDecision(
    "  if (incident.terms?.policy === policyDigest(required)) return undefined;\n",
    "  if (required !== undefined) return undefined;\n",
  ),
  inAnswers(
    '  if ("refused" in done) return refuse(receiver, click, { person: click, attempt: "retry", refusal: done });\n',
  ),
  bugsIn("functions/github.ts", ["receivers/durable", "receivers/github"])(
    "    const outcome = await work();\n    await store.recordDelivery(id, clock());",
    "    await store.recordDelivery(id, clock());\n    const outcome = await work();",
  ),
  bugsIn("functions/github.ts", ["receivers/durable", "receivers/github"])(
    '    if (await store.isDelivered(id, clock())) return "duplicate";\n',
  ),
  bugsIn("functions/github.ts", ["receivers/durable", "receivers/github", "limits/stop"])(
    '  if (named.issue.number !== killSwitch.number) return "ignored";\n',
  ),
  bugsIn("functions/flags.ts", ["receivers/durable", "receivers/flags"])(
    'await span("flags", {}, () => Promise.all',
    'void span("flags", {}, () => Promise.all',
  ),
  bugsIn("functions/http/report.ts", ["receivers/deploys", "receivers/flags"])(
    "at === undefined ? now : timeOf({ at: now, told: toldAt(at) })",
    "at === undefined ? now : toldAt(at)",
  ),
  bugsIn("shared/diagnosis/candidates/told-time.ts", ["receivers/deploys", "receivers/flags"])(
    "return hours === undefined ? at : told - hours * hourMs;",
    "return hours === undefined ? told : told - hours * hourMs;",
  ),
  bugsIn("functions/alerts.ts", ["receivers/senders"])(
    "    if (!sender.owns(service.name)) {",
    "    if (sender === undefined) {",
  ),
  bugsIn("functions/deploys.ts", ["receivers/senders"])(
    "  if (!sender.owns(name)) return {",
    "  if (sender === null) return {",
  ),
  bugsIn("functions/flags.ts", ["receivers/senders"])(
    "  if (!sender.owns(service)) return",
    "  if (sender === null) return",
  ),
  inSender("kinds.includes(kind) && (secrets", "(secrets"),
  inSender("owns: (service) => services.has(service)", "owns: () => services.size > 0"),
  inBody("    if (length > cap) throw tooLarge(cap);\n"),
  bugsIn("shared/adapters/http/memory-budget.ts", ["adapters/http"])(
    "    if (made < most) {",
    "    if (made < 99_999) {",
  ),
  inBody("      if (!(await verify(share.parts()))) throw new BadRequest(401, refusal);\n"),
  inBody('  if (encoding !== "" && encoding !== "identity")', '  if (encoding === "never")'),
  inBody("    share.release();\n", ""),
  bugsIn("shared/adapters/http/json.ts", ["adapters/http"])(
    "  if (excess !== undefined) throw new BadRequest(400, excess);\n",
  ),
  inSignature('    secret !== "" &&\n'),
  inSignature(
    '  if (!token || typeof header !== "string") return false;\n  const [, encoded]',
    '  if (typeof header !== "string") return false;\n  const [, encoded]',
  ),
  inSession("read.success && read.data.until > now ?", "read.success ?"),
  inSession("httpOnly: true", "httpOnly: false"),
  inAccess(
    "  return access.isOpen && !hasLogin(access) ? everybody : undefined;",
    "  return access.isOpen ? everybody : undefined;",
  ),
  bugsIn("functions/http/operator.ts", ["limits/stop", "receivers/login"])(
    "  checkOrigin(context, addressOf(receiver), { cookies: false });\n",
  ),
];
