import assert from "node:assert/strict";
import { test } from "node:test";
import type { In } from "../../shared/incident/model.ts";
import { thread } from "../../shared/text/chat-message.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { burning, culprit, service, world } from "../support/world.ts";

const innocent = { ...culprit, at: 8_000, title: "speed up the ledger", message: "", patch: "-a\n+b" };
const report = {
  ...{ service: "payment-gateway", environment: "production", flag: "new-rates", change: "off → on" },
  ...{ at: "1970-01-01T00:00:09Z", url: "https://flags.test/new-rates" },
};
const reason = "the flag “new-rates” of payment-gateway was changed (off → on) 1 s before the trouble began";

/** A flag and a deploy, one second apart, and then the alert. */
const told = async (over: Parameters<typeof service>[0] = {}) => {
  const made = world({ configured: service(over) });
  made.state.commits = [innocent];
  const door = doors(made);
  for (const letter of ["b", "c"]) {
    const at = `1970-01-01T00:00:0${letter === "b" ? 1 : 8}Z`;
    await door.deployed({ service: "payment-gateway", environment: "production", sha: sha(letter), at });
  }
  assert.equal((await door.flipped(report)).status, 202);
  await made.alerts([burning]);
  return { made, door, incident: (await made.settle()) as In<"escalated"> | In<"closed"> };
};

test("a flag was changed beside an innocent deploy: no pull request is opened, people are told to turn the flag back first", async () => {
  const { made, door, incident } = await told();
  assert.equal(incident.status === "escalated" && incident.reason, "low_confidence");
  assert.deepEqual([made.state.opened, made.state.proposals], [0, []]);
  const [message] = [...made.state.messages.values()];
  const labels = message!.lines.map(({ label }) => label?.replace(/\d+/, "N"));
  assert.deepEqual(labels, [
    "Why a person is needed",
    "Flag (N %)",
    "Suspect (N %)",
    "Why (measured)",
    "Why (text)",
    "Alert",
  ]);
  assert.equal(message!.lines[1]!.text, `${reason}: turn it back first`);
  assert.match(
    message!.lines[0]!.text,
    /^the flag “new-rates” of .* before the trouble began \(\d\d %\): turn it back first; the likeliest remedy has \d+ %, the policy asks for 30 %; still firing$/,
  );
  assert.deepEqual(message!.links.at(-1), { text: "Flag new-rates", url: "https://flags.test/new-rates" });
  const [details] = thread(incident, []);
  assert.deepEqual(details!.lines.at(-1), {
    label: "None of these (4 %)",
    text: "load, an upstream, a node, a certificate",
  });
  const page = (await (await door.app.request(`/incidents/${id}`)).text()).replaceAll("\u00a0", " ");
  assert.match(
    page,
    /<h4>Flag <a href="https:\/\/flags\.test\/new-rates" rel="noreferrer">new-rates<\/a><\/h4><p>feature flag<\/p>/,
  );
  assert.match(page, /\(off → on\) 1 s before the trouble began: turn it back first/);
  const { flags } = (await (
    await door.app.request(`/incidents/${id}`, { headers: { accept: "application/json" } })
  ).json()) as { flags: object[] };
  assert.equal(flags.length, 1);
});

test("in observe mode the flag is told, too", async () => {
  const { policy } = service();
  const { made, incident } = await told({ policy: { ...policy, mode: "observe" } });
  assert.equal(incident.status === "closed" && incident.outcome, "observed");
  const [message] = [...made.state.messages.values()];
  assert.match(message!.lines[1]!.label!, /^Flag \(/);
});

/** A change that says what the alert says, and a flag that was changed 40 minutes before it. */
const likelier = async (over: Partial<typeof report> = {}) => {
  const made = world();
  const hour = 3_600_000;
  const door = doors(made);
  made.state.now = hour + 20_000;
  made.state.commits = [{ ...culprit, at: hour }];
  await door.deployed({
    ...{ service: "payment-gateway", environment: "production", sha: culprit.sha },
    at: "1970-01-01T01:00:05Z",
  });
  await door.flipped({ ...report, at: "1970-01-01T00:20:10Z", ...over });
  await made.alerts([{ ...burning, startsAt: hour + 10_000 }]);
  assert.equal((await made.settle()).status, "proposed");
  const [question] = [...made.state.messages.values()];
  const [details] = [...made.state.replies].find(([marker]) => marker.endsWith(":details"))!.slice(1);
  return { door, question: question!, details: details!, body: made.state.proposals[0]!.body };
};

test("where a change is likelier all the same, the thread of the question names the flag below it, and so does the pull request", async () => {
  const { question, details, body } = await likelier();
  assert.doesNotMatch(question.lines.map(({ text }) => text).join(), /new-rates/);
  assert.match(
    details,
    new RegExp(`Suspect .*${reason.replace("1 s", "40 min").replace(/[()]/g, ".")}`, "s"),
  );
  assert.match(
    body,
    /- a flag: 21 %, the flag “new-rates” of payment-gateway was changed .*\n- none of these: 2 %\n/,
  );
});

test("what a tool says of a flag is shown as text, and does nothing else", async () => {
  const change = "<script>alert(1)</script> @all closes #1 [x](http://x)";
  const { door, body } = await likelier({ flag: "<img src=x>", change });
  const page = (await (await door.app.request(`/incidents/${id}`)).text()).replaceAll("\u00a0", " ");
  assert.equal(/<script>alert|<img/.test(page), false);
  assert.match(page, /&lt;img src=x&gt;/);
  assert.match(body, /img src/);
  assert.equal(/<script|<img|@all|#1\b|\]\(http:\/\/x/.test(body), false);
});
