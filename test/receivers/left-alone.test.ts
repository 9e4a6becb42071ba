import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { memoryStore } from "../../shared/adapters/memory.ts";
import { ConflictError, UpstreamError } from "../../shared/errors.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import type { Store } from "../../shared/ports/store.ts";
import { question } from "../abuse/question.ts";
import { doors } from "../support/doors.ts";
import { sha } from "../support/incident.ts";
import { click, secrets, webhook } from "../support/payloads.ts";
import { burning, service, world } from "../support/world.ts";

const services = [
  service({ environments: ["production", "staging"], deploys: [{ tool: "argocd", name: "payments" }] }),
  service({ name: "search", match: [parseMatcher('app="search-api"')!] }),
];
const opened = (over: Parameters<typeof doors>[1] = {}) => {
  const made = doors(over.store === undefined ? world() : world({ store: over.store }), {
    services,
    ...over,
  });
  const page = async (accept = "application/json") =>
    made.app.request("/left-alone", { headers: { accept } });
  const left = async () => ((await (await page()).json()) as { left: object[] }).left;
  return { ...made, page, left };
};
const labelled = (labels: Record<string, string>) => webhook([{ labels }]);
const hour = 3_600_000;

test("an alert of a misspelt service is on the page, with the labels that were looked at and the nearest service", async () => {
  const { notify, left, made } = opened();
  await notify(labelled({ service: "payment-gatway", environment: "production" }));
  await notify(labelled({ service: "", app: "serch-api" }));
  const at = new Date(made.state.now).toISOString();
  assert.deepEqual(await left(), [
    {
      ...{ kind: "alerts", name: "PaymentErrorsHigh", reason: "unknown_service" },
      ...{ looked: { service: "payment-gatway", app: "missing" }, nearest: "payment-gateway" },
      ...{ count: 1, since: at, at },
    },
  ]);
  made.state.now += hour;
  await notify(labelled({ service: "", app: "serch-api" }));
  assert.deepEqual((await left())[0], {
    ...{ kind: "alerts", name: "PaymentErrorsHigh", reason: "unknown_service" },
    ...{ looked: { service: "missing", app: "serch-api" }, nearest: "search" },
    ...{ count: 3, since: at, at: new Date(made.state.now).toISOString() },
  });
});

test("an alert without its environment, or with a misspelt one, is told with the service's own", async () => {
  const { notify, left, made } = opened();
  await notify(labelled({ environment: "producton" }));
  made.state.now += hour;
  await notify(labelled({}));
  const told = (await left()) as { looked: object; nearest: string; reason: string }[];
  assert.deepEqual(
    told.map(({ looked, nearest, reason }) => [reason, looked, nearest]),
    [["unknown_environment", { environment: "missing" }, "payment-gateway"]],
  );
});

test("a deploy is told by the name that its tool, or its report, gave", async () => {
  const { deployed, left } = opened();
  await deployed({ schema: "argocd.v1", app: "payment", operation: { phase: "Running" } });
  await deployed({ service: "serch", environment: "production", sha: sha("a") });
  await deployed({ service: "search", environment: "prod", sha: sha("a") });
  await deployed({ schema: "argocd.v1", app: "payments", operation: { phase: "Running" } });
  const told = (await left()) as {
    kind: string;
    name: string;
    reason: string;
    looked: object;
    nearest?: string;
  }[];
  assert.deepEqual(
    told.map(({ kind, name, reason, looked, nearest }) => [kind, name, reason, looked, nearest]),
    [
      ["deploys", "payments", "unknown_environment", { argocd: "payments" }, "payment-gateway"],
      ["deploys", "search", "unknown_environment", { service: "search", environment: "prod" }, "search"],
      ["deploys", "serch", "unknown_service", { service: "serch", environment: "production" }, "search"],
      ["deploys", "payment", "unknown_service", { argocd: "payment" }, "payment-gateway"],
    ],
  );
});

test("each name and reason is logged once an hour, by all instances together, and the page keeps the latest hundred", async () => {
  const store = memoryStore();
  const [one, other] = [opened({ store }), opened({ store })];
  const alert = labelled({ service: "nobody" });
  for (const { notify } of [one, one, other]) await notify(alert);
  assert.deepEqual([one.lines, other.lines], [["report left alone"], []]);
  one.made.state.now += hour;
  await one.notify(alert);
  assert.equal(one.lines.length, 2);
  for (let index = 0; index < 105; index++)
    await one.notify(labelled({ alertname: `A${index}`, service: "nobody" }));
  const told = (await one.left()) as { name: string }[];
  assert.deepEqual([told.length, told[0]?.name, told.at(-1)?.name], [100, "A104", "A5"]);
});

