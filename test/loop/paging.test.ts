import assert from "node:assert/strict";
import { test } from "node:test";
import { tick } from "../../functions/tick.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Reply } from "../../shared/ports/chat.ts";
import type { Page, PageTarget } from "../../shared/ports/paging.ts";
import type { WantedSilences } from "../../shared/ports/silences.ts";
import { id, resolved, sha } from "../support/incident.ts";
import { burning, policy, service, silent, type World, world } from "../support/world.ts";

const oncall = ["U0NIGHT", "S0PAYMENTS"];
const minute = 60_000;
/** No step is overdue before the deadline. */
const patient = { stepMs: 60 * minute, approvalMs: 60 * minute, deployMs: 60 * minute };

/** The world with people to call, and records of calls, silences, and replies that mention or are broadcast. */
const reachable = (over: { silenceMs?: number } = {}) => {
  const made = world({
    configured: service({
      policy: { ...policy, oncall, ...patient, deadlineMs: 40 * minute, page: "pagerduty", ...over },
    }),
  });
  const pages: string[] = [];
  const calls: Reply[] = [];
  const silenced: (WantedSilences | string)[] = [];
  const told =
    (verb: string) =>
    async (_: PageTarget, { summary }: Page) =>
      void pages.push(`${verb}: ${summary}`);
  made.work.paging = { raise: told("raise"), resolve: told("resolve") };
  made.work.silences = {
    ensure: async (wanted) => void silenced.push(wanted),
    end: async (comment) => void silenced.push(comment),
  };
  const { reply } = made.work.chat;
  made.work.chat.reply = async (message, notes) => {
    for (const note of notes)
      if (note.broadcast && !calls.some(({ marker }) => marker === note.marker)) calls.push(note);
    return reply(message, notes);
  };
  const onTick = tick({ ...made, clock: made.work.clock, log: silent, wake: () => {} });
  const pass = async (ms: number) => {
    made.state.now += ms;
    await onTick();
    return made.settle();
  };
  return { made, pages, calls, silenced, pass };
};
const texts = (calls: Reply[]) => calls.map(({ lines: [line] }) => `${line?.label}: ${line?.text}`);
const question = ({ state }: World) => [...state.messages.values()].at(-1);

test("the question mentions who is on call, and once it is answered nobody is mentioned any more", async () => {
  const { made } = reachable();
  await made.alerts([burning]);
  await made.settle();
  assert.deepEqual(question(made)?.mentions, oncall);
  await made.approve();
  await made.settle();
  assert.equal(question(made)?.mentions, undefined);
});

test("an incident that is not verified in time reminds twice, calls a person, and says so in the channel", async () => {
  const { made, pages, calls, pass } = reachable();
  await made.alerts([burning]);
  await made.settle();
  await pass(20 * minute);
  await pass(10 * minute);
  await pass(minute);
  assert.deepEqual(
    texts(calls).map((text) => text.slice(0, 30)),
    ["Time runs out: 50 % of the tim", "Time runs out: 75 % of the tim"],
  );
  assert.deepEqual(
    calls.map(({ mentions }) => mentions),
    [oncall, oncall],
  );
  assert.deepEqual(pages, []);
  await pass(10 * minute);
  const raised = "raise: payment-gateway in production – not verified 40 min after the first alert";
  assert.deepEqual([...new Set(pages)], [raised]);
  assert.equal(texts(calls).at(-1), "A person is paged: not verified 40 min after the first alert");
  await made.alerts([resolved({ startsAt: burning.startsAt, endsAt: made.state.now })]);
  await made.settle();
  assert.equal(pages.at(-1), raised.replace("raise", "resolve"));
});

test("the page of a round that ended is resolved although the next round opened before anybody was told", async () => {
  const { made, pages, pass } = reachable();
  await made.alerts([burning]);
  await made.settle();
  await pass(40 * minute);
  const raised = pages.at(-1) ?? "";
  assert.match(raised, /^raise: /);
  const { round } = (await made.store.load(id)).incident;
  await made.handle({ type: "Abandon", at: made.state.now, round, detail: "not configured any more" });
  await made.alerts([{ ...burning, fingerprint: "f9", name: "QueueFull", startsAt: made.state.now }]);
  const next = await made.settle();
  assert.equal(next.round, 2);
  assert.equal(next.page, undefined);
  assert.equal(pages.at(-1), raised.replace("raise", "resolve"));
});

