import assert from "node:assert/strict";
import { policy, service } from "../../support/world.ts";
import {
  asked,
  culprit,
  deployed,
  fixed,
  id,
  minute,
  notified,
  quiet,
  type Scene,
  sha,
  two,
  typesOf,
} from "./scene.ts";

const beside: Scene[] = (
  [
    ["another alert after another deploy is a trouble of its own", 15_000, 20_000, `opened ${two}`],
    ["another alert long after the onset is a trouble of its own", 5_000, 4_000_000, `opened ${two}`],
    ["another alert with nothing deployed in between joins", 5_000, 20_000, `joined ${id}`],
    ["another alert that began before the deploy joins", 25_000, 24_000, `joined ${id}`],
  ] as const
).map(([sibling, at, startsAt, expected]) => ({
  kind: "an alert beside a question joins it when it plausibly has the same cause",
  received: true,
  sibling,
  play: async (made) => {
    await notified(made, "PaymentErrorsHigh", 10_000);
    await made.settle();
    await deployed(made, sha("b"), at);
    made.state.now = startsAt + 10_000;
    assert.equal(await notified(made, "QueueFull", startsAt), expected);
  },
}));

const ownRemedy: Scene[] = (
  [
    ["a queue", "QueueFull", "the queue of receipts is full", "receipts: batch 500 of the queue", 15_000],
    ["mails", "MailsLate", "mails are late by an hour", "mails: send late ones last", 40_000],
    ["a search", "SearchSlow", "search takes four seconds", "search: rank by seconds", 3_000_000],
  ] as const
).map(([sibling, name, summary, title, at]) => ({
  kind: "a second trouble after another deploy is diagnosed by itself, beside the question about the first",
  sibling,
  play: async (made) => {
    assert.equal((await asked(made)).status, "proposed");
    const other = {
      ...{ ...culprit, sha: sha("9"), title, message: title, at: at - 1_000 },
      ...{ paths: ["src/other.js"], patch: `+${title}` },
    };
    made.state.commits = [other];
    made.state.snapshot.commit = other;
    await deployed(made, other.sha, at);
    made.state.now = at + 20_000;
    assert.equal(await notified(made, name, at + 5_000, { summary }), `opened ${two}`);
    const second = await made.settle(two);
    assert.equal(second.status === "proposed" && second.remedy.title, title);
    const { incident: first } = await made.store.load(id);
    assert.equal(first.status === "proposed" && first.remedy.title, culprit.title);
    assert.deepEqual(
      [first, second].map((one) => one.alerts.map((alert) => alert.name)),
      [["PaymentErrorsHigh"], [name]],
    );
    assert.equal(made.state.opened, 2);
  },
}));

const approvedFirst: Scene[] = (
  [
    ["the same rule joins", "PaymentErrorsHigh", 25_000, `joined ${id}`],
    ["an alert that began before the approval joins", "QueueFull", 15_000, `joined ${id}`],
    ["another rule is a trouble of its own", "QueueFull", 25_000, `opened ${two}`],
  ] as const
).map(([sibling, name, startsAt, expected]) => ({
  kind: "an alert after the approval joins only by its rule or its beginning",
  received: true,
  sibling,
  play: async (made) => {
    await asked(made);
    await made.approve();
    await made.settle();
    made.state.now = 30_000;
    assert.equal(await notified(made, name, startsAt), expected);
  },
}));

const four: Scene = {
  kind: "at most four troubles are open side by side; the fifth joins the first, and the timeline says so",
  received: true,
  sibling: "a deploy before each",
  play: async (made) => {
    const got: string[] = [];
    for (let trouble = 1; trouble <= 5; trouble++) {
      made.state.now = trouble * 20_000;
      await deployed(made, sha(String(trouble)), made.state.now - 5_000);
      got.push(await notified(made, `Alert${trouble}`, made.state.now - 1_000));
    }
    const opened = [id, two, `${id}/3`, `${id}/4`].map((one) => `opened ${one}`);
    assert.deepEqual(got, [...opened, `joined ${id}`]);
    const joined = (await made.store.log(id)).findLast(({ type }) => type === "AlertsJoined");
    assert.equal(joined?.type === "AlertsJoined" && joined.full, true);
  },
};

const afterFix: Scene[] = [31_000, 33_000, 36_000].map((startsAt) => ({
  kind: "an alert that begins after a fix went live is a trouble of its own, and the first one is verified",
  sibling: `${startsAt / 1000 - 30} s after`,
  play: async (made) => {
    await asked(made);
    await fixed(made);
    made.state.now = startsAt + 1_000;
    assert.equal(await notified(made, "QueueFull", startsAt), `opened ${two}`);
    await made.settle(two);
    assert.ok((await typesOf(made, two)).includes("IncidentDiagnosed"), "it is diagnosed at once");
    made.state.now = 40_000;
    const over = await made.settle();
    assert.equal(over.status === "closed" && over.outcome, "verified");
  },
}));

/** Four troubles are open, so what begins after the fix of the first joins that one, and is not judged by its fix. */
const rest: Scene[] = (
  [
    ["one alert", ["DiskFull"], "opened"],
    ["two alerts", ["DiskFull", "NodeDown"], "opened"],
    ["an alert that is over by then", ["DiskFull over"], "closed"],
  ] as const
).map(([sibling, names, expected]) => ({
  kind: "when an incident ends, what still burns and was not judged opens the next round at once",
  sibling,
  given: { configured: service({ policy: { ...policy, lookAgainMs: [60 * minute] } }) },
  play: async (made) => {
    await asked(made);
    for (const [index, letter] of ["1", "2", "3"].entries()) {
      made.state.now = 21_000 + index * 2_000;
      await deployed(made, sha(letter), made.state.now - 1_000);
      assert.match(await notified(made, `Beside${index}`, made.state.now), /^opened /);
    }
    await fixed(made);
    made.state.now = 34_000;
    for (const name of names) {
      const [alert = "", isOver] = name.split(" ");
      assert.equal(await notified(made, alert, 33_000), `joined ${id}`);
      if (isOver !== undefined)
        await notified(made, alert, 33_000, { endsAt: new Date(33_500).toISOString() });
    }
    await quiet(made);
    const { incident } = await made.store.load(id);
    const types = await typesOf(made);
    assert.ok(types.includes("IncidentClosed"));
    assert.equal(incident.round, expected === "opened" ? 2 : 1);
    const closed = (await made.store.log(id)).find(({ type }) => type === "IncidentClosed");
    assert.equal(closed?.type === "IncidentClosed" && closed.outcome, "verified");
    const firing = incident.alerts.filter(
      ({ status, startsAt }) => status === "firing" && startsAt === 33_000,
    );
    assert.deepEqual(
      firing.map(({ name }) => name),
      expected === "opened" ? [...names] : [],
    );
  },
}));

/** Two troubles of one service are two incidents. */
export const troubles: Scene[] = [...beside, ...ownRemedy, ...approvedFirst, four, ...afterFix, ...rest];
