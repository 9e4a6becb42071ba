import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { randomSequence } from "../../infra/aws-local/random.ts";
import { startGrafana } from "../support/grafana.ts";
import { startLand, type World } from "../support/hosts.ts";

// Prometheus has no rule of the alert: it is Grafana's, and read there.
const land = await startLand({ isRuler: false });
after(() => land.stop());
const grafana = await startGrafana();
after(grafana.stop);
const env = {
  ...{ GRAFANA_URL: grafana.url, GRAFANA_TOKEN: "writer", GRAFANA_RULES_TOKEN: "reader" },
  ...{ PAGES_TOKEN: "pages", PAGES_PROXY_HEADER: "X-Forwarded-Email", PAGES_PROXY_SECRET: "proxy-secret" },
};
const policy = ", fourEyes: false";
const keys = "    postmortem: { issue: acme/three }\n";
const more =
  "people: { U0ANN: { github: ann, email: ann@acme.com }, U0EVE: { github: eve, email: eve@acme.com } }\n";
/** The marks of one host, which are then forgotten. The page's address differs by host. */
const takeMarks = () =>
  grafana.marks
    .splice(0)
    .map(({ text, tags, time, timeEnd }) => [tags, time, timeEnd, text.replace(/ <a .*/, "")]);

const asked = ["IncidentOpened", "IncidentDiagnosed", "RemedyProposed", "ApprovalRequested"];

/** Approved and verified, with everything said twice, and by people who may not. */
const verified = async (world: World): Promise<void> => {
  const shop = "one";
  const page = `/incidents/${shop}/production`;
  await world.alert(shop, ["a1", "a2"]);
  await world.alert(shop, ["a2", "a1"]);
  await world.until(shop, ...asked);
  world.pass(10_000);
  await world.alert(shop, ["a3"]);
  const joined = [...asked, "AlertsJoined"];
  await world.until(shop, ...joined);
  world.pass(10_000);
  await world.press(shop, "approve", "U0EVE");
  assert.equal(await world.answer(shop, "approve", "eve@acme.com"), `303 ${page}?answer=not_approver`);
  assert.equal(await world.answer(shop, "approve", "ann@acme.com"), `303 ${page}`);
  const approved = [...joined, "AttemptRefused", "RemedyApproved", "RemedyMerged"];
  const { merge } = await world.until(shop, ...approved);
  assert.equal(await world.pressLate(shop), 200);
  const merged = [...approved, "AttemptRefused"];
  await world.until(shop, ...merged);
  world.pass(10_000);
  await world.deploy(shop, merge!.sha);
  await world.deploy(shop, merge!.sha);
  await world.until(shop, ...merged, "RemedyDeployed");
  world.pass(10_000);
  await world.alert(shop, ["a1", "a2", "a3"], { status: "resolved" });
  await world.until(shop, ...merged, "RemedyDeployed", "AlertsResolved");
  world.pass(25_000);
  const closed = [...merged, "RemedyDeployed", "AlertsResolved", "IncidentClosed"];
  await world.until(shop, ...closed);
  await world.quiet();
  assert.equal(await world.press(shop, "reland"), 200);
  await world.until(shop, ...closed, "RelandRequested", "RelandOpened");
};

/** The findings of the deep look, by what they are about. */
const examined = async ({ url }: World): Promise<{ status: number; abouts: string[] }> => {
  const headers = { accept: "application/json", authorization: `Bearer ${env.PAGES_TOKEN}` };
  assert.equal((await fetch(`${url}/readyz?deep`, { headers: { accept: "application/json" } })).status, 401);
  const answer = await fetch(`${url}/readyz?deep`, { headers });
  const { findings } = (await answer.json()) as { findings: { about: string; level: string }[] };
  const abouts = [...new Set(findings.map(({ about, level }) => `${about} ${level}`))].sort();
  return { status: answer.status, abouts };
};

/** A flag was changed long before. Nobody answers in time, and a press after that decides nothing. */
const unanswered = async (world: World): Promise<void> => {
  const shop = "two";
  assert.equal(await world.flip(shop, "slow-carts", 60), 202);
  await world.alert(shop, ["b1"]);
  await world.until(shop, ...asked);
  // Its two hours are over by a minute: after more than five nothing would have looked, and people would have theirs again.
  world.pass(121 * 60_000);
  await world.until(shop, ...asked, "PageRequested", "IncidentEscalated");
  assert.equal(await world.pressLate(shop), 200);
};

const logsOf = async (world: World): Promise<Record<string, string>> => {
  const logs: Record<string, string> = {};
  // The hashes of a question and of what follows it cover its nonce, which is random and on no page. So is Slack's id of a file.
  const withoutHash = (key: string, value: unknown) =>
    ["hash", "former", "file"].includes(key) ? "" : value;
  for (const shop of ["one", "two"])
    logs[shop] = JSON.stringify((await world.read(shop))!.timeline, withoutHash);
  return logs;
};

const play = async (world: World): Promise<Record<string, string>> => {
  for (const story of [verified, unanswered]) {
    await story(world);
    // Slack counts messages within an instant: a late announcement must not be counted among the next ones.
    await world.quiet();
    world.pass(10_000);
  }
  return logsOf(world);
};