test("the page of a round that ended stays raised where the round after it needs a person too", async () => {
  const { made, pages, pass } = reachable();
  await made.alerts([burning]);
  await made.settle();
  await pass(40 * minute);
  const { round } = (await made.store.load(id)).incident;
  await made.handle({ type: "Abandon", at: made.state.now, round, detail: "not configured any more" });
  await made.alerts([{ ...burning, fingerprint: "f9", name: "QueueFull", startsAt: made.state.now }]);
  await made.handle({ type: "RequestPage", at: made.state.now, round: 2, detail: "Slack is down" });
  await made.settle();
  assert.match(pages.at(-1) ?? "", /^raise: .*Slack is down/);
  assert.ok(pages.every((page) => page.startsWith("raise")));
});

test("a channel that refuses messages calls a person instead of telling nobody", async () => {
  const { made, pages } = reachable();
  made.state.failing.post = new UpstreamError("slack", "chat.postMessage to C1: channel_not_found", {
    retryable: false,
  });
  await made.alerts([burning]);
  await made.settle();
  await made.settle();
  assert.deepEqual(
    [...new Set(pages)],
    [
      "raise: payment-gateway in production – Slack could not be told: chat.postMessage to C1: channel_not_found",
    ],
  );
});

test("GitHub that fails for five minutes calls a person, long before the deadline", async () => {
  const { made, pages, pass } = reachable();
  made.state.failing.commits = new UpstreamError("github", "GET commits: 502", { retryable: true });
  await made.alerts([burning]);
  await made.settle();
  await pass(4 * minute);
  assert.deepEqual(pages, []);
  await pass(minute);
  assert.match(pages[0] ?? "", /^raise: .* – GitHub cannot be reached since 5 min \(GET commits: 502\)$/);
});

test("exactly the incident's labels are silenced from the approval on, bounded, and the verdict ends it", async () => {
  const { made, silenced } = reachable({ silenceMs: 15 * minute });
  await made.alerts([burning]);
  await made.settle();
  assert.deepEqual(silenced, []);
  const approvedAt = made.state.now;
  await made.approve();
  await made.settle();
  const comment = "Countersteer payment-gateway/production#1: http://github.test/acme/payments/pull/1";
  assert.deepEqual(silenced[0], {
    ...{ labels: [burning.labels], comment, until: approvedAt + 15 * minute },
  });
  await made.deploy();
  await made.settle();
  made.state.now += 10_000;
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  assert.equal(silenced.at(-1), comment);
});

test("a way back of a scale that cannot be opened calls a person although the trouble is over", async () => {
  const { made, pages } = reachable();
  const remedy = {
    ...{ kind: "scale", target: "Deployment/shop/api", field: "max", to: "9", title: "raise the maximum" },
    ...{ score: 0.9, reasons: ["it is at its limit"], forMs: 60 * minute },
    edit: { file: "a.yaml", path: "spec.maxReplicas", before: "3", after: "9" },
  } as const;
  const diagnosis = { suspects: [], none: 0.1, onsetAt: 10_000, remedies: [remedy] };
  const pull = {
    number: 5,
    url: "u",
    branch: "b",
    head: sha("d"),
    base: "main",
    baseSha: sha("e"),
    diff: "d",
  };
  made.state.pulls.set("b", { pull, state: "open", paths: [] });
  await made.alerts([burning]);
  const { now } = made.state;
  const handle = (command: object) =>
    made.handle({ at: made.state.now, round: 1, ...command } as Parameters<typeof made.handle>[0]);
  await handle({ type: "RecordDiagnosis", diagnosis });
  await handle({ type: "RecordProposal", remedy, pull, guarded: false });
  await handle({ type: "RecordMerge", pull: 5, sha: sha("f"), by: "ann" });
  await handle({ type: "RecordDeploy", sha: sha("f") });
  await handle({ type: "RecordRecovery", detail: "quiet" });
  made.state.now = now + 61 * minute;
  await handle({ type: "Expire" });
  await made.settle();
  await made.settle();
  assert.deepEqual(
    [...new Set(pages)],
    [
      "raise: payment-gateway in production – “set spec.maxReplicas back from 9 to 3” could not be opened (no rule of the configuration is about it any more)",
    ],
  );
});
