import assert from "node:assert/strict";
import { test } from "node:test";
import { announce } from "../../functions/announce/announce.ts";
import type { Event } from "../../shared/incident/events.ts";
import { evolve } from "../../shared/incident/evolve.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { doors } from "../support/doors.ts";
import { sha } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { burning, culprit, service, world } from "../support/world.ts";

const address = "/incidents/payment-gateway/production";
const asked = async () => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return doors(made);
};

test("an incident as JSON has everything others build on", async () => {
  const { app } = await asked();
  const response = await app.request(address, { headers: { accept: "application/json" } });
  const incident = (await response.json()) as Record<string, unknown>;
  assert.deepEqual(
    [incident.service, incident.environment, incident.status, incident.round],
    ["payment-gateway", "production", "proposed", 1],
  );
  const { number, url, head } = incident.pull as { number: number; url: string; head: string };
  assert.deepEqual(
    { number, url, head },
    { number: 1, url: "http://github.test/acme/payments/pull/1", head: sha("d") },
  );
  const [suspect] = incident.suspects as { sha: string; score: number; reasons: string[] }[];
  assert.equal(suspect?.sha, culprit.sha);
  const { sha: of, title } = culprit;
  assert.deepEqual(incident.remedy, { kind: "revert", sha: of, title, score: suspect!.score });
  assert.deepEqual(incident.remedies, [incident.remedy]);
  assert.ok(suspect!.reasons.length >= 2);
  assert.deepEqual(
    (incident.timeline as { type: string; at: string }[]).map(({ type }) => type),
    ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"],
  );
});

test("the list's address with a slash at its end leads to the list", async () => {
  const { app } = await asked();
  const response = await app.request("/incidents/");
  assert.deepEqual([response.status, response.headers.get("location")], [302, "/incidents"]);
});