test("a note that cannot be stored is logged, and the alert has its receipt all the same", async () => {
  const inner = memoryStore();
  let conflicts = 0;
  const failing: Store = {
    ...inner,
    setRegister: async () => {
      throw new UpstreamError("store", "full", { retryable: true });
    },
  };
  const contended: Store = {
    ...inner,
    setRegister: async (name, version, value) => {
      if (++conflicts <= 2) throw new ConflictError("again");
      await inner.setRegister(name, version, value);
    },
  };
  const broken = opened({ store: failing });
  const response = await broken.notify(labelled({ service: "nobody" }));
  assert.equal(response.status, 202);
  assert.deepEqual(broken.lines, ["a report that was left alone is not on the page"]);
  const busy = opened({ store: contended });
  await busy.notify(labelled({ service: "nobody" }));
  assert.equal((await busy.left()).length, 1);
});

test("what could not be stored is told later, with the times that it was counted meanwhile", async () => {
  const inner = memoryStore();
  let isFull = true;
  const store: Store = {
    ...inner,
    setRegister: async (...given) => {
      if (isFull) throw new UpstreamError("store", "full", { retryable: true });
      await inner.setRegister(...given);
    },
  };
  const { notify, left, made, lines } = opened({ store });
  const began = made.state.now;
  for (let turn = 0; turn < 3; turn++) await notify("{}", "Bearer wrong");
  isFull = false;
  made.state.now += 30_000;
  await notify("{}", "Bearer wrong");
  assert.deepEqual(await told(left), []);
  made.state.now += 30_000;
  await notify("{}", "Bearer wrong");
  assert.deepEqual(await told(left), ["requests POST /webhooks/alertmanager no_credential ×1"]);
  assert.equal(((await left()) as { since: string }[])[0]?.since, new Date(began).toISOString());
  made.state.now += hour;
  await notify("{}", "Bearer wrong");
  assert.deepEqual(await told(left), ["requests POST /webhooks/alertmanager no_credential ×6"]);
  assert.equal(lines.filter((line) => line.includes("not on the page")).length, 1);
});

test("the page shows text from outside as text, and only to readers who may see every service", async () => {
  const { notify, page } = opened();
  const empty = await (await page("text/html")).text();
  assert.match(empty, /Every alert and every deploy so far was about a service/);
  await notify(labelled({ alertname: "<b>x</b>", service: "<i>y</i>" }));
  const text = await (await page("text/html")).text();
  assert.ok(text.includes("&lt;b&gt;x") && text.includes("service=&lt;i&gt;y") && !text.includes("<i>y"));
  const limited = opened({
    config: { visibleTo: ["payments"] },
    access: {
      ...{ isOpen: false, tokens: ["page-token"] },
      proxy: { header: "x-user", groupsHeader: "x-groups", secret: "proxy-secret" },
    },
  });
  const as = (groups: string) => ({
    ...{ accept: "application/json", "x-user": "ann", "x-groups": groups },
    "x-countersteer-proxy-secret": "proxy-secret",
  });
  const statusFor = async (groups: string) =>
    (await limited.app.request("/left-alone", { headers: as(groups) })).status;
  assert.equal((await limited.page()).status, 401);
  assert.deepEqual([await statusFor("search"), await statusFor("payments")], [403, 200]);
  const told = await limited.app.request("/left-alone", {
    headers: { accept: "application/json", authorization: "Bearer page-token" },
  });
  assert.equal(told.status, 200);
});

const grafana = readFileSync(
  join(import.meta.dirname, "../fixtures/grafana/unified_alerting_webhook.json"),
  "utf8",
);

test("Grafana may sign with the token, with or without a time, instead of bringing it", async () => {
  const { post } = opened({ services: [service()] });
  const signed = (secret: string, timestamp?: string) => {
    const hmac = createHmac("sha256", secret);
    if (timestamp !== undefined) hmac.update(`${timestamp}:`);
    return post("/webhooks/alertmanager", grafana, {
      "x-grafana-alerting-signature": hmac.update(grafana).digest("hex"),
      ...(timestamp !== undefined && { "x-grafana-alerting-timestamp": timestamp }),
    });
  };
  assert.equal((await signed("other")).status, 401);
  const response = await signed(secrets.alertmanager);
  assert.equal(response.status, 202);
  const { receipts } = (await response.json()) as { receipts: { outcome: string }[] };
  assert.deepEqual(
    receipts.map(({ outcome }) => outcome),
    ["opened"],
  );
  assert.equal((await signed(secrets.alertmanager, "1764000000")).status, 202);
});

