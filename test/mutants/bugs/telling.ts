import { bugsIn, type Mutant } from "../mutant.ts";

const loop = ["loop/loop"];
const pulls = ["loop/shared-pull", "loop/unrecorded-pull", "loop/told-late"];
const inAnnounce = bugsIn("functions/announce/announce.ts", [...loop, ...pulls]);
const inPull = bugsIn("functions/announce/pull.ts", ["loop/end-of-pull", ...pulls, ...loop]);
const inAnnouncer = bugsIn("infra/local/announcer.ts", ["loop/announcer"]);

export const telling: Mutant[] = [
  inAnnounce(
    "const refused = await tellEnds(process, work, { seen, log });",
    "const refused: unknown[] = [];",
  ),
  inAnnounce("      if (!isFinal(error)) throw error;\n      refused", "      throw error;\n      refused", [
    "loop/announcer",
  ]),
  inAnnounce("...(page === undefined ? [tellPage(work, end)] : []),", "", ["loop/paging"]),
  inAnnounce("(page === undefined ? [tellPage(work, end)] : [])", "[tellPage(work, end)]", ["loop/paging"]),
  inAnnounce("isFinal(error) || (error instanceof UpstreamError && error.gone);", "isFinal(error);", [
    "loop/announcer",
  ]),
  bugsIn(
    "functions/announce/pull.ts",
    pulls,
  )("  if (isActive(now) && isAbout(now, { remedy, pull })) return;\n"),
  bugsIn("functions/propose/unfinished.ts", pulls)("Promise.all(earlier.map(open))", "[]"),
  bugsIn("functions/propose/unfinished.ts", pulls)(
    "return pulls.flatMap((pull) =>",
    "return pulls.slice(0, 1).flatMap((pull) =>",
  ),
  bugsIn("functions/propose/unfinished.ts", pulls)(
    "return !isOfPaths || isBranchFor(serviceOf(other.service), remedy, pull.branch);",
    "return true;",
  ),
  bugsIn(
    "functions/propose/unfinished.ts",
    pulls,
  )('  if (other.status === "merged" || other.status === "deployed") return false;\n'),
  bugsIn("functions/announce/chat.ts", ["field/deleted-message"])(
    "throw hasNewsSince(incident, log, message) ? later(error) : error;",
    "throw error;",
  ),
  inPull("  if (await isAskedElsewhere(work, incident, pull)) return;\n  const place", "  const place"),
  inPull(
    "    if (await reading.catch((error: unknown) => isLeft(error).then(() => true))) return;\n",
    "    await reading;\n",
    ["loop/followup"],
  ),
  inPull("reading.catch((error: unknown) => isLeft(error).then(() => true))", "reading"),
  inPull("  if (await isPersons(work, place, pull)) return;\n  await work", "  await work"),
  inPull("    if (await isPersons(work, place, pull)) return;\n    const isLeft", "    const isLeft"),
  inPull("again !== undefined && again.byUs === undefined", "again !== undefined"),
  inPull("    if (!isFinal(error)) throw error;\n", ""),
  inPull("closePull(service, pull).catch(isLeft)", "closePull(service, pull)"),
  inPull("closePull(place, pull).catch(isLeft)", "closePull(place, pull)"),
  bugsIn("shared/incident/decide/merge.ts", ["loop/end-of-pull"])(" || incident.leftOpen?.includes(url)"),
  bugsIn("functions/announce/all.ts", pulls)(
    "  if (failed.length > 0) throw",
    "  if (failed.length > 99) throw",
  ),
  bugsIn(
    "functions/announce/chat.ts",
    pulls,
  )("  if (events.length === 0) await chat.reply(message, thread(incident, log, around));\n"),
  inAnnouncer(" || clock() < (failed.get(id)?.until ?? 0)) return;", ") return;"),
  inAnnouncer("      if (!isFinal(error)) {", "      if (error === undefined) {"),
  inAnnouncer(
    "    try {\n      await tell(seen);",
    "    try {\n      await store.consume(id, seen.version);\n      await tell(seen);",
  ),
  inAnnouncer(
    "Math.max(now + Math.min(minute, 1000 * 2 ** tries), retryAtOf(error))",
    "now + Math.min(minute, 1000 * 2 ** tries)",
  ),
  inAnnounce(
    "  if (!isLost && clock() - since < unreachableMs) return;",
    "  if (error !== undefined) return;",
    ["loop/paging"],
  ),
  inAnnounce(
    "await awaitAll([tellPage(work, incident), tellRounds(process",
    "await awaitAll([tellRounds(process",
    ["loop/paging"],
  ),
  bugsIn("functions/announce/all.ts", ["loop/announcer"])(
    "? error.errors.every(isFinal)",
    "? error.errors.some(isFinal)",
  ),
  inPull("  if (await isAskedElsewhere(work, incident, pull)) return;\n  // One", "  // One"),
  inPull("    if (await isNeededElsewhere(work, incident)) return;\n"),
  inPull("    .catch(() => {})\n    .then(() => finish", "    .then(() => finish"),
  inPull(
    "(end.closes ? [pulls.closePull(service, pull).catch(isLeft)] : [])",
    "[pulls.closePull(service, pull).catch(isLeft)]",
  ),
  inPull('  if (incident.status === "escalated" && incident.approval !== undefined) return undefined;\n'),
  bugsIn("functions/announce/page.ts", ["loop/paging"])(
    "needsPage(incident) ? paging.raise(target, page) : paging.resolve(target, page)",
    "paging.raise(target, page)",
  ),
];
