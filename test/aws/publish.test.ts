import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { publish } from "../../functions/publish.ts";
import { startBus } from "../../infra/aws-local/bus.ts";
import { randomSequence } from "../../infra/aws-local/random.ts";
import type { Wired } from "../../infra/aws-local/wiring.ts";
import { flipItem, updateOf } from "../../shared/adapters/dynamodb/item.ts";
import { changeOf, type StreamRecord } from "../../shared/adapters/dynamodb/stream.ts";
import { eventbridgeBus, eventbridgeClient } from "../../shared/adapters/eventbridge/bus.ts";
import { readNote } from "../../shared/adapters/eventbridge/detail.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Incident } from "../../shared/incident/model.ts";
import type { Bus, Notice } from "../../shared/ports/bus.ts";
import { closedEvent, openedEvent } from "../support/facts.ts";
import { approved, asked, diagnosed, id, opened, past, proposed } from "../support/incident.ts";
import { silent } from "../support/world.ts";

type Answer = Awaited<ReturnType<Bus["put"]>>;

/** A bus of 3 entries a call that answers as told, call after call, and keeps what it accepted. */
const busOf = (answers: (call: number, notices: Notice[]) => boolean[] | Error) => {
  const accepted: string[] = [];
  const calls: string[][] = [];
  const bus: Bus = {
    takes: (notices) => {
      assert.ok(calls.length < 1_000, "the bus is called for ever");
      return Math.min(3, notices.length);
    },
    async put(notices) {
      const names = notices.map(({ type }) => type);
      const results = answers(calls.length, notices);
      calls.push(names);
      if (results instanceof Error) throw results;
      accepted.push(...names.filter((_, place) => results[place]));
      return results.map((result): Answer[number] =>
        result ? { accepted: true } : { accepted: false, problem: "InternalFailure" },
      );
    },
    async close() {},
  };
  const waits: number[] = [];
  const wait = async (ms: number) => void waits.push(ms);
  return { accepted, calls, waits, put: publish({ bus, wait, log: silent }) };
};
const all = (_: number, notices: Notice[]): boolean[] => notices.map(() => true);
/** `a1` is the first fact of incident a. */
const change = (name: string) => ({
  ...{ place: name, at: 1, incident: name[0]! },
  read: (): Notice[] => [{ type: name, at: 1, detail: {} }],
});

test("what fits in one call is one call", async () => {
  const { calls, put } = busOf(all);
  assert.deepEqual(await put(["a1", "b1", "a2"].map(change)), []);
  assert.deepEqual(calls, [["a1", "b1", "a2"]]);
});

test("a refused entry is sent again, with what was accepted of the same incident after it, and nothing of others", async () => {
  const { calls, waits, put } = busOf((call) => (call === 0 ? [false, true, true] : [true, true, true]));
  assert.deepEqual(await put(["a1", "b1", "a2", "b2"].map(change)), []);
  assert.deepEqual(calls, [
    ["a1", "b1", "a2"],
    ["a1", "a2", "b2"],
  ]);
  assert.equal(waits.length, 1);
});

test("a call that fails as a whole is made again", async () => {
  const { calls, put } = busOf((call, notices) => (call === 0 ? new Error("no answer") : all(call, notices)));
  assert.deepEqual(await put(["a1"].map(change)), []);
  assert.equal(calls.length, 2);
});

test("what is refused every time is reported, with what comes after it of the same incident; the rest goes on", async () => {
  const { accepted, put } = busOf((_, notices) => notices.map(({ type }) => type !== "a1"));
  assert.deepEqual(await put(["a1", "b1", "a2", "b2", "c1"].map(change)), ["a1", "a2"]);
  assert.deepEqual([...new Set(accepted)].sort(), ["a2", "b1", "b2", "c1"]);
});

test("a poison record is put aside as an event of its own and reported to nobody; the rest goes on", async () => {
  const { accepted, put } = busOf(all);
  const poison = { ...change("p1"), read: () => [] as Notice[] };
  const broken = changeOf({
    dynamodb: {
      SequenceNumber: "7",
      Keys: { pk: { S: "incident#x/y" } },
      NewImage: { pk: { S: "incident#x/y" }, sk: { S: "incident" } },
    },
  });
  assert.deepEqual(await put([change("a1"), broken, poison, change("a2")]), []);
  assert.deepEqual(accepted, ["a1", "RecordUnreadable", "a2"]);
  assert.equal(broken.incident, "x/y");
});

