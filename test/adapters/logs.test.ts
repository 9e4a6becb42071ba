import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { logSettings, logsOf } from "../../infra/host/adapters/logs.ts";
import { signerFor } from "../../infra/host/adapters/signer.ts";
import { cloudwatch } from "../../shared/adapters/logs/cloudwatch.ts";
import { elasticsearch } from "../../shared/adapters/logs/elasticsearch.ts";
import { logs } from "../../shared/adapters/logs/logs.ts";
import { loki } from "../../shared/adapters/logs/loki.ts";
import { type Canned, serve } from "../support/answering.ts";
import { service } from "../support/world.ts";

const from = Date.UTC(2026, 10, 22, 14, 0);
const window = { from, to: from + 60_000, limit: 400 };
const shop = (over: Parameters<typeof service>[0]) => service({ name: "shop", ...over });
const inLoki = shop({ logs: { loki: '{app="shop"} |= "x"' } });
const inElasticsearch = shop({
  logs: { elasticsearch: { index: "shop-*", query: "kubernetes.labels.app:shop" } },
});
const streams = readFileSync(new URL("../fixtures/loki/query_range_streams.json", import.meta.url), "utf8");
const answered = (data: unknown): Canned => ({ body: JSON.stringify(data) });

test("Loki is asked for the configured query over the window, as its tenant, and its lines are read", async () => {
  await using server = await serve(() => ({ body: streams }));
  const store = logs({ loki: loki({ url: server.url, tenant: "team-a", token: "t0ken" }) });
  assert.deepEqual(await store.lines(inLoki, window), {
    lines: [{ at: 1795355000000, service: "shop", text: "panic: nil pointer", level: "error" }],
  });
  const [{ path, params, headers }] = server.asked as [(typeof server.asked)[number]];
  assert.equal(path, "/loki/api/v1/query_range");
  assert.deepEqual(Object.fromEntries(params), {
    ...{ query: '{app="shop"} |= "x"', limit: "400", direction: "forward" },
    ...{ start: `${from}000000`, end: `${from + 60_000}000000` },
  });
  assert.deepEqual([headers["x-scope-orgid"], headers.authorization], ["team-a", "Bearer t0ken"]);
});

test("a line's level and stack come from its stream, its metadata, its JSON or logfmt, or its words", async () => {
  const line = (text: string, more?: object): [string, string, ...object[]] => [
    "1795355000000000000",
    text,
    ...(more === undefined ? [] : [more]),
  ];
  const values = [
    line('{"level":"ERROR","msg":"cannot settle","err":{"stack":"at pay (src/pay.js:3)"},"n":1}'),
    line("WARN slow", { detected_level: "warn" }),
    line("FATAL out of files"),
    line("served"),
    line("{not json"),
    line('ts=2026-11-22T10:00:00Z level=error msg="said \\"no\\"" err="EOF" trace_id=1c0a'),
    line('level=error msg="KeyError: key not found: "siteCode"" trace_id=1c0a'),
    line('{"lvl":"warn","message":"late","error":"timed out"}'),
  ];
  await using server = await serve(() =>
    answered({
      status: "success",
      data: {
        resultType: "streams",
        result: [{ stream: { app: "shop", detected_level: "unknown" }, values }],
      },
    }),
  );
  const { lines } = await logs({ loki: loki({ url: server.url }) }).lines(inLoki, window);
  assert.deepEqual(
    lines.map(({ level, text, trace }) => [level, text, trace]),
    [
      ["error", "cannot settle", "at pay (src/pay.js:3)"],
      ["warn", "WARN slow", undefined],
      ["fatal", "FATAL out of files", undefined],
      ["info", "served", undefined],
      ["info", "{not json", undefined],
      ["error", 'said "no": EOF', undefined],
      ["error", 'KeyError: key not found: "siteCode"', undefined],
      ["warn", "late: timed out", undefined],
    ],
  );
});

