import assert from "node:assert/strict";
import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Pull } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { id, resolved, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, service, type World, world } from "../support/world.ts";
import { type Asked, asked, question, statusOf } from "./question.ts";

/** People who may not decide, decide too late, or decide about something else. */

const people = { UANN: { github: "ann-on-github" }, UBEN: { github: "ben" } };
const two = (over: Partial<Configured> = {}) =>
  world({ configured: service({ approvers: ["UANN", "UBEN"], ...over }), people });
const press = ({ interact }: Asked, user: string, value: object = {}) =>
  interact(click("approve", user, { ...question, ...value }));
const typesOf = async ({ store }: World): Promise<Event["type"][]> =>
  (await store.log(id)).map(({ type }) => type);

export const noApprover = async (): Promise<void> => {
  const at = await asked(two({ approvers: ["UBEN", "SONCALL"] }));
  at.made.state.groups.SONCALL = ["UGUEST", "UBOT", "UGONE", "UFAR"];
  at.made.state.standings = { UGUEST: "guest", UBOT: "bot", UGONE: "deactivated", UFAR: "stranger" };
  const before = await typesOf(at.made);
  for (const user of ["UEVE", "UGUEST", "UBOT", "UGONE", "UFAR"]) {
    const answer = await press(at, user);
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
    await at.interact(click("reject", user, question));
  }
  assert.deepEqual(
    at.made.state.whispers.map((text) => text.split(": ")[0]),
    [...["UEVE", "UEVE", "UGUEST", "UGUEST", "UBOT", "UBOT", "UGONE", "UGONE", "UFAR", "UFAR"]],
  );
  const after = await typesOf(at.made);
  assert.deepEqual(
    after.filter((type) => type !== "AttemptRefused"),
    before,
  );
  assert.ok(after.includes("AttemptRefused"));
  assert.equal(at.lines.filter((line) => line === "decision refused").length, 10);
};

/** The profile of an approver, under another id: names are shown and never compared. */
export const sameProfile = async (): Promise<void> => {
  const at = await asked(two());
  for (const [user, team] of [
    ["UEVE", "T1"],
    ["UBEN", "T2"],
  ] as const) {
    at.made.work.chat.standing = async ({ id, team }) =>
      id === "UBEN" && team === "T2" ? "stranger" : "member";
    const as = { id: user, username: "uben", name: "uben", team_id: team };
    await at.interact({ ...click("approve", user, question), user: as });
  }
  assert.deepEqual(at.made.state.whispers, [
    "UEVE: you are not an approver of payment-gateway; nothing was changed",
    "UBEN: people of another Slack organisation never decide; nothing was changed",
  ]);
  assert.equal(await statusOf(at), "proposed");
};

export const selfApproval = async (): Promise<void> => {
  const cases: [string, (made: World) => void, string][] = [
    ["the author", () => {}, "UANN"],
    ["a pusher", ({ state }) => (state.pushers = { logins: ["ben"], isComplete: true }), "UBEN"],
    ["a co-author", ({ state }) => (state.authors = { logins: ["x", "ben"], isComplete: true }), "UBEN"],
    ["unknown authors", ({ state }) => (state.authors = { logins: [], isComplete: false }), "UCID"],
  ];
  for (const [who, given, user] of cases) {
    const made = two({ approvers: ["UANN", "UBEN", "UCID"] });
    given(made);
    const at = await asked(made);
    await press(at, user);
    assert.equal(await statusOf(at), "proposed", who);
    assert.match(made.state.whispers.at(-1) ?? "", /still needed: a second person/, who);
  }
};

export const leftTheGroup = async (): Promise<void> => {
  const atClick = await asked(two({ approvers: ["SONCALL"] }));
  await press(atClick, "UBEN");
  assert.equal(await statusOf(atClick), "proposed");
  const made = two({ approvers: ["SONCALL"] });
  made.state.groups.SONCALL = ["UBEN"];
  const beforeMerge = await asked(made);
  await press(beforeMerge, "UBEN");
  assert.equal(await statusOf(beforeMerge), "approved");
  made.state.groups.SONCALL = [];
  await made.settle();
  assert.deepEqual([await statusOf(beforeMerge), made.state.merges], ["proposed", 0]);
};

