import assert from "node:assert/strict";
import { after, suite, test } from "node:test";
import {
  commentTitles,
  factsOf,
  killServer,
  lifecycle,
  pullsOf,
  questionsIn,
  readGithub,
  titlesOn,
} from "../support/kills.ts";
import { type Stage, startStage } from "../support/stage.ts";

const hasEnded = ({ status }: { status: string }): boolean => status === "closed" || status === "escalated";

/** Every state of the outside world that a person could see at the end. Times, ids and counts of reads differ between runs. */
const seen = async ({ shop, sandbox, channel, until }: Stage) => {
  const told = await until("the end", hasEnded);
  const pulls = await pullsOf(sandbox);
  const path = `/repos/acme/shop/commits/${pulls[0]!.head.sha}/status`;
  const { statuses } = await readGithub<{ statuses: { context: string; state: string }[] }>(sandbox, path);
  const messages = sandbox.messages(channel);
  // The one sha that differs between runs.
  const plain = (name: string): string => name.replace(shop.culprit.slice(0, 12), "CULPRIT");
  return {
    status: told.status,
    outcome: told.outcome,
    round: told.round,
    culprit: told.suspects[0]?.sha === shop.culprit,
    timeline: factsOf(told.timeline),
    branches: shop.git("for-each-ref", "--format=%(refname)").split("\n").map(plain).sort(),
    reverted: shop.git("show", "main:src/rates.js"),
    onMain: shop.git("rev-list", "--count", "main"),
    pulls: pulls.map(({ number, head, merged_at, labels }) => ({
      number,
      branch: plain(head.ref),
      merged: merged_at !== null,
      labels: labels.map(({ name }) => name).sort(),
    })),
    comments: await titlesOn(sandbox, 1),
    checks: statuses.map(({ context, state }) => `${context} ${state}`),
    questions: questionsIn(sandbox, channel),
    replies: messages.filter(({ threadTs }) => threadTs !== undefined).length,
  };
};

/**
 * Plays everyone outside the server, patiently: deliveries that the server misses while it is down are sent again, as the real senders do.
 */
const play = (stage: Stage, startsAt: Date): Promise<unknown> =>
  stage.until("the end", hasEnded, async (told) => {
    if (told === undefined) await stage.alert(startsAt).catch(() => {});
    if (told?.status === "proposed") await stage.approve();
    if (told?.status === "merged" && told.merge !== undefined)
      await stage.deploy(told.merge.sha).catch(() => {});
  });

/** Lets the incident end, and everything that is told about it be told. */
const finish = async (stage: Stage): Promise<void> => {
  await stage.until("the end", hasEnded);
  await stage.allTold();
};

const writes = ({ sandbox }: Stage): string[] =>
  sandbox
    .requests()
    .filter(
      ({ system, method, path }) =>
        (system === "github" && method !== "GET") ||
        (system === "slack" && /chat\.(postMessage|update)/.test(path)),
    )
    .map(({ method, path }) => `${method} ${path}`);

const stages: Stage[] = [];
const stage = async (): Promise<Stage> => {
  const made = await startStage();
  stages.push(made);
  return made;
};
after(() => Promise.all(stages.map((made) => made.stop())));

const undisturbed = (async () => {
  const made = await stage();
  await play(made, new Date());
  await finish(made);
  const result = { writes: writes(made), end: await seen(made) };
  await stages.splice(stages.indexOf(made), 1)[0]!.stop();
  return result;
})();

test("undisturbed, the loop ends verified with one pull request, one question and each comment once", async () => {
  const { end } = await undisturbed;
  assert.deepEqual(end, {
    ...{ status: "closed", outcome: "verified", round: 1, culprit: true },
    timeline: lifecycle,
    branches: ["refs/heads/countersteer/revert-CULPRIT", "refs/heads/main"],
    reverted: "export const digits = { EUR: 2, USD: 2, JPY: 0 };",
    onMain: "6",
    pulls: [
      { number: 1, branch: "countersteer/revert-CULPRIT", merged: true, labels: ["countersteer", "revert"] },
    ],
    comments: commentTitles,
    checks: ["countersteer/approval success"],
    questions: 1,
    replies: end.replies,
  });
});

