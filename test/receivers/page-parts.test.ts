import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { liveDigest, liveScript } from "../../functions/pages/live.ts";
import { statusWords } from "../../functions/pages/status.ts";
import { ago } from "../../functions/pages/times.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { likeliestCause } from "../../shared/text/causes.ts";
import { doors } from "../support/doors.ts";
import { resolved, revertOf, sha, suspect } from "../support/incident.ts";
import { stateOf } from "../support/states.ts";
import { burning, type World, world } from "../support/world.ts";

const address = "/incidents/payment-gateway/production";
const asked = async (): Promise<World> => {
  const made = world();
  await made.alerts([burning]);
  await made.settle();
  return made;
};
const read = async (made: World, path = address): Promise<string> =>
  (await (await doors(made).app.request(path)).text()).replaceAll("\u00a0", " ");
const listed = async (made: World, path: string): Promise<string[]> =>
  [...(await read(made, path)).matchAll(/<th scope="row"><a href="\/incidents\/([^"]+)"/g)].map(
    ([, id]) => id!,
  );

test("the policy of the pages allows the one script that they hold, by its digest", async () => {
  const digest = `sha256-${createHash("sha256").update(liveScript).digest("base64")}`;
  assert.equal(liveDigest, digest);
  const response = await doors(await asked()).app.request(address);
  assert.match(
    response.headers.get("content-security-policy") ?? "",
    new RegExp(`script-src '${digest.replaceAll("+", "\\+")}';`),
  );
  const [script, ...others] = (await response.text()).match(/<script>[\s\S]*?<\/script>/g) ?? [];
  assert.deepEqual([script, others], [`<script>${liveScript}</script>`, []]);
});

test("an open incident says whom it waits for, until when and what silence does, and is looked at again by itself", async () => {
  const page = await read(await asked());
  assert.match(page, /class="page" data-live/);
  assert.doesNotMatch(page, /http-equiv="refresh"/);
  assert.match(
    page,
    /<h2>Waiting for ann until <time datetime="[^"]+" title="1970-01-01 00:10:20 UTC" data-how="minute">00:10<\/time><\/h2>/,
  );
  assert.match(page, /No answer by .*: a person must take over; nothing is merged\./);
});

test("a verified incident is not looked at again, and its chart has no alarm", async () => {
  const made = world();
  made.state.course = {
    forMs: 0,
    series: [
      {
        metric: "PaymentErrorsHigh's ratio",
        points: [
          [0, 0],
          [10_000, 0.4],
          [20_000, 0.3],
        ],
      },
    ],
  };
  await made.alerts([burning]);
  await made.settle();
  assert.match(await read(made), /<svg class="chart" viewBox="0 0 760 230"/);
  await made.approve();
  await made.settle();
  made.state.now += 1_000;
  await made.deploy(sha("f"));
  await made.settle();
  made.state.reading = { result: "quiet", since: made.state.now };
  made.state.now += 20_000;
  assert.equal((await made.settle()).status, "closed");
  const page = await read(made);
  assert.match(page, /<svg class="chart calm" viewBox="0 0 760 230"/);
  assert.match(page, /class="sign verdict"/);
  assert.doesNotMatch(page, /class="page" data-live/);
});