test("a secret that Grafana alone signs with proves its signature, also the former one and by PUT, and is no bearer token", async () => {
  const { app, post } = opened({
    services: [service()],
    secrets: { alertmanager: undefined, grafana: "grafana-new", previous: { grafana: "grafana-old" } },
  });
  const signature = (secret: string) => createHmac("sha256", secret).update(grafana).digest("hex");
  const status = async (headers: Record<string, string>) =>
    (await post("/webhooks/alertmanager", grafana, headers)).status;
  for (const secret of ["grafana-new", "grafana-old"]) {
    assert.equal(await status({ "x-grafana-alerting-signature": signature(secret) }), 202);
    assert.equal(await status({ authorization: `Bearer ${secret}` }), 401);
  }
  assert.equal(await status({ "x-grafana-alerting-signature": signature("") }), 401);
  const headers = { "x-grafana-alerting-signature": signature("grafana-new") };
  const put = await app.request("/webhooks/alertmanager", { method: "PUT", body: grafana, headers });
  assert.equal(put.status, 202);
});

type Told = { kind: string; name: string; reason: string; count: number; looked: Record<string, string> };
const told = async (left: () => Promise<object[]>) =>
  ((await left()) as Told[]).map(({ kind, name, reason, count }) => `${kind} ${name} ${reason} ×${count}`);

test("a call that is refused is noted once an hour for each door and reason, and the others are counted", async () => {
  const { app, notify, github, post, left, made } = opened();
  for (let turn = 0; turn < 50; turn++) await notify("{}", "Bearer wrong");
  await notify("{}");
  await github("push", {}, "wrong");
  await post("/slack/interactions", "payload=%7B%7D");
  await app.request("/incidents", { headers: { host: "evil.example" } });
  assert.deepEqual(await told(left), [
    "requests GET /incidents foreign ×1",
    "requests POST /slack/interactions no_credential ×1",
    "requests POST /webhooks/github no_credential ×1",
    "requests POST /webhooks/alertmanager malformed ×1",
    "requests POST /webhooks/alertmanager no_credential ×1",
  ]);
  made.state.now += hour;
  await notify("{}", "Bearer wrong");
  assert.deepEqual((await told(left))[0], "requests POST /webhooks/alertmanager no_credential ×51");
});

test("an attempt that no incident lists is noted with its reason: of an incident that has ended, repeated, or by nobody's admin", async () => {
  const { made, interact, command, left, page } = opened({ admins: ["UADMIN"] });
  await made.alerts([burning]);
  await made.settle();
  const press = () => interact(click("approve", "UMALLORY", question));
  await press();
  assert.deepEqual(await told(left), []);
  for (let turn = 0; turn < 3; turn++) await press();
  await command("stop it all", "UMALLORY");
  await command("stop it all", "UADMIN");
  assert.deepEqual(await told(left), [
    "attempts /countersteer stop not_admin ×1",
    "attempts approve payment-gateway/production not_approver ×1",
  ]);
  assert.match(
    await (await page("text/html")).text(),
    /<h2>Attempts of people<\/h2>[\s\S]*<th scope="row"><b>approve payment-gateway\/production<\/b><\/th><td>the person is not an approver/,
  );
});

test("a flood of one kind does not push out the others", async () => {
  const { notify, left } = opened();
  await notify("{}", "Bearer wrong");
  for (let index = 0; index < 105; index++)
    await notify(labelled({ alertname: `A${index}`, service: "nobody" }));
  assert.deepEqual((await told(left)).length, 101);
  assert.deepEqual((await told(left)).at(-1), "requests POST /webhooks/alertmanager no_credential ×1");
});

test("a flag that nobody has, another sender's service and a malformed alert are on the page", async () => {
  const { flipped, notify, left } = opened({
    config: {
      senders: [{ name: "search-team", kinds: ["alerts"], services: ["search"], token: "SENDER_SEARCH" }],
    },
    secrets: { senders: { SENDER_SEARCH: ["search-token"] } },
  });
  await flipped({ service: "nobody", environment: "production", flag: "x", change: "on" });
  await notify(labelled({ environment: "production" }), "Bearer search-token");
  const { alerts, ...rest } = labelled({ service: "nobody" });
  await notify({ ...rest, alerts: [...alerts, { labels: { alertname: "Odd" } }] });
  assert.deepEqual((await told(left)).toSorted(), [
    "alerts Odd malformed ×1",
    "alerts PaymentErrorsHigh not_owned ×1",
    "alerts PaymentErrorsHigh unknown_service ×1",
    "flags nobody unknown_service ×1",
  ]);
});