/** The drafts of post-mortems of the incidents that were verified. */
const postmortems = [["Post-mortem: ", 1]];
const issuesOf = async ({ sandbox }: World): Promise<[string, number][]> => {
  const headers = { authorization: `token ${sandbox.token}` };
  const answer = await fetch(`${sandbox.github}/repos/acme/three/issues?state=all`, { headers });
  const issues = (await answer.json()) as { title: string; body: string }[];
  return issues.map(({ title, body }) => [title.slice(0, 13), body.match(/^## Cause$/gm)?.length ?? 0]);
};

/** Half of the events come twice, all of them late and in any order, and one in five is refused by the bus at first. */
const rough = { random: randomSequence(7), refused: 0.2, doubled: 0.5, lateMs: 60, retryMs: 20 };
let aws: World;
after(() => aws?.stop());

test("the same recorded inputs give byte-equal incident logs on one machine and on AWS, where events come twice and in any order", async () => {
  const embedded = await land.world("embedded", { env, more, policy, keys });
  const logs = await play(embedded)
    .finally(async () => assert.deepEqual(await issuesOf(embedded), postmortems))
    .finally(() => embedded.stop());
  const marks = takeMarks();
  assert.match(
    logs.two!,
    /the flag “slow-carts” of two was changed \(off → on\) 60 min before the trouble began/,
  );
  aws = await land.world("aws-local", { tickMs: 500, faults: rough, env, more, policy, keys });
  assert.deepEqual(await play(aws), logs);
  assert.deepEqual(await issuesOf(aws), postmortems);
  assert.deepEqual(takeMarks(), marks);
  assert.deepEqual(
    marks.map(([tags]) => String(tags).split(",")[1]),
    ["merge", "live", "verdict", "verdict"],
  );
  assert.deepEqual(aws.emulator().bus.dead, []);
  assert.deepEqual(await examined(aws), { status: 200, abouts: ["alerts ok", "deploys warning"] });
});

test("a replayed archive changes nothing, and says no word to GitHub or Slack", async () => {
  const { bus, stream } = aws.emulator();
  const before = await logsOf(aws);
  const said = aws.sandbox.requests().length;
  assert.ok(bus.archive.length > 20, `${bus.archive.length} events are archived`);
  await bus.replay();
  await aws.emulator().settled();
  assert.deepEqual(await logsOf(aws), before);
  const more = aws.sandbox.requests().slice(said);
  const words = more.filter(({ system, method }) => system !== "github" || method !== "GET");
  assert.deepEqual(
    words.map(({ method, path }) => `${method} ${path}`),
    [],
  );
  // A look that was asked for when the incident had already ended is a look: it reads that pull request once.
  const reads = new Set(more.map(({ path }) => path.replace(/[0-9a-f]{40}/g, "SHA")));
  const looked = ["/pulls/1", "/git/ref/heads/main", "/compare/SHA...SHA"].map(
    (path) => `/repos/acme/two${path}`,
  );
  assert.deepEqual([...reads.difference(new Set(looked))], []);
  assert.ok(more.length <= looked.length, `${more.length} reads`);
  assert.deepEqual([bus.dead, stream.dead], [[], []]);
});

test("each function leaves alone what is unknown, and fails on what it cannot read yet or is not ours, so that it is tried again or seen", async () => {
  const event = (detail: object) => ({
    id: "e1",
    source: "countersteer",
    "detail-type": "LookAsked",
    detail,
  });
  const { invoke } = aws.emulator();
  for (const name of ["diagnose", "propose", "ask", "merge", "watch", "verify", "announce"] as const) {
    await invoke(name, event({ incidentId: "unknown/production", version: 1, at: 1 }));
    await assert.rejects(
      invoke(name, event({ incidentId: "one/production", version: 1_000, at: 1 })),
      /one\/production: it is stored at version \d+, and the wake-up was about version 1000/,
    );
    await assert.rejects(invoke(name, event({ incident: "one" })), /the event e1 is not one of ours/);
  }
});

test("a step cut off half-way is done by the next one once its lease is over, and nothing is done twice", async () => {
  const shop = "three";
  const { feed } = aws.emulator();
  const pulls = () =>
    aws.sandbox.requests().filter(({ method, path }) => method === "POST" && path.endsWith("/three/pulls"))
      .length;
  // The result of proposing is never stored, as if the function had been stopped there and then.
  let cut = 0;
  feed.fault = ({ operation, key }) => {
    if (operation !== "UpdateItem" || key !== `incident#${shop}/production incident`) return undefined;
    if (pulls() === 0 || cut > 5) return undefined;
    cut += 1;
    return "dropped";
  };
  await aws.alert(shop, ["c1"]);
  await aws.until(shop, ...asked.slice(0, 2));
  for (const deadline = Date.now() + 20_000; cut < 6 && Date.now() < deadline; ) await delay(50);
  assert.equal(cut, 6);
  aws.pass(6_000);
  await aws.until(shop, ...asked);
  assert.equal(pulls(), 1);
});
