import assert from "node:assert/strict";
import { after, test } from "node:test";
import { distinctLines } from "../support/distinct-lines.ts";
import { endless, type HostName, startLand, type Told, type World } from "../support/hosts.ts";
import { until } from "../support/until.ts";

const land = await startLand();
after(() => land.stop());

const shop = "one";
const issue = "acme/three#1";

/** A call of a person who may write issues of the sandbox. */
const onGithub = async ({ sandbox }: World, method: string, path: string, body?: object): Promise<void> => {
  const response = await fetch(`${sandbox.github}/repos/acme/three/issues${path}`, {
    ...{ method, headers: { authorization: "token ghp_t" } },
    ...(body && { body: JSON.stringify(body) }),
  });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.text()}`);
};

/** Polls until a message in Slack says so. */
const told = async (world: World, words: string): Promise<void> => {
  await until(
    `a message that says: ${words}`,
    async () => {
      // Slack takes so many messages a second only.
      await world.quiet();
      world.pass(2_000);
      return JSON.stringify(world.sandbox.messages("C0PAYMENTS"));
    },
    (messages) => messages.includes(words),
  );
  // The same announcement goes on to GitHub.
  await world.quiet();
};
const writes = ({ sandbox }: World): string[] =>
  sandbox
    .requests()
    .filter(({ system, method }) => system === "github" && method !== "GET")
    .filter(({ path }) => !path.startsWith("/repos/acme/three/issues") && path !== "/graphql")
    .map(({ method, path }) => `${method} ${path}`);

/** Polls until these are the facts; a message may be posted before or after any of them. */
const untilFacts = async (world: World, types: string[]): Promise<Told> => {
  const factsOf = (told: Told | undefined): string =>
    (told?.timeline ?? [])
      .map(({ type }) => type)
      .filter((type) => type !== "MessagePosted")
      .join(" ");
  const wanted = types.join(" ");
  const more = () => distinctLines(world.lines.join(""));
  let told: Told | undefined;
  const read = async (): Promise<string> => {
    told = await world.read(shop);
    return factsOf(told);
  };
  await until(wanted, read, (facts) => facts === wanted, { more });
  return told!;
};
const detailOf = ({ timeline }: Told, type: string): string =>
  String(timeline.findLast((event) => event.type === type)?.detail);

const play = async (name: HostName): Promise<void> => {
  const world = await land.world(name, { tickMs: 300, leaseMs: endless, more: `killSwitch: ${issue}\n` });
  try {
    // The issue does not exist, and a switch that cannot be read stops.
    await world.alert(shop, ["a1"]);
    const unread = ["IncidentOpened", "IncidentHeld", "IncidentDiagnosed"];
    const first = await untilFacts(world, unread);
    assert.match(detailOf(first, "IncidentHeld"), /kill switch cannot be read \(read acme\/three#1: 404/);
    await world.quiet();
    assert.deepEqual(writes(world), []);
    await told(world, "its kill switch cannot be read");

    world.pass(10_000);
    // Closed, without the label: it goes on.
    await onGithub(world, "POST", "", { title: "Stop Countersteer" });
    await onGithub(world, "PATCH", "/1", { state: "closed" });
    const asked = [...unread, "IncidentReleased", "RemedyProposed", "ApprovalRequested"];
    await untilFacts(world, asked);

    await world.quiet();
    world.pass(10_000);
    // The label stops it while people are asked; a press decides nothing.
    await onGithub(world, "POST", "/1/labels", { labels: ["countersteer/stop"] });
    const held = [...asked, "IncidentHeld"];
    await untilFacts(world, held);
    await world.quiet();
    await told(world, `Countersteer is stopped by ${issue}`);
    const before = writes(world).length;
    assert.equal(await world.pressLate(shop), 200);
    const refused = [...held, "AttemptRefused"];
    const stopped = await untilFacts(world, refused);
    assert.match(detailOf(stopped, "AttemptRefused"), /Countersteer is stopped by acme\/three#1/);
    await world.quiet();
    assert.equal(writes(world).length, before);

    world.pass(10_000);
    // Without the label people are asked again, and only that answer merges.
    await onGithub(world, "DELETE", "/1/labels/countersteer%2Fstop");
    const again = [...refused, "IncidentReleased", "ApprovalRequested"];
    await untilFacts(world, again);
    await world.quiet();
    assert.equal(await world.press(shop, "approve"), 200);
    await untilFacts(world, [...again, "RemedyApproved", "RemedyMerged"]);
  } finally {
    await world.stop();
  }
};

test("the stop issue in the sandbox holds an incident until it can be read, is closed and has no label, on one machine", () =>
  play("embedded"));

test("the same on AWS", () => play("aws-local"));
