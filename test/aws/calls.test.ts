import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Emulator } from "../../infra/aws-local/emulator.ts";
import { type Counts, counts } from "../../infra/bench/cost/counts.ts";
import { startLand, type World } from "../support/hosts.ts";

/** GitHub's permissions of each lesser token beside reading: */
const lesser = { read: "github_pat_reads", tell: "github_pat_tells" };
const writes: Record<string, RegExp[]> = {
  [lesser.read]: [],
  [lesser.tell]: [/^POST .*\/issues\/…\/comments$/, /^POST .*\/statuses\/…$/, /^PATCH .*\/pulls\/…$/],
};
/** The calls that each token was used for; all reads are one. */
const made = new Map<string, Set<string>>();

/** Stands in for `fetch` and for GitHub's check of permissions: a lesser token that asks for more gets GitHub's 403. */
const guarded =
  (fetcher: typeof fetch, github: string): typeof fetch =>
  async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!url.startsWith(`${github}/`)) return fetcher(input, init);
    const headers = new Headers(init?.headers);
    const token = (headers.get("authorization") ?? "").replace(/^\w+ /, "");
    const method = init?.method ?? "GET";
    const path = url.slice(github.length).replace(/\?.*/, "");
    const named = path.replace(/\/[0-9a-f]{40}|\/\d+/g, "/…").replace(/acme\/\w+/, "acme/…");
    const isRead = method === "GET" || (named === "/graphql" && /"query":"query/.test(String(init?.body)));
    const call = isRead ? "GET" : `${method} ${named}`;
    made.set(token, (made.get(token) ?? new Set()).add(call));
    const allowed = writes[token];
    if (allowed === undefined) return fetcher(input, init);
    if (!isRead && !allowed.some((one) => one.test(call)))
      return Response.json({ message: "Resource not accessible by personal access token" }, { status: 403 });
    headers.set("authorization", "token ghp_t");
    return fetcher(input, { ...init, headers });
  };

let world: World;
const fetcher = globalThis.fetch;
const land = await startLand();
before(async () => {
  // The tick comes when the test says so.
  world = await land.world("aws-local", { lesser, tickMs: 86_400_000, faults: { inTurn: true } });
  globalThis.fetch = guarded(fetcher, world.sandbox.github);
});
after(async () => {
  globalThis.fetch = fetcher;
  await world.stop();
  await land.stop();
});

const none = (): Counts => {
  const table = { reads: 0, registers: 0, deliveries: 0, writes: 0, leases: 0, queries: 0, small: 0 };
  return { ...table, events: 0, puts: 0 };
};

/** The calls to the table and the events on the bus since the last look; the reads of the pages for the test are left out. */
const counting = (emulator: Emulator) => {
  let counted = none();
  const { may, fault } = emulator.feed;
  emulator.feed.fault = (call) => {
    const isLease = call.key?.includes(" lease#") && call.operation !== "GetItem";
    if (isLease) {
      counted.writes--;
      counted.leases++;
    }
    return fault(call);
  };
  emulator.feed.may = (caller, call) => {
    const { operation, partitions } = call;
    if (caller !== "pages") {
      if (partitions[0]?.startsWith("delivery#")) counted.deliveries++;
      else if (operation === "GetItem" && partitions[0]?.startsWith("register#")) counted.registers++;
      else if (operation === "GetItem") counted.reads++;
      else if (operation === "Query") counted.queries++;
      else if (partitions[0]?.startsWith("incident#")) counted.writes++;
      else counted.small++;
    }
    return may(caller, call);
  };
  const { calls, archive } = emulator.bus;
  let [puts, events] = [calls.length, archive.length];
  return async (): Promise<Counts> => {
    await emulator.settled();
    const made = { ...counted, events: archive.length - events, puts: calls.length - puts };
    [puts, events, counted] = [calls.length, archive.length, none()];
    return made;
  };
};

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];
const merged = [...asked, "RemedyApproved", "RemedyMerged"];
const over = [...merged, "RemedyDeployed", "AlertsResolved", "IncidentClosed"];

test("an incident from alert to verified costs what the README reckons with, a repeat one read, a look that waiting asks for no write of its incident", async () => {
  const emulator = world.emulator();
  const since = counting(emulator);
  const shop = "one";
  await since();
  const total = none();
  const add = async () => {
    const more = await since();
    for (const name of Object.keys(total) as (keyof Counts)[]) total[name] += more[name];
    return more;
  };
  await world.alert(shop, ["a1"]);
  await world.until(shop, ...asked);
  assert.ok((await add()).reads <= 12, "from the alert to the question");

  await world.alert(shop, ["a1"]);
  assert.deepEqual(await since(), counts.repeat);
  const known = world.sandbox.requests().length;
  await emulator.invoke("tick", {});
  const { registers, ...minute } = await since();
  const { registers: most, ...look } = counts.look;
  const reads = world.sandbox.requests().slice(known);
  assert.deepEqual([reads.length, [...new Set(reads.map(({ method }) => method))]], [4, ["GET"]]);
  assert.ok(registers <= most, `${registers} registers in a minute of waiting`);
  assert.deepEqual(minute, look);

  await world.press(shop, "approve");
  const { merge } = await world.until(shop, ...merged);
  assert.ok((await add()).reads <= 10, "from the approval to the merge");
  world.pass(10_000);
  await world.deploy(shop, merge!.sha);
  await world.until(shop, ...merged, "RemedyDeployed");
  await add();
  await world.alert(shop, ["a1"], { status: "resolved" });
  await world.until(shop, ...merged, "RemedyDeployed", "AlertsResolved");
  await add();
  world.pass(35_000);
  await emulator.invoke("tick", {});
  await world.until(shop, ...over);
  await add();
  const { incident } = counts;
  for (const name of Object.keys(incident) as (keyof Counts)[])
    assert.ok(total[name] <= incident[name], `${name}: ${total[name]} of at most ${incident[name]}`);
});

test("only propose and merge push and merge: diagnose, ask and watch read, announce reads, comments, closes and sets the status", async () => {
  await world.alert("two", ["b1"]);
  await world.until("two", ...asked);
  await world.press("two", "reject");
  const [view] = world.sandbox.views("U0ANN");
  await world.sandbox.submitView({ viewId: view!.id, user: "U0ANN", values: { reason: "we roll forward" } });
  await world.until("two", ...asked, "IncidentClosed");
  await world.emulator().settled();
  assert.deepEqual(Object.fromEntries([...made].map(([token, calls]) => [token, [...calls].sort()])), {
    [lesser.read]: ["GET"],
    [lesser.tell]: [
      "GET",
      "PATCH /repos/acme/…/pulls/…",
      "POST /repos/acme/…/issues/…/comments",
      "POST /repos/acme/…/statuses/…",
    ],
    ghp_t: [
      "GET",
      "POST /repos/acme/…/git/blobs",
      "POST /repos/acme/…/git/commits",
      "POST /repos/acme/…/git/refs",
      "POST /repos/acme/…/git/trees",
      "POST /repos/acme/…/issues/…/labels",
      "POST /repos/acme/…/pulls",
      "POST /repos/acme/…/statuses/…",
      "PUT /repos/acme/…/pulls/…/merge",
    ],
  });
});