test("whatever is refused, of each incident the last accepted of every fact is in order, and what is not reported was accepted", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }),
      fc.nat(),
      async (incidents, seed) => {
        const dice = randomSequence(seed);
        const { accepted, put } = busOf((_, notices) =>
          dice() < 0.1 ? new Error("no answer") : notices.map(() => dice() > 0.4),
        );
        const names = incidents.map((incident, place) => `${incident}${String(place).padStart(2, "0")}`);
        const left = await put(names.map(change));
        for (const name of names)
          assert.ok(left.includes(name) || accepted.includes(name), `${name} is lost`);
        for (const incident of ["a", "b", "c"]) {
          const mine = names.filter((name) => name.startsWith(incident) && !left.includes(name));
          const last = mine.map((name) => accepted.lastIndexOf(name));
          assert.deepEqual(
            last,
            last.toSorted((a, b) => a - b),
          );
        }
      },
    ),
    { numRuns: 150 },
  );
});

/** The item as it lies in the table after these facts, each written by itself. */
const image = (...events: Event[]) => {
  const incident: Incident = past(...events);
  const entries = events.map((event, place) => ({ v: place + 1, t: event.type, at: event.at, e: "{}" }));
  const { values } = updateOf(incident, {
    ...{ version: events.length, snapshot: JSON.stringify(incident), entries, fresh: true, logBytes: 9 },
    ...{ writer: "w", piecesUntil: 1, now: 1, keepMs: 1 },
  });
  const named = Object.entries(values).map(([name, value]) => [name.slice(1), value]);
  const { entries: log, ...rest } = Object.fromEntries(named);
  return { ...rest, log, consumed: { N: "0" }, pk: { S: `incident#${id}` }, sk: { S: "incident" } };
};
const record = (now: ReturnType<typeof image>, before?: ReturnType<typeof image>): StreamRecord => ({
  eventName: before === undefined ? "INSERT" : "MODIFY",
  dynamodb: {
    Keys: { pk: now.pk, sk: now.sk },
    NewImage: now,
    ...(before && { OldImage: before }),
    SequenceNumber: "1",
  },
});

test("a record is published as the facts since the old image, the last that asks for work naming the step", () => {
  const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const first = opened({ trace });
  const notices = changeOf(
    record(image(first, diagnosed(), proposed(), asked(), approved()), image(first, diagnosed())),
  ).read();
  const common = { incidentId: id, round: 1, status: "approved", traceparent: trace };
  assert.deepEqual(notices, [
    { type: "RemedyProposed", at: 40, detail: { ...common, version: 3, at: 40 } },
    { type: "ApprovalRequested", at: 45, detail: { ...common, version: 4, at: 45 } },
    { type: "RemedyApproved", at: 60, detail: { ...common, version: 5, at: 60, step: "merge", tell: true } },
  ]);
  for (const { type, detail } of notices)
    assert.deepEqual(readNote({ id: "e", source: "countersteer", "detail-type": type, detail }), detail);
});

test("an ended incident asks for no step, and an item that changed without a new version is no news", () => {
  const ended = image(openedEvent(1), closedEvent(2));
  const [, last] = changeOf(record(ended)).read();
  assert.deepEqual([last!.type, last!.detail.step, last!.detail.tell], ["IncidentClosed", undefined, true]);
  assert.deepEqual(changeOf(record({ ...ended, workBy: { S: "x" } }, ended)).read(), []);
});

test("a rollback whose commit is to be reverted next says so once", () => {
  const due = { ...image(openedEvent(1)), follows: { BOOL: true } };
  const follow = { incidentId: id, version: 1, at: 1, step: "propose" };
  assert.deepEqual(changeOf(record(due)).read().at(-1), { type: "FollowUpDue", at: 1, detail: follow });
  assert.deepEqual(changeOf(record({ ...due, workBy: { S: "x" } }, due)).read(), []);
});

