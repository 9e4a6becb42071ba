import { bugsIn, type Mutant } from "../mutant.ts";

const inPublish = bugsIn("functions/publish.ts", ["aws/publish"]);
const inLease = bugsIn("shared/adapters/dynamodb/lease.ts", [
  "adapters/dynamodb-calls",
  "contract/dynamodb",
  "adapters/dynamodb",
]);
const inClaim = bugsIn("shared/adapters/dynamodb/claim.ts", ["contract/dynamodb", "adapters/dynamodb"]);
const inCalls = bugsIn("shared/adapters/dynamodb/calls.ts", ["adapters/dynamodb-calls"]);
const inWrite = bugsIn("shared/adapters/dynamodb/write.ts", [
  "adapters/dynamodb-calls",
  "adapters/dynamodb",
  "contract/dynamodb",
]);
const inMemory = bugsIn("shared/adapters/memory.ts", ["contract/store"]);
const inSchema = bugsIn("shared/adapters/sqlite/schema.ts", [
  "adapters/sqlite-guards",
  "adapters/sqlite-files",
  "adapters/sqlite",
]);
const inWriter = bugsIn("shared/adapters/sqlite/writer.ts", [
  "adapters/sqlite-guards",
  "contract/store",
  "adapters/sqlite-files",
  "adapters/sqlite",
]);
const inBatches = bugsIn("shared/adapters/sqlite/batches.ts", ["contract/store", "adapters/sqlite"]);
const inRows = bugsIn("shared/adapters/sqlite/rows.ts", [
  "adapters/sqlite-guards",
  "adapters/sqlite",
  "contract/store",
]);
const inFiles = bugsIn("shared/adapters/sqlite/files.ts", ["power/power"]);
const inArchive = bugsIn("infra/host/adapters/archive.ts", ["power/power", "cli/archive"]);
const inBus = bugsIn("shared/adapters/eventbridge/bus.ts", ["aws/publish", "aws/calls"]);

export const storing: Mutant[] = [
  inFiles("    syncFolder(dirname(folder));\n"),
  inFiles("    if (folder === resolve(first)) return;", "    return;"),
  inFiles("    fsyncSync(folder);\n"),
  inArchive("    fsyncSync(file);\n"),
  inArchive("  syncFolder(dir);\n"),
  inWriter("      forgetHeard.run();\n", "", ["adapters/sqlite-archive"]),
  inSchema(
    "    SELECT service, environment, deploys.at, sha",
    "    SELECT service, environment, heard.at, sha",
  ),
  inPublish("    if (!results[place]?.accepted) behind.add(change.incident);\n"),
  inPublish(
    "const refused = batch.filter((_, place) => !results[place]?.accepted);",
    "const refused: typeof batch = [];",
  ),
  inPublish("if (times >= attempts) lost.add(change.incident);", ""),
  inPublish("  if (most > 0 && queue.length > 0) await wait", "  if (most > 99) await wait"),
  inLease(
    '    ConditionExpression: "holder = :token",',
    '    ConditionExpression: "attribute_exists(holder)",',
  ),
  inLease(
    '"attribute_not_exists(leasedUntil) OR leasedUntil <= :now"',
    '"attribute_not_exists(leasedUntil) OR leasedUntil > :now OR leasedUntil <= :now"',
  ),
  inLease("outcome.repeated && outcome.item?.holder?.S === token", "outcome.repeated && token === ''"),
  inLease('(lease === "work" ? row.workUntil : row.tellUntil) ?? 0', "0"),
  inClaim("    : row.consumed < row.version;", "    : row.consumed <= row.version;"),
  inLease("(attribute_not_exists(#consumed) OR #consumed <= :version)", "attribute_exists(pk)"),
  inLease('...(exact ? ["version = :version"] : []),', ""),
  inClaim("  if (row.version < request.version) throw behind(id, row.version, request.version);\n"),
  inClaim(
    '  return (await mayAnnounce(holding)) ? claimOf(holding) : { refused: "busy" };',
    "  return claimOf(holding);",
  ),
  inClaim("!held.has(request.purpose) || ", ""),
  inClaim(
    "  if (done && !(await isNewsLate(holding))) return undefined;\n",
    "  if (done) return undefined;\n",
  ),
  inCalls("TableName: table, Key: key, ConsistentRead: true", "TableName: table, Key: key"),
  inCalls("    left = answer.UnprocessedItems?.[table] ?? [];", "    left = [];"),
  inCalls("    from = page.LastEvaluatedKey;", "    from = undefined;"),
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
  bugsIn("infra/aws/step.ts", ["loop/deadline-race", "aws/calls"])(
    "      } finally {\n          await claim.release();\n        }",
    "      } finally {\n        }",
  ),
  inMemory("if (row.version !== version)", "if (row.version > version)"),
  inMemory("row.consumed = Math.max(row.consumed, version)", "row.consumed = version"),
  inSchema("PRAGMA synchronous = FULL", "PRAGMA synchronous = NORMAL"),
  inSchema("    checkPages(db, path);\n"),
  inSchema("  if (version > migrations.length)\n", "  if (version > 99)\n"),
  inSchema('    lock.exec("BEGIN EXCLUSIVE");\n'),
  inSchema("    makePrivate(path);\n    const db", "    const db"),
  inWriter("      if (changes === 0) return false;\n"),
  inWriter("      checkFiles();\n"),
  inWriter("max(consumed, ?)", "?"),
  inWriter("      checkSpace(path);\n"),
  inWriter("if (!write(entry[0], entry)) conflicts.push(index);", "write(entry[0], entry);"),
  inBatches("resolve(!late.has(index))", "resolve(true)"),
  inBatches('for (const [id, version] of consumed) batch.push(["consume", id, version]);\n'),
  inRows("row === undefined || row.version !== version", "row === undefined"),
  inRows("WHERE e.version > coalesce(s.version, 0) ORDER BY", "ORDER BY"),
  inBus("return entry?.EventId !== undefined", "return entry !== undefined"),
  inBus("      return bytes > maxBytes;", "      return bytes < 0;"),
  bugsIn("infra/aws/publisher.ts", ["aws/telling"])(
    "batchItemFailures: left.map((itemIdentifier) => ({ itemIdentifier }))",
    "batchItemFailures: []",
  ),
  bugsIn("infra/aws/announcer.ts", ["aws/telling"])("            if (!isFinal(error)) throw error;\n"),
  bugsIn("infra/aws/ticker.ts", ["loop/deadline-race", "aws/hosts"])("      isBusy: store.isClaimed,\n"),
  bugsIn("infra/aws/ticker.ts", ["aws/telling"])('step: "announce"', 'step: "diagnose"'),
  inWrite(
    '  if (typeof before?.snapshot === "object") await removePieces(table.calls, id, before.snapshot);\n',
  ),
  inWrite(
    "  const isFull = before.logBytes > 0 && before.logBytes + bytes > maxLog;",
    "  const isFull = before.logBytes < 0;",
  ),
  inMemory("at > now - deliveries.keepMs", "at <= now"),
];