test("a reason that all suspects have stands once, above their cards", async () => {
  const made = world();
  await made.alerts([burning]);
  const reasons = ["shipped in the deploy of 12:02", "touches a file"];
  const diagnosis = {
    suspects: [
      suspect({ reasons: [...reasons, "has a word of its own"] }),
      suspect({ sha: sha("e"), reasons }),
    ],
    ...{ none: 0.1, onsetAt: 10_000, remedies: [revertOf()] },
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  const page = await read(made);
  assert.match(
    page,
    /<p class="quiet">Each suspect:<\/p><ul class="quiet"><li>shipped in the deploy of <time [^>]*>12:02<\/time><\/li><li>touches a file<\/li><\/ul>/,
  );
  assert.equal(page.match(/<li>touches a file/g)?.length, 1);
  assert.match(page, /<li>has a word of its own/);
});

test("a card shows three facts and folds the others, and of its facts only evidence is named measured or text", async () => {
  const made = world();
  await made.alerts([burning]);
  const reasons = ["one", "two", "touches src/a.js", "the next, b, is 3 times less likely", "five"];
  const kinds = reasons.map(() => "text" as const);
  const diagnosis = {
    suspects: [suspect({ reasons, kinds })],
    ...{ none: 0.1, onsetAt: 10_000, remedies: [revertOf()] },
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  const text = '<span class="quiet">text</span>';
  assert.ok(
    (await read(made)).includes(
      `<ul><li>one ${text}</li><li>two ${text}</li><li>touches src/a.js</li></ul><details id="why-cccccccccccc"><summary>2 more facts</summary><ul><li>the next, b, is 3 times less likely</li><li>five ${text}</li></ul></details>`,
    ),
  );
});

test("an address of the list that names no page or status is 400 with a sentence, as a page and as JSON", async () => {
  const made = await asked();
  const { app } = doors(made);
  for (const [search, error] of [
    ["page=abc", "page is a number from 1 on, not “abc”"],
    ["page=0", "page is a number from 1 on, not “0”"],
    ["page=-1", "page is a number from 1 on, not “-1”"],
    ["page=1.5", "page is a number from 1 on, not “1.5”"],
    ["page=", "page is a number from 1 on, not “”"],
    ["status=<b>", `status is one of ${statusWords.join(", ")}, not “<b>”`],
  ] as const) {
    const json = await app.request(`/incidents?${search}`, { headers: { accept: "application/json" } });
    assert.deepEqual([json.status, await json.json()], [400, { error }]);
    const page = await app.request(`/incidents?${search}`);
    assert.equal(page.status, 400);
    const told = error.replace("<b>", "&lt;b&gt;").replace(/^./, (letter) => letter.toUpperCase());
    assert.ok((await page.text()).includes(`<p>${told}. <a href="/incidents">Incidents without it</a></p>`));
  }
  assert.equal((await app.request("/incidents?page=99&status=")).status, 200);
});

test("the list is filtered by service, by status and by the words of alerts and suspects", async () => {
  const made = await asked();
  const id = "payment-gateway/production";
  for (const [path, found] of [
    ["/incidents", [id]],
    ["/incidents?service=payment-gateway&status=waiting", [id]],
    ["/incidents?q=ROUND+payments", [id]],
    ["/incidents?service=other", []],
    ["/incidents?status=verified", []],
    ["/incidents?q=nothing+of+this", []],
  ] as const)
    assert.deepEqual(await listed(made, path), found, path);
  assert.match(
    await read(made, "/incidents?status=verified"),
    /No incident is like this\. <a href="\/incidents">/,
  );
});

test("a list that never had an incident says what to do first", async () => {
  assert.match(await read(world(), "/incidents"), /<ol class="todo"><li>Send Alertmanager's webhook to/);
});

test("a long entry of the timeline is folded behind its first clause, which never ends within a title", async () => {
  const made = world();
  await made.alerts([burning]);
  const reasons = Array.from({ length: 20 }, (_, index) => `reason ${index} of many`);
  const diagnosis = {
    suspects: [suspect({ title: "fx: settle; round", reasons, score: 0.9 })],
    ...{ none: 0.1, onsetAt: 10_000, remedies: [revertOf()] },
  };
  await made.handle({ type: "RecordDiagnosis", at: made.state.now, round: 1, diagnosis });
  assert.match(
    await read(made),
    /<summary><b>Diagnosed<\/b> c{12} “fx: settle; round” with 90 %<\/summary><p>reason 0 of many; /,
  );
});

test("an alert that comes and goes two hundred times makes neither the page nor the thread longer", async () => {
  const made = await asked();
  const flap = async (times: number): Promise<{ bytes: number; replies: number }> => {
    for (let time = 0; time < times; time++) {
      const startsAt = made.state.now + 400;
      made.state.now += 800;
      await made.alerts([{ ...burning, startsAt }]);
      await made.alerts([resolved({ startsAt, endsAt: made.state.now })]);
    }
    await made.settle();
    return { bytes: (await read(made)).length, replies: made.state.replies.size };
  };
  const few = await flap(110);
  const many = await flap(100);
  assert.ok(many.bytes - few.bytes < 100, `${few.bytes} and then ${many.bytes} bytes`);
  assert.equal(many.replies, few.replies);
  assert.match(
    await read(made),
    /<p class="quiet">\d+ older facts: <code>countersteer export<\/code> has them/,
  );
});

test("ages are whole minutes, so that an open page seldom changes", () => {
  assert.deepEqual(
    [0, 59_999, 60_000, 119_999, 120_000, 3_600_000].map((ms) => ago(0, ms)),
    ["just now", "just now", "1 min ago", "1 min ago", "2 min ago", "60 min ago"],
  );
});

test("the list names load or a flag where one is likelier than every change", () => {
  const causeOf = (name: string) => {
    const diagnosis = diagnosisOf(stateOf(name).incident);
    return diagnosis && likeliestCause(diagnosis);
  };
  const names = ["load first", "flag first", "waiting"];
  assert.deepEqual(
    names.map((name) => [causeOf(name)?.what, causeOf(name)?.title]),
    [
      ["load", "load"],
      ["flag", "jpy-whole-numbers"],
      ["change", "fx: settle in whole numbers, halves to even"],
    ],
  );
});