/** A write as every run makes it: without the shas and numbers that differ between runs. */
const kindOf = (line: string): string => line.replace(/[0-9a-f]{12,40}/g, "SHA");

/** Kills of one run. */
const lives = 6;

// The runs wait for their servers to start: side by side.
suite("killed with -9", { concurrency: true }, () => {
  test("kill -9 at every write to GitHub and Slack, with the write applied and its answer lost, gives the same end", async (t) => {
    const { writes: all, end } = await undisturbed;
    assert.ok(all.length >= 12, `only ${all.length} writes`);
    const hit: string[] = [];
    /** One run, killed at some of its writes, so that each life meets what the ones before it left. */
    const crash = async (places: number[]): Promise<void> => {
      const made = await stage();
      let restarted = Promise.resolve();
      const broken = Promise.withResolvers<never>();
      /** Kills at the write that is of the place's kind and the so many-eth of it, then at the later places. */
      const arm = ([place, ...later]: number[]): void => {
        if (place === undefined) return;
        const kind = kindOf(all[place]!);
        const nth = all.slice(0, place + 1).filter((line) => kindOf(line) === kind).length;
        const { promise: until, resolve: release } = Promise.withResolvers<void>();
        const pattern = {
          [Symbol.search]: (line: string) => {
            if (kindOf(line) !== kind) return -1;
            if (writes(made).filter((one) => kindOf(one) === kind).length < nth) return -1;
            hit.push(kind);
            restarted = restarted.then(() => restart(release, later));
            restarted.catch(broken.reject);
            return 0;
          },
        } as unknown as RegExp;
        made.sandbox.fault({ match: pattern, until });
      };
      /** A server that is up again writes at once: the next kill is prepared before it starts. */
      const restart = async (release: () => void, later: number[]): Promise<void> => {
        await made.server().kill();
        release();
        arm(later);
        await made.restart();
      };
      arm(places);
      // The last announcements are written after the incident has ended.
      await Promise.race([play(made, new Date()).then(() => finish(made)), broken.promise]);
      await restarted;
      await finish(made);
      assert.deepEqual(await seen(made), end, `killed at writes ${places}: ${places.map((at) => all[at])}`);
      await stages.splice(stages.indexOf(made), 1)[0]!.stop();
    };
    // Steps and announcements write side by side, so that a later place may come before an earlier one. The merge comes once: it has its own run.
    const merge = all.findIndex((line) => /^PUT .*\/merge$/.test(line));
    const apart = Math.ceil(all.length / lives);
    const others = Array.from({ length: apart }, (_, run) =>
      all.flatMap((_, place) => (place % apart === run && place !== merge ? [place] : [])),
    );
    const runs = [[merge], ...others];
    const lane = async (): Promise<void> => {
      for (let run = runs.shift(); run !== undefined; run = runs.shift()) await crash(run);
    };
    await Promise.all([lane(), lane()]);
    assert.deepEqual([...new Set(hit)].sort(), [...new Set(all.map(kindOf))].sort());
    t.diagnostic(`killed ${hit.length} times, at each of ${all.length} writes`);
  });

  test("kill -9 after every event, one run, gives the same end", async () => {
    const { end } = await undisturbed;
    const made = await stage();
    const playing = play(made, new Date());
    let killed = 0;
    const kill = async (): Promise<void> => {
      for (const type of end.timeline) {
        await made.until(type, ({ timeline }) => timeline.some((event) => event.type === type));
        await killServer(made);
        killed += 1;
      }
    };
    await Promise.all([playing, kill()]);
    await finish(made);
    assert.equal(killed, end.timeline.length);
    assert.deepEqual(await seen(made), end);
  });
});