export const unreadableGroup = async (): Promise<void> => {
  const made = two({ approvers: ["SONCALL"] });
  made.state.groups.SONCALL = ["UBEN"];
  const at = await asked(made);
  const down = new UpstreamError("slack", "slack is down", { retryable: true });
  made.state.failing.isApprover = down;
  await press(at, "UBEN");
  assert.equal(await statusOf(at), "proposed");
  made.state.failing = {};
  await press(at, "UBEN");
  made.state.failing.isApprover = down;
  await made.settle();
  assert.deepEqual([await statusOf(at), made.state.merges], ["approved", 0]);
};

export const mutatedClicks = async (): Promise<void> => {
  const at = await asked(two());
  const container = { type: "message", channel_id: "C1", message_ts: "1.0" };
  const value = (over: object) => click("approve", "UBEN", { ...question, ...over });
  const mutated: object[] = [
    ...[{ nonce: "guess" }, { nonce: undefined }, { head: sha("9") }, { round: 2 }].map(value),
    value({ incident: "checkout/production" }),
    { ...value({}), container: { ...container, channel_id: "C2" } },
    { ...value({}), container: { ...container, message_ts: "2.0" } },
    {
      ...value({}),
      actions: [
        { ...value({}).actions[0], action_id: "choose:7", value: JSON.stringify({ ...question, choice: 7 }) },
      ],
    },
  ];
  for (const payload of mutated) {
    assert.equal((await at.interact(payload)).status, 200);
    assert.equal(await statusOf(at), "proposed", JSON.stringify(payload));
  }
  assert.equal(at.made.state.whispers.length, mutated.length);
  await at.interact(value({}));
  assert.equal(await statusOf(at), "approved");
};

const pullOf = ({ state }: World): Pull => [...state.pulls.values()][0]!.pull;
const moveTo = ({ state }: World, over: Partial<Pull>): void => {
  for (const [branch, now] of state.pulls)
    state.pulls.set(branch, { ...now, pull: { ...now.pull, ...over } });
};
const pushed = { head: sha("8"), diff: "another" };

/** The five instants at which the branch may move, from the question to the merge call. */
const moments: Record<string, (at: Asked) => Promise<void>> = {
  "before the click": async ({ made, ...at }) => {
    moveTo(made, pushed);
    await made.settle();
    await press({ made, ...at }, "UBEN");
  },
  "after the click": async ({ made, ...at }) => {
    await press({ made, ...at }, "UBEN");
    moveTo(made, pushed);
  },
  "while the permission is read": async ({ made, ...at }) => {
    await press({ made, ...at }, "UBEN");
    const { said } = made.work.accounts;
    made.work.accounts.said = async (...of) => {
      moveTo(made, pushed);
      made.state.refusal = { result: "moved", detail: "the head moved" };
      return said(...of);
    };
  },
  "as the merge is called": async ({ made, ...at }) => {
    await press({ made, ...at }, "UBEN");
    made.state.refusal = { result: "moved", detail: "409 Head branch was modified" };
    moveTo(made, pushed);
  },
  "with the same diff": async ({ made, ...at }) => {
    await press({ made, ...at }, "UBEN");
    moveTo(made, { head: sha("8") });
  },
};

export const movedHead = async (): Promise<void> => {
  for (const [moment, play] of Object.entries(moments)) {
    const at = await asked(two());
    await play(at);
    await at.made.settle();
    const { incident } = await at.made.store.load(id);
    assert.deepEqual([incident.status, at.made.state.merges], ["proposed", 0], moment);
    assert.equal(incident.status === "proposed" && incident.pull.head, pullOf(at.made).head, moment);
  }
};

export const movedBase = async (): Promise<void> => {
  const beside = await asked(two());
  await press(beside, "UBEN");
  moveTo(beside.made, { baseSha: sha("7") });
  beside.made.state.changed = ["docs/other.md"];
  await beside.made.settle();
  assert.equal(beside.made.state.merges, 1);
  const same = await asked(two());
  await press(same, "UBEN");
  moveTo(same.made, { baseSha: sha("7") });
  same.made.state.changed = ["src/fx.js"];
  await same.made.settle();
  assert.deepEqual([await statusOf(same), same.made.state.merges], ["proposed", 0]);
  const retargeted = await asked(two());
  await press(retargeted, "UBEN");
  moveTo(retargeted.made, { base: "release" });
  await retargeted.made.settle();
  assert.deepEqual([await statusOf(retargeted), retargeted.made.state.merges], ["escalated", 0]);
};