test("the fields of a line are read, those of objects in it too, and the machine that writes is not one of them", async () => {
  const said = {
    ...{ level: "error", msg: "no answer", hostname: "web-3", time: "now", pid: 4, timeoutMs: 300 },
    ...{
      host: "api.partner.com",
      config: { url: "https://api.partner.com/v1", retry: { max: 3, deep: { er: 1 } } },
    },
    list: [1, 2],
  };
  await using server = await serve(() =>
    answered({
      status: "success",
      data: {
        resultType: "streams",
        result: [{ stream: {}, values: [[`${from}000000`, JSON.stringify(said)]] }],
      },
    }),
  );
  const { lines } = await logs({ loki: loki({ url: server.url }) }).lines(inLoki, window);
  assert.deepEqual(
    lines.map(({ fields }) => fields),
    ["timeoutMs=300 host=api.partner.com url=https://api.partner.com/v1 max=3"],
  );
});

test("Elasticsearch is searched in the configured index, and dotted and nested fields are read", async () => {
  const hits = [
    {
      _source: {
        "@timestamp": "2026-11-22T14:00:01Z",
        message: "refused",
        "log.level": "error",
        "error.stack_trace": "at x.ts:1",
      },
    },
    {
      _source: {
        "@timestamp": "2026-11-22T14:00:02Z",
        message: "served",
        log: { level: "info" },
        error: { stack_trace: "at y.ts:2" },
        url: { domain: "api.partner.com" },
        "http.response.status_code": 503,
      },
    },
    { _source: { message: "without a time" } },
    { _source: { "@timestamp": "2026-11-22T14:00:03Z" } },
  ];
  await using server = await serve(() =>
    answered({ timed_out: false, _shards: { failed: 0 }, hits: { hits } }),
  );
  const store = logs({ elasticsearch: elasticsearch({ url: server.url, apiKey: "a2V5" }) });
  const { lines } = await store.lines(inElasticsearch, window);
  assert.deepEqual(lines, [
    { at: from + 1000, service: "shop", text: "refused", level: "error", trace: "at x.ts:1" },
    {
      ...{ at: from + 2000, service: "shop", text: "served", level: "info", trace: "at y.ts:2" },
      fields: "domain=api.partner.com http.response.status_code=503",
    },
  ]);
  const [{ path, body, headers }] = server.asked as [(typeof server.asked)[number]];
  assert.equal(path, "/shop-*/_search");
  const { size, sort, query } = JSON.parse(body);
  assert.deepEqual([size, sort], [400, [{ "@timestamp": "asc" }]]);
  assert.deepEqual(query.bool.must, [{ query_string: { query: "kubernetes.labels.app:shop" } }]);
  assert.deepEqual(query.bool.filter[0].range["@timestamp"], {
    gte: from,
    lt: from + 60_000,
    format: "epoch_millis",
  });
  assert.equal(headers.authorization, "ApiKey a2V5");
});

test("credentials in an address go into the header, and no redirect is followed with them", async () => {
  await using server = await serve(() => ({
    status: 302,
    headers: { location: "http://169.254.169.254/" },
    body: "",
  }));
  const url = server.url.replace("http://", "http://ann:s%40fe@");
  const { lines, unread } = await logs({ loki: loki({ url }) }).lines(inLoki, window);
  assert.deepEqual(
    [lines, unread],
    [
      [],
      "the logs of shop could not be read (loki: HTTP 302, a redirect to http://169.254.169.254/, which is not followed)",
    ],
  );
  assert.equal(server.asked[0]?.headers.authorization, `Basic ${Buffer.from("ann:s@fe").toString("base64")}`);
  assert.equal(server.asked.length, 1);
});

test("what cannot be read is told, and never throws: errors, parts, other shapes, too much, nobody there", async () => {
  const failing: [Canned, RegExp][] = [
    [{ status: 400, body: "parse error at line 1" }, /loki: HTTP 400 parse error at line 1\)$/],
    [{ body: "<html>" }, /loki: the answer is not JSON\)$/],
    [{ body: '{"data":{"resultType":"matrix","result":[]}}' }, /loki: the answer holds no log lines\)$/],
    [{ body: "x".repeat(5 * 1024 * 1024) }, /loki: the answer is larger than 4194304 bytes\)$/],
  ];
  for (const [answer, sentence] of failing) {
    await using server = await serve(() => answer);
    const { lines, unread } = await logs({ loki: loki({ url: server.url }) }).lines(inLoki, window);
    assert.deepEqual(lines, []);
    assert.match(unread ?? "", sentence);
  }
  await using server = await serve(() => answered({ timed_out: true, hits: { hits: [] } }));
  const late = await logs({ elasticsearch: elasticsearch({ url: server.url }) }).lines(
    inElasticsearch,
    window,
  );
  assert.match(late.unread ?? "", /elasticsearch: the answer is only a part\)$/);
  await server[Symbol.asyncDispose]();
  const gone = await logs({ loki: loki({ url: server.url }) }).lines(inLoki, window);
  assert.match(gone.unread ?? "", /loki: ECONNREFUSED\)$/);
});

