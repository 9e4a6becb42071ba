import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { context, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import fc from "fast-check";
import { prettyLine } from "../../infra/host/server/pretty-line.ts";
import { jsonLog } from "../../shared/adapters/log.ts";
import { UpstreamError } from "../../shared/errors.ts";
import { scrub } from "../../shared/scrub.ts";
import { anyText } from "../support/any-text.ts";

const at = Date.UTC(2026, 10, 22, 14, 0, 0, 250);
const written = (
  write: (log: ReturnType<typeof jsonLog>) => void,
  base?: Record<string, unknown>,
): string[] => {
  const lines: string[] = [];
  write(
    jsonLog(
      (line) => lines.push(line),
      () => at,
      base,
    ),
  );
  return lines;
};
const only = (write: (log: ReturnType<typeof jsonLog>) => void) => JSON.parse(written(write)[0]!);

test("an entry is one JSON line: time, level and message first, then the base fields, then its own", () => {
  const lines = written((log) => log.info("incident moved", { to: "closed" }), { service: "countersteer" });
  assert.deepEqual(lines, [
    '{"time":"2026-11-22T14:00:00.250Z","level":"info","message":"incident moved","service":"countersteer","to":"closed"}\n',
  ]);
});

test("for people an entry is a line of words, and no field of it turns the terminal round", () => {
  const [line = ""] = written((log) =>
    log.warn("request refused", {
      door: "/webhooks/flags",
      status: 401,
      reason: "no token",
      said: "\u001b[2J\nok",
    }),
  );
  assert.equal(
    prettyLine(line),
    '14:00:00.250 warn   request refused  door=/webhooks/flags status=401 reason="no token" said="\\u001b[2J\\nok"\n',
  );
});

test("whatever is logged, one entry is one line that parses, and its first keys are ours", () => {
  const text = anyText(30);
  fc.assert(
    fc.property(
      text,
      fc.dictionary(
        fc.oneof(text, fc.constantFrom("time", "level", "message", "trace_id", "__proto__")),
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      ),
      (message, fields) => {
        const lines = written((log) => log.warn(message, fields));
        assert.equal(lines.length, 1);
        assert.match(lines[0]!, /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+\n$/u);
        const entry = JSON.parse(lines[0]!);
        assert.deepEqual(
          Object.keys(entry)
            .filter((key) => !/^\d+$/.test(key))
            .slice(0, 3),
          ["time", "level", "message"],
        );
        assert.equal(entry.time, "2026-11-22T14:00:00.250Z");
        assert.equal(entry.level, "warn");
      },
    ),
    { numRuns: 1000 },
  );
});

test("a forged line, colours and Unicode line ends stay inside their string", () => {
  const forged = 'x\n{"level":"info"}\r\u001b[31mred\u2028\u0085';
  const [line] = written((log) => log.info(forged, { "k\ney": forged }));
  assert.equal(line!.indexOf("\n"), line!.length - 1);
  assert.equal(line!.includes("\u001b"), false);
  assert.equal(JSON.parse(line!).message, forged);
});

test("an error tells its message and its causes; one of ours without a stack", () => {
  const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const { error } = only((log) =>
    log.error("step failed", {
      error: new UpstreamError("slack", "chat.postMessage to C1: ECONNREFUSED", { retryable: true, cause }),
    }),
  );
  const { stack, ...told } = error.cause;
  assert.equal(error.stack, undefined);
  assert.match(stack, /^Error: connect ECONNREFUSED\n {4}at /);
  assert.deepEqual(
    { ...error, cause: told },
    {
      name: "UpstreamError",
      message: "chat.postMessage to C1: ECONNREFUSED",
      system: "slack",
      retryable: true,
      cause: { name: "Error", message: "connect ECONNREFUSED", code: "ECONNREFUSED" },
    },
  );
});

test("cycles, throwing getters and depth cost an entry nothing but themselves", () => {
  const cycle: Record<string, unknown> = { name: "a" };
  cycle.self = cycle;
  const trap = {
    get broken() {
      throw new Error("no");
    },
  };
  const deep = { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } };
  const entry = only((log) =>
    log.info("odd", { cycle, trap, deep, big: 10n, nan: Number.NaN, list: [undefined, () => 1] }),
  );
  assert.deepEqual(entry.cycle, { name: "a", self: "[circular]" });
  assert.deepEqual(entry.trap, { unreadable: true });
  assert.deepEqual(entry.deep, { a: { b: { c: { d: { e: "[…]" } } } } });
  assert.deepEqual([entry.big, entry.nan, entry.list], ["10", "NaN", [null, null]]);
});

test("no canary gets through, wherever it stands", () => {
  const canaries = [
    "Bearer canary-1234567",
    "Basic Y2FuYXJ5OmNhbmFyeTE=",
    "xoxb-1234-canary",
    "xapp-1-canary",
    "ghp_canaryCanaryCanary123",
    "ghs_canaryCanaryCanary123",
    "github_pat_11CANARY_canary",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIcanary\n-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary-_1",
    "AKIACANARYCANARY1234",
    "https://user:canary@git.example/x",
  ];
  for (const canary of canaries) {
    const secret = /canary[-\w]*|Y2Fu\S+|eyJj\S+|AKIA\w+/i;
    const [line] = written((log) =>
      log.error(`failed with ${canary} there`, {
        header: canary,
        nested: { list: [canary] },
        error: new Error(`got ${canary}`, { cause: new Error(canary) }),
      }),
    );
    assert.doesNotMatch(line!, secret, canary);
    JSON.parse(line!);
  }
  const entry = only((log) =>
    log.info("named", {
      authorization: "abc",
      slackToken: "abc",
      privateKey: "abc",
      signing_secret: "abc",
      tokens: 3,
      passed: true,
    }),
  );
  const { authorization, slackToken, privateKey, signing_secret, tokens, passed } = entry;
  assert.deepEqual(
    [authorization, slackToken, privateKey, signing_secret, tokens, passed],
    [...Array(4).fill("[redacted]"), 3, true],
  );
});

test("ordinary prose is left alone, and long text is cut", () => {
  for (const prose of [
    "the token is missing",
    "basic authentication failed",
    "merge acme/api#412: 409 head moved",
    "see https://git.example/a@b",
  ])
    assert.equal(scrub(prose), prose);
  assert.equal(scrub("x".repeat(10_000)).length, 8193);
});

const manager = new AsyncLocalStorageContextManager();
before(() => context.setGlobalContextManager(manager.enable()));
after(() => context.disable());

test("inside a span the entry names its trace", () => {
  const span = trace.wrapSpanContext({
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: 1,
  });
  const entry = context.with(trace.setSpan(ROOT_CONTEXT, span), () =>
    only((log) => log.info("in", { trace_id: "forged" })),
  );
  assert.equal(entry.trace_id, "0af7651916cd43dd8448eb211c80319c");
  assert.equal(entry.trace_id_, "forged");
  assert.equal("trace_id" in only((log) => log.info("out")), false);
});