test("the page shows text from outside as text", async () => {
  const made = world();
  made.state.commits = [{ ...culprit, title: "<script>alert(1)</script>", url: "javascript:alert(1)" }];
  await made.alerts([{ ...burning, annotations: { summary: "<img src=x onerror=alert(1)>" } }]);
  await made.settle();
  const page = await (await doors(made).app.request(address)).text();
  assert.equal(/<script>alert|<img|href="javascript/.test(page), false);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/);
});

test("pages allow no script and no frame", async () => {
  const { app } = await asked();
  const policy = (await app.request(address)).headers.get("content-security-policy");
  assert.match(policy ?? "", /default-src 'none'.*frame-ancestors 'none'/);
});

test("an incident that never was is 404, as a page and as JSON", async () => {
  const { app } = doors();
  assert.equal((await app.request("/incidents/a/b")).status, 404);
  const json = await app.request("/incidents/a/b", { headers: { accept: "application/json" } });
  assert.deepEqual([json.status, await json.json()], [404, { error: "there was never an incident of a/b" }]);
});

test("the list names every incident", async () => {
  const { app } = await asked();
  assert.match(await (await app.request("/incidents")).text(), /payment-gateway<\/b>/);
});

/** Three troubles of one service, and an incident of another one after them. */
const several = async () => {
  const made = world();
  const at = doors(made, {
    services: [service(), service({ name: "mail", match: [parseMatcher('service="mail"')!] })],
  });
  for (const [trouble, name] of ["PaymentErrorsHigh", "QueueFull", "PodsCrash"].entries()) {
    made.state.now = (trouble + 1) * 20_000;
    await made.deploy(sha(String(trouble)));
    await at.notify(webhook([firing(name, made.state.now)]));
  }
  await at.notify(webhook([firing("MailQueue", made.state.now, "mail")]));
  return { made, at };
};
const firing = (name: string, now: number, of = "payment-gateway") => ({
  ...{ fingerprint: Buffer.from(name).toString("hex").slice(0, 16), startsAt: new Date(now).toISOString() },
  labels: { alertname: name, service: of, environment: "production" },
});
const id = "payment-gateway/production";

test("the list and its JSON hold the troubles of a service together", async () => {
  const { at } = await several();
  const json = await at.app.request("/incidents", { headers: { accept: "application/json" } });
  const { incidents } = (await json.json()) as { incidents: { id: string; troubles?: string[] }[] };
  const troubles = [id, `${id}/2`, `${id}/3`];
  assert.deepEqual(
    incidents.map((one) => [one.id, one.troubles]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    [["mail/production", undefined], ...troubles.map((one) => [one, troubles])],
  );
  const order = incidents.map((one) => one.id).filter((one) => one.startsWith(id));
  assert.deepEqual(order, troubles);
  const page = await (await at.app.request("/incidents")).text();
  assert.match(page, /<b>payment-gateway<\/b>.*trouble 2.*trouble 3/s);
});

for (const one of [id, `${id}/2`, `${id}/3`])
  test(`the page and the JSON of ${one} name all troubles of the service`, async () => {
    const { at } = await several();
    const address = `/incidents/${one}`;
    const json = await at.app.request(address, { headers: { accept: "application/json" } });
    assert.deepEqual(((await json.json()) as { troubles: string[] }).troubles, [id, `${id}/2`, `${id}/3`]);
    const page = await (await at.app.request(address)).text();
    assert.match(page, new RegExp(`Troubles of this service: .*href="/incidents/${id}/3"`));
  });

for (const [one, others] of [
  [id, [`${id}/2: QueueFull`, `${id}/3: PodsCrash`]],
  [`${id}/2`, [`${id}: PaymentErrorsHigh`, `${id}/3: PodsCrash`]],
  [`${id}/3`, [`${id}: PaymentErrorsHigh`, `${id}/2: QueueFull`]],
] as const)
  test(`the message of ${one} names the other open troubles of the service`, async () => {
    const { made } = await several();
    const { incident, version } = await made.store.load(one);
    await announce(
      made.process,
      made.work,
    )({
      version,
      incident: evolve(incident, {
        type: "StepDelayed",
        at: 61_000,
        step: "diagnose",
        detail: "GitHub is slow",
      }),
    });
    const [message] = [...made.state.messages.values()];
    const line = message?.lines.find(({ label }) => label === "Also open in this service");
    assert.equal(line?.text, others.join("\n"));
  });

test("the page says of each reason whether it was measured", async () => {
  const { app } = await asked();
  const page = await (await app.request(address)).text();
  assert.match(page, /<li>[^<]+ <span class="quiet">(measured|text)<\/span><\/li>/);
});

test("the page has the notes about the proposed pull request, such as the class of the change", async () => {
  const { app, made } = await asked();
  const { incident } = await made.store.load(id);
  assert.ok(incident.status === "proposed" && incident.remedy.kind === "revert");
  const noted = { ...incident, remedy: { ...incident.remedy, notes: ["kind of change: <traffic>"] } };
  const load = made.store.load;
  made.store.load = async (one) => (one === id ? { incident: noted, version: 3 } : load(one));
  const page = await (await app.request(address)).text();
  made.store.load = load;
  assert.match(page, /<ul class="quiet"><li>kind of change: &lt;traffic&gt;<\/li><\/ul>/);
});

test("incidents that wait for one another are linked on both pages and in their JSON", async () => {
  const made = world();
  const theirs = "fx/production";
  await made.alerts([burning]);
  await made.settle();
  await made.process.handle(theirs, {
    ...{ type: "RecordAlerts", at: made.state.now, alerts: [burning], truncated: false, origin: id },
  });
  const { app } = doors(made);
  assert.match(
    await (await app.request(`/incidents/${theirs}`)).text(),
    new RegExp(`Counted on by <a href="/incidents/${id}"`),
  );
  const json = await app.request(`/incidents/${theirs}`, { headers: { accept: "application/json" } });
  assert.deepEqual(((await json.json()) as { origins: string[] }).origins, [id]);
  const two = `${id}/2`;
  await made.process.handle(two, {
    ...{ type: "RecordAlerts", at: made.state.now, truncated: false },
    alerts: [{ ...burning, fingerprint: "f2", startsAt: 11_000 }],
  });
  assert.equal((await made.settle(two)).status, "referred");
  assert.match(
    await (await app.request(`/incidents/${two}`)).text(),
    new RegExp(`Waits for <a href="/incidents/${id}"`),
  );
});

/** Incidents of so many services, each of about 40 KB as JSON unless its size is given. */
const many = async (count: number, sizeOf = (_index: number): number => 20_000) => {
  const made = world();
  const names = Array.from({ length: count }, (_, index) => `service-${String(index).padStart(4, "0")}`);
  for (const [index, name] of names.entries()) {
    const opened = openedOf(`${name}/production`, "x".repeat(sizeOf(index)));
    await made.store.append(opened.incident.id, 0, opened.incident, [opened.event]);
  }
  return { made, names };
};
const openedOf = (id: string, summary: string) => {
  const event: Event = {
    ...{ type: "IncidentOpened", at: 1_000, onsetAt: 1_000, due: 9_000, round: 1, truncated: false },
    alerts: [{ ...burning, annotations: { summary } }],
  };
  return { event, incident: evolve(emptyIncident(id), event) };
};
type Listed = { incidents: { id: string; [key: string]: unknown }[]; next?: string };
const pageAt = async (at: ReturnType<typeof doors>, address: string) => {
  const response = await at.app.request(address, { headers: { accept: "application/json" } });
  assert.equal(response.status, 200);
  const text = await response.text();
  return { bytes: Buffer.byteLength(text), page: JSON.parse(text) as Listed };
};

test("every page of the JSON list is below 1 MB, and its links lead to each of 3,000 incidents once", async () => {
  const { made, names } = await many(3_000, (index) => (index % 300 < 30 ? 20_000 : 10));
  const at = doors(made);
  const seen: string[] = [];
  const sizes = new Set<number>();
  for (let address: string | undefined = "/incidents"; address !== undefined; ) {
    const { bytes, page } = await pageAt(at, address);
    assert.ok(bytes < 1_000_000, `${address} has ${bytes} bytes`);
    seen.push(...page.incidents.map(({ id }) => id));
    sizes.add(page.incidents.length);
    address = page.next;
  }
  // Some pages end at their number of services, some at their size.
  assert.ok(sizes.has(50) && sizes.size > 1, [...sizes].join());
  assert.deepEqual(seen, names.map((name) => `${name}/production`).toReversed());
});

test("the JSON list begins at the page that is asked for, and is empty after a service that is not there", async () => {
  const { made, names } = await many(60);
  const at = doors(made);
  const { page } = await pageAt(at, "/incidents?page=2");
  assert.equal(page.incidents[0]?.id, `${names[9]}/production`);
  assert.deepEqual((await pageAt(at, "/incidents?after=nobody/production")).page, { incidents: [] });
});

test("an incident that fills a page by itself is named in the list, with the address that has all of it", async () => {
  const made = world();
  const { event, incident } = openedOf(id, "ü".repeat(700_000));
  await made.store.append(id, 0, incident, [event]);
  const { page } = await pageAt(doors(made), "/incidents");
  assert.deepEqual(page.incidents, [
    {
      ...{ id, service: "payment-gateway", environment: "production", status: "opened", round: 1 },
      omitted: `it is larger than a page of the list: read /incidents/${id}`,
    },
  ]);
});

test("an incident that cannot be read is told as that in the list and its JSON, and hides no other", async () => {
  const { made } = await many(3);
  const bad = "service-0001/production";
  const unreadable = async (one: string) => {
    if (one === bad) throw new Error("its snapshot is not JSON");
    return made.store.load(one);
  };
  const at = doors(made, { store: { ...made.store, load: unreadable } });
  const { page } = await pageAt(at, "/incidents");
  assert.deepEqual(
    page.incidents.map(({ id: one, status, unreadable: why }) => [one, status ?? why]),
    [
      ["service-0002/production", "opened"],
      [bad, "its snapshot is not JSON"],
      ["service-0000/production", "opened"],
    ],
  );
  const html = await (await at.app.request("/incidents")).text();
  assert.match(
    html,
    /service-0002<\/b>.*unreadable<\/span>.*service-0001.*<p>its snapshot is not JSON.*service-0000<\/b>/s,
  );
});