test("a service without logs has none, and one whose store is not set up is told", async () => {
  assert.deepEqual(await logs({}).lines(service(), window), { lines: [] });
  assert.deepEqual(await logs({}).lines(inLoki, window), {
    lines: [],
    unread: "the logs of shop are not read: LOKI_URL is not set",
  });
  assert.match((await logs({}).lines(inElasticsearch, window)).unread ?? "", /ELASTICSEARCH_URL is not set/);
});

test("CloudWatch is asked for the group by the pattern over the window, page after page, with a signature, and its lines are read", async () => {
  const pages = [
    { events: [], nextToken: "second" },
    {
      events: [
        { timestamp: from + 2_000, message: "WARN slow", eventId: "2" },
        { timestamp: from + 1_000, message: '{"log":"ERROR refused\\n","stream":"stderr"}', eventId: "1" },
      ],
    },
  ];
  await using server = await serve(({ body }) =>
    answered(pages[JSON.parse(body).nextToken === undefined ? 0 : 1]),
  );
  const store = logsOf(
    logSettings({
      ...{ AWS_REGION: "eu-central-1", AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "nothing" },
      CLOUDWATCH_LOGS_URL: server.url,
    }),
    signerFor,
  );
  const inCloudwatch = shop({ logs: { cloudwatch: { group: "/eks/shop", pattern: "?ERROR ?WARN" } } });
  assert.deepEqual(await store.lines(inCloudwatch, window), {
    lines: [
      { at: from + 1_000, service: "shop", text: "ERROR refused", level: "error" },
      { at: from + 2_000, service: "shop", text: "WARN slow", level: "warn" },
    ],
  });
  const asked = {
    logGroupName: "/eks/shop",
    filterPattern: "?ERROR ?WARN",
    startTime: from,
    endTime: from + 59_999,
  };
  assert.deepEqual(
    server.asked.map(({ body }) => JSON.parse(body)),
    [
      { ...asked, limit: 400 },
      { ...asked, limit: 400, nextToken: "second" },
    ],
  );
  const [{ headers }] = server.asked as [(typeof server.asked)[number]];
  assert.equal(headers["x-amz-target"], "Logs_20140328.FilterLogEvents");
  assert.match(
    headers.authorization ?? "",
    /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/logs\/aws4_request, /,
  );
});

test("CloudWatch is asked for a group of another account by its ARN, for a few pages, and what it refuses is one sentence", async () => {
  const refusal = { __type: "AccessDeniedException", message: "no permission" };
  let isRefused = false;
  await using server = await serve(() =>
    isRefused ? { status: 400, body: JSON.stringify(refusal) } : answered({ nextToken: "more" }),
  );
  const store = logs({ cloudwatch: cloudwatch({ url: server.url }) });
  const group = "arn:aws:logs:eu-central-1:123456789012:log-group:/eks/shop";
  const inCloudwatch = shop({ logs: { cloudwatch: { group, pattern: "ERROR" } } });
  assert.deepEqual(await store.lines(inCloudwatch, window), { lines: [] });
  assert.equal(server.asked.length, 10);
  assert.equal(JSON.parse(server.asked[0]!.body).logGroupIdentifier, group);
  isRefused = true;
  assert.deepEqual(await store.lines(inCloudwatch, window), {
    lines: [],
    unread: `the logs of shop could not be read (cloudwatch: HTTP 400 ${JSON.stringify(refusal)})`,
  });
  assert.deepEqual(await logs({}).lines(inCloudwatch, window), {
    lines: [],
    unread: "the logs of shop are not read: AWS_REGION is not set",
  });
});
