import assert from "node:assert/strict";
import { createLoop } from "../../infra/local/loop.ts";
import { createQueue } from "../../infra/local/queue.ts";
import { parseConfig } from "../../shared/config.ts";
import { parseMatcher } from "../../shared/policy/match.ts";
import { mustCost } from "../support/cost.ts";
import { doors } from "../support/doors.ts";
import { alert, id } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";
import { burning, service, silent, world } from "../support/world.ts";

/** Storms, poison and configurations that want to stop the machine. */

/** While 200 services and one with 10,000 incidents wait, each other service has its turn within one round. */
export const storm = async (): Promise<void> => {
  const queue = createQueue({ lanes: 16, reserve: 4 });
  for (let index = 0; index < 10_000; index++) queue.add(`storm/production/${index}`);
  queue.add("real/production");
  queue.known("merging/production", true);
  queue.add("merging/production");
  const looking = new Set<string>();
  for (let lane = 0; lane < 16; lane++) {
    const next = queue.next(looking);
    if (next !== undefined) looking.add(next);
  }
  // Of 16 lanes, four are for loops under way.
  assert.deepEqual(
    [looking.has("real/production"), looking.has("merging/production"), looking.size],
    [true, true, 12],
  );
  const at = doors(world());
  const alerts = Array.from({ length: 2000 }, (_, index) => ({
    labels: { pod: `p${index}` },
    fingerprint: index.toString(16),
  }));
  assert.equal((await at.notify(webhook(alerts))).status, 202);
  assert.deepEqual(await at.made.store.list(), [id]);
};

export const poison = async (): Promise<void> => {
  const other = service({ name: "checkout", match: [parseMatcher('service="checkout"')!] });
  const made = world({ others: [other] });
  const { commits } = made.work.history;
  made.work.history.commits = async (place, range) => {
    if (place.name === "checkout") throw new TypeError("cannot read properties of undefined");
    return commits(place, range);
  };
  const neighbour = "checkout/production";
  await made.process.handle(neighbour, {
    type: "RecordAlerts",
    at: made.state.now,
    alerts: [alert({ fingerprint: "f2" })],
    truncated: false,
  });
  await made.alerts([burning]);
  const loop = createLoop({ process: made.process, work: made.work, log: silent, tickMs: 3_600_000 });
  await loop.start();
  await loop.settled();
  assert.equal((await made.store.load(id)).incident.status, "proposed");
  const poisoned = (await made.store.load(neighbour)).incident;
  assert.match(poisoned.status === "opened" ? (poisoned.delay?.detail ?? "") : "", /cannot read properties/);
  await loop.stop();
  made.state.now += made.services[0]!.policy.stepMs;
  const restarted = createLoop({ process: made.process, work: made.work, log: silent, tickMs: 3_600_000 });
  await restarted.start();
  await restarted.settled();
  await restarted.stop();
  assert.equal((await made.store.load(neighbour)).incident.status, "escalated");
};

const file = (more: string): string =>
  `services:\n  - name: a\n    match: [service="a"]\n    repository: acme/a\n    channel: C123\n    environments: [production]\n${more}`;

export const hostileConfig = (): void => {
  const bomb = Array.from({ length: 12 }, (_, index) =>
    index === 0
      ? "a0: &a0 [x, x, x, x, x, x, x, x, x]"
      : `a${index}: &a${index} [${`*a${index - 1},`.repeat(9)}]`,
  ).join("\n");
  const refused = [
    bomb,
    "a: &a [*a]",
    `${"[".repeat(2_000)}`,
    "x".repeat(100 * 1024 * 1024),
    file("    typo: true\n"),
    file("    policy: !!js/function 'x'\n"),
    file("    __proto__: { mode: auto }\n"),
    file('    flags: ["(a+)+$/x/y"]\n'),
  ];
  for (const text of refused) {
    const refuse = (): void => {
      const read = parseConfig(text);
      assert.ok("problems" in read && read.problems.length > 0, text.slice(0, 60));
    };
    mustCost(100, refuse, text.slice(0, 60));
  }
  const slow = parseMatcher('service=~"(a+)+b"');
  mustCost(50, () => assert.equal(slow?.matches("a".repeat(30_000)), false));
};