test("a deploy and a look that was asked for are published as what they ask for, a flag as nothing", () => {
  const deploy = JSON.stringify({
    service: "shop",
    environment: "production",
    sha: "a".repeat(40),
    status: "succeeded",
    at: 5,
  });
  const of = (item: object) => changeOf({ dynamodb: { NewImage: item as never } }).read();
  assert.deepEqual(of({ pk: { S: "deploy#shop/production" }, sk: { S: "5" }, deploy: { S: deploy } }), [
    {
      type: "DeployRecorded",
      at: 5,
      detail: { incidentId: "shop/production", version: 0, at: 5, step: "watch" },
    },
  ]);
  const flip = flipItem({ service: "shop", environment: "production", flag: "f", change: "on", at: 5 }, 9);
  assert.deepEqual(of(flip), []);
  const look = (step: string) => ({
    pk: { S: "look#shop/production" },
    sk: { S: step },
    version: { N: "3" },
    at: { N: "6" },
  });
  const about = { incidentId: "shop/production", version: 3, at: 6 };
  assert.deepEqual(of(look("verify")), [{ type: "LookAsked", at: 6, detail: { ...about, step: "verify" } }]);
  assert.deepEqual(of(look("announce")), [{ type: "LookAsked", at: 6, detail: { ...about, tell: true } }]);
  assert.throws(() => of({ pk: { S: "other#1" }, sk: { S: "x" } }), /of an unknown kind/);
});

test("an event that is not ours is refused with what is wrong about it", () => {
  assert.throws(
    () =>
      readNote({
        id: "e1",
        source: "x",
        "detail-type": "y",
        detail: { incidentId: "shop/production", at: 1 },
      }),
    /the event e1 is not one of ours: version: /,
  );
});

const got: string[] = [];
const wiring: Wired[] = [
  {
    name: "all",
    routes: [],
    rules: [{ source: ["countersteer"] }],
    scheduled: false,
    timeoutMs: 60_000,
    retries: 1,
  },
];
const lambda = {
  invoke: async (_: string, event: unknown) => {
    got.push((event as { "detail-type": string })["detail-type"]);
    if (got.filter((type) => type === "Poison").length <= 2 && got.at(-1) === "Poison")
      throw new Error("cannot");
  },
};
const local = await startBus({
  ...{ wiring, lambda, log: silent },
  faults: { random: randomSequence(3), refused: 0, doubled: 0, lateMs: 0, retryMs: 1 },
});
after(() => local.stop());
const real = eventbridgeBus({
  client: eventbridgeClient({
    ...{ endpoint: local.url, region: "eu-central-1" },
    credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
  }),
  bus: "countersteer",
});
after(() => real.close());
const notices = (count: number, size = 10): Notice[] =>
  Array.from({ length: count }, (_, i) => ({ type: `Fact${i}`, at: i, detail: { pad: "x".repeat(size) } }));

test("the real client's call is accepted entry by entry, in the order of the entries", async () => {
  assert.deepEqual(
    await real.put(notices(10)),
    notices(10).map(() => ({ accepted: true })),
  );
  await local.settled();
  assert.equal(local.calls.at(-1), 10);
  assert.deepEqual(
    local.archive.slice(-10).map((event) => event["detail-type"]),
    notices(10).map(({ type }) => type),
  );
});

test("a call takes ten entries and 256 KB at most, and at least one", async () => {
  assert.equal(real.takes(notices(25)), 10);
  assert.equal(real.takes(notices(10, 60_000)), 4);
  assert.equal(real.takes(notices(2, 300_000)), 1);
  await assert.rejects(real.put(notices(11)), /put 11 events on countersteer: ValidationException/);
  await assert.rejects(real.put(notices(9, 60_000)), /ValidationException/);
});

test("part of a call is refused as EventBridge refuses: with 200, and each entry's own error", async () => {
  local.faults.refused = 0.5;
  const results = await real.put(notices(10));
  local.faults.refused = 0;
  const refused = results.filter(({ accepted }) => !accepted);
  assert.ok(refused.length > 0 && refused.length < 10, `${refused.length} of 10 refused`);
  assert.deepEqual(refused[0], { accepted: false, problem: "InternalFailure refused by fault injection" });
});

test("a delivery that fails is made again, and is dead after its last try", async () => {
  await real.put([{ type: "Poison", at: 1, detail: {} }]);
  await local.settled();
  assert.equal(got.filter((type) => type === "Poison").length, 2);
  assert.deepEqual(
    local.dead.map(({ target, error }) => [target, error]),
    [["all", "cannot"]],
  );
});
