import assert from "node:assert/strict";
import { after, test } from "node:test";
import { type Stage, startStage } from "../support/stage.ts";

/** Every state of the outside world that a person could see at the end. Times, ids and counts of reads differ between runs. */
const seen = async ({ shop, sandbox, channel, incident }: Stage) => {
  const told = (await incident())!;
  const pulls = (await github(sandbox, "/repos/acme/shop/pulls?state=all")) as {
    number: number;
    head: { ref: string; sha: string };
    merged_at: string | null;
    labels: { name: string }[];
  }[];
  const comments = (await github(sandbox, "/repos/acme/shop/issues/1/comments?per_page=100")) as {
    body: string;
  }[];
  const statuses = (await github(sandbox, `/repos/acme/shop/commits/${pulls[0]!.head.sha}/status`)) as {
    statuses: { context: string; state: string }[];
  };
  const messages = sandbox.messages(channel);
  // The one sha that differs between runs.
  const plain = (name: string): string => name.replace(shop.culprit.slice(0, 12), "CULPRIT");
  return {
    status: told.status,
    outcome: told.outcome,
    round: told.round,
    culprit: told.suspects[0]?.sha === shop.culprit,
    timeline: told.timeline
      .map(({ type }) => type)
      .filter((type) => type !== "StepDelayed" && type !== "MessagePosted"),
    branches: shop.git("for-each-ref", "--format=%(refname)").split("\n").map(plain).sort(),
    reverted: shop.git("show", "main:src/rates.js"),
    onMain: shop.git("rev-list", "--count", "main"),
    pulls: pulls.map(({ number, head, merged_at, labels }) => ({
      number,
      branch: plain(head.ref),
      merged: merged_at !== null,
      labels: labels.map(({ name }) => name).sort(),
    })),
    comments: comments.map(({ body }) => /\*\*(.+?)\*\*/.exec(body)?.[1]),
    checks: statuses.statuses.map(({ context, state }) => `${context} ${state}`),
    questions: messages.filter(({ threadTs }) => threadTs === undefined).length,
    replies: messages.filter(({ threadTs }) => threadTs !== undefined).length,
  };
};

const github = async (sandbox: Stage["sandbox"], path: string): Promise<unknown> =>
  (await fetch(`${sandbox.github}${path}`, { headers: { authorization: `token ${sandbox.token}` } })).json();

/** Plays everyone outside the server, patiently: what the server misses while it is down is sent again, as the real ones do. */
const play = async (stage: Stage, startsAt: Date): Promise<void> => {
  const deadline = Date.now() + 30_000;
  let told = await stage.incident();
  while (Date.now() < deadline && told?.status !== "closed" && told?.status !== "escalated") {
    if (told === undefined) await stage.alert(startsAt).catch(() => {});
    if (told?.status === "proposed" && told.timeline.at(-1)?.type === "ApprovalRequested")
      await stage.approve();
    if (told?.status === "merged" && told.merge !== undefined)
      await stage.deploy(told.merge.sha).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    told = await stage.incident();
  }
};

/** Lets the incident end, and everything that is told about it be told. */
const finish = async (stage: Stage) => {
  await stage.until("the end", ({ status }) => status === "closed" || status === "escalated");
  for (let quiet = 0, last = -1; quiet < 8; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = stage.sandbox
      .requests()
      .filter(({ system }) => system === "github" || system === "slack").length;
    quiet = now === last ? quiet + 1 : 0;
    last = now;
  }
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
    timeline: [
      "IncidentOpened",
      "IncidentDiagnosed",
      "RemedyProposed",
      "ApprovalRequested",
      "RemedyApproved",
      "RemedyMerged",
      "RemedyDeployed",
      "IncidentClosed",
    ],
    branches: ["refs/heads/countersteer/revert-CULPRIT", "refs/heads/main"],
    reverted: "export const digits = { EUR: 2, USD: 2, JPY: 0 };",
    onMain: "6",
    pulls: [
      { number: 1, branch: "countersteer/revert-CULPRIT", merged: true, labels: ["countersteer", "revert"] },
    ],
    comments: ["Approval requested", "Approved", "Merged", "Live", "Verified: the trouble is over"],
    checks: ["countersteer/approval success"],
    questions: 1,
    replies: end.replies,
  });
});

test("kill -9 at every write to GitHub and Slack, with the write applied and its answer lost, gives the same end", async (t) => {
  const { writes: all, end } = await undisturbed;
  assert.ok(all.length >= 12, `only ${all.length} writes`);
  const crash = async (place: number): Promise<void> => {
    const made = await stage();
    let release = (): void => {};
    const until = new Promise<void>((resolve) => {
      release = resolve;
    });
    let seenWrites = 0;
    const pattern = {
      [Symbol.search]: (line: string) => {
        const isWrite = /^(POST|PUT|PATCH|DELETE) \/repos\/|chat\.(postMessage|update)$/.test(line);
        return isWrite && seenWrites++ === place ? 0 : -1;
      },
    } as unknown as RegExp;
    made.sandbox.fault({ match: pattern, until });
    const playing = play(made, new Date());
    const deadline = Date.now() + 15_000;
    while (seenWrites <= place && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 5));
    await made.server().kill();
    release();
    await made.restart();
    await playing;
    await finish(made);
    assert.deepEqual(await seen(made), end, `killed at write ${place}: ${all[place]}`);
    await stages.splice(stages.indexOf(made), 1)[0]!.stop();
  };
  const places = all.map((_, place) => place);
  const lane = async (): Promise<void> => {
    for (let place = places.shift(); place !== undefined; place = places.shift()) await crash(place);
  };
  await Promise.all([lane(), lane()]);
  t.diagnostic(`killed at each of ${all.length} writes`);
});

test("kill -9 after every event, one run, gives the same end", async () => {
  const { end } = await undisturbed;
  const made = await stage();
  const startsAt = new Date();
  let playing = play(made, startsAt);
  let killed = 0;
  for (const type of end.timeline) {
    const { timeline } = await made.until(type, (told) => told.timeline.some((event) => event.type === type));
    await made.server().kill();
    killed += 1;
    await made.restart();
    await playing.catch(() => {});
    playing = play(made, startsAt);
    assert.ok(timeline.length >= 1);
  }
  await playing;
  await finish(made);
  assert.equal(killed, end.timeline.length);
  assert.deepEqual(await seen(made), end);
});