export const lateApproval = async (): Promise<void> => {
  for (const [offset, status] of [
    [-1, "approved"],
    [0, "proposed"],
    [1, "proposed"],
  ] as const) {
    const at = await asked(two());
    const { incident } = await at.made.store.load(id);
    at.made.state.now = (incident as { due: number }).due + offset;
    await press(at, "UBEN");
    assert.equal(await statusOf(at), status, `${offset} ms`);
  }
};

/** Each round has another message, and the old one loses its buttons. */
export const supersededMessage = async (): Promise<void> => {
  const at = await asked(two());
  const { made } = at;
  await made.alerts([resolved({ startsAt: 10_000, endsAt: 21_000 })]);
  await made.settle();
  await press(at, "UBEN");
  assert.equal(made.state.merges, 0);
  assert.deepEqual(
    [...made.state.messages.values()].map(({ buttons }) => buttons),
    [undefined],
  );
  assert.match(made.state.whispers.at(-1) ?? "", /no longer open/);
};

const orders = (): Promise<void>[] =>
  [0, 1, 2].map(async (turn) => {
    const made = two();
    const at = doors((await asked(made)).made);
    const clicks = [
      () => press(at as Asked, "UBEN"),
      () => made.reject("it is the upstream", "UANN"),
      () => press(at as Asked, "UBEN"),
    ];
    const ordered = [...clicks.slice(turn), ...clicks.slice(0, turn)];
    await Promise.all(ordered.map((decide) => decide()));
    await made.settle();
    const { incident } = await made.store.load(id);
    assert.deepEqual(incident.status === "closed" && incident.outcome, "rejected");
    assert.equal(made.state.merges, 0);
  });

export const doubleClicks = async (): Promise<void> => {
  await Promise.all(orders());
  const at = await asked(two());
  await Promise.all(Array.from({ length: 50 }, (_, index) => press(at, index % 2 ? "UBEN" : "UANN")));
  const types = await typesOf(at.made);
  assert.equal(types.filter((type) => type === "RemedyApproved").length, 1);
  await at.made.reject("a veto", "UANN");
  await at.made.settle();
  assert.deepEqual([await statusOf(at), at.made.state.merges], ["closed", 0]);
};

export const resolvedBeforeMerge = async (): Promise<void> => {
  const at = await asked(two());
  await press(at, "UBEN");
  at.made.state.now += 1000;
  await at.made.alerts([{ ...burning, status: "resolved", endsAt: at.made.state.now }]);
  await at.made.settle();
  assert.deepEqual([await statusOf(at), at.made.state.merges], ["proposed", 0]);
  const { incident } = await at.made.store.load(id);
  assert.match(incident.status === "proposed" ? (incident.moved ?? "") : "", /is it still wanted\?/);
};

export const refusedByGithub = async (): Promise<void> => {
  const at = await asked(two());
  await press(at, "UBEN");
  at.made.state.refusal = {
    ...{ result: "refused", detail: "405 At least 1 approving review is required" },
    instruction: "let a reviewer approve it",
  };
  await at.made.settle();
  const { incident } = await at.made.store.load(id);
  assert.deepEqual(incident.status === "escalated" && [incident.reason, at.made.state.merges], [
    "merge_refused",
    0,
  ]);
};

/** Accounts whose names only look like an approver's, on GitHub: none of their reviews counts, and each is a refused attempt. */
export const lookalikes = async (): Promise<void> => {
  const made = world({
    configured: service({ approvers: ["github:user/kim"] }),
    people: { UKIM: { github: "kim" } },
  });
  await made.alerts([burning]);
  await made.settle();
  const names = ["\u212Aim", "k\u0456m", "kim\u200B", "kim ", "k1m", "kim[bot]", "@kim", "kim/kim"];
  made.state.said.reviews = names.map((by) => ({ by, state: "approved", head: sha("d") }));
  for (const _ of names) await made.settle();
  assert.equal((await made.store.load(id)).incident.status, "proposed");
  const refused = (await made.store.log(id)).flatMap((event) =>
    event.type === "AttemptRefused" ? [event.by] : [],
  );
  assert.deepEqual(
    refused,
    names.map((name) => `${name} (GitHub)`),
  );
  made.state.said.reviews = [{ by: "KIM", state: "approved", head: sha("d") }];
  assert.equal((await made.settle()).status, "merged");
};
