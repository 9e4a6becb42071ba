import assert from "node:assert/strict";
import { test } from "node:test";
import { UpstreamError } from "../../shared/errors.ts";
import { doors } from "../support/doors.ts";
import { id, sha } from "../support/incident.ts";
import { click } from "../support/payloads.ts";
import { burning, type World, world } from "../support/world.ts";

const asking = { incident: id, round: 1 };
/** The click names no head: the shape of other buttons has one. */
const press = (user: string) => click("reland", user, { ...asking, head: sha("d") });

const verified = async (made: World = world()): Promise<World> => {
  await made.alerts([burning]);
  await made.settle();
  await made.approve();
  await made.settle();
  made.state.now = 30_000;
  await made.deploy();
  await made.settle();
  made.state.now = 40_000;
  const incident = await made.settle();
  assert.equal(incident.status === "closed" && incident.outcome, "verified");
  return made;
};
const messageOf = ({ state }: World) => [...state.messages.values()][0];

test("after a verified revert a button of the message has a draft bring the change back, once", async () => {
  const made = await verified();
  const at = doors(made);
  assert.deepEqual(messageOf(made)?.reland, asking);
  await at.interact(press("UANN"));
  assert.deepEqual(made.state.whispers, [
    "UANN: the draft that brings the change back is opened; the thread has its address",
  ]);
  assert.deepEqual(at.woken, [id]);
  await made.settle();
  await made.settle();
  const draft = made.state.proposals.at(-1);
  assert.deepEqual(
    [draft?.title, draft?.branch, draft?.draft, draft?.labels, draft?.commitMessage],
    [
      'Reland "round payments to minor units"',
      "countersteer/reland-ffffffffffff",
      true,
      [],
      `Reland "round payments to minor units"\n\nThis reverts commit ${sha("f")}.`,
    ],
  );
  assert.match(
    String(draft?.body),
    /^Brings “round payments to minor units” back, which \[.+\]\(.+\/pull\/1>\) took out of \*\*payment-gateway\*\*, production\. uann &#40;UANN&#41; asked for it\.\n\nIt is a draft for Ann: as it stands, it brings the trouble back with it\./,
  );
  assert.deepEqual(messageOf(made)?.links.at(-1), {
    text: "Re-land draft acme/payments#2",
    url: "http://github.test/acme/payments/pull/2",
  });
  assert.equal(messageOf(made)?.reland, undefined);
  assert.equal(made.state.checks.at(-1), "9 success");
  const told = [...made.state.comments.keys()].map((marker) => marker.split(":").at(-1));
  assert.deepEqual(told.slice(-2), ["RelandRequested", "RelandOpened"]);
  await at.interact(press("UANN"));
  assert.equal(
    made.state.whispers.at(-1),
    "UANN: the draft is open already: http://github.test/acme/payments/pull/2",
  );
  assert.equal(made.state.opened, 2);
});

test("the author of the change may ask for it, a stranger may not, and a refusal of GitHub can be asked about again", async () => {
  const made = await verified(world({ people: { UDAN: { github: "ANN" }, UEVE: { github: "eve" } } }));
  const at = doors(made);
  await at.interact(press("UEVE"));
  assert.match(made.state.whispers.at(-1) ?? "", /^UEVE: you are not an approver/);
  assert.equal(made.state.opened, 1);
  const { openPull } = made.work.pulls;
  made.work.pulls.openPull = () =>
    Promise.reject(new UpstreamError("github", "the repository is archived", { retryable: false }));
  await at.interact(press("UDAN"));
  await made.settle();
  await made.settle();
  const { incident } = await made.store.load(id);
  assert.deepEqual(incident.status === "closed" && incident.reland, {
    by: "udan (UDAN)",
    detail: "the repository is archived",
  });
  assert.deepEqual(messageOf(made)?.reland, asking);
  made.work.pulls.openPull = openPull;
  await at.interact(press("UDAN"));
  await made.settle();
  assert.equal(made.state.opened, 2);
});

test("the command asks for it too, and says why there is none where nothing was reverted", async () => {
  const made = world();
  const at = doors(made);
  const say = async (text: string) =>
    ((await (await at.command(text, "UANN")).json()) as { text: string }).text;
  await made.alerts([burning]);
  await made.settle();
  assert.equal(
    await say("reland payment-gateway"),
    `${id}: a draft brings back only a revert of ours that is merged and verified; nothing was changed`,
  );
  const over = await verified();
  const door = doors(over);
  const answer = await door.command("reland payment-gateway", "UANN");
  assert.equal(
    ((await answer.json()) as { text: string }).text,
    `${id}: the draft that brings the change back is opened; the thread has its address`,
  );
  await over.settle();
  assert.equal(over.state.opened, 2);
});

test("the page shows the button to a person whom people knows, and the draft once it is open", async () => {
  const made = await verified(world({ people: { UANN: { github: "ann", email: "ann@acme.com" } } }));
  const proxy = { header: "X-Forwarded-Email", secret: "proxy-secret" };
  const { app } = doors(made, { access: { isOpen: false, tokens: ["pages-token"], proxy } });
  const ann = { "x-countersteer-proxy-secret": "proxy-secret", "x-forwarded-email": "ann@acme.com" };
  const read = async (headers: Record<string, string>) =>
    (await app.request(`/incidents/${id}`, { headers })).text();
  assert.match(
    await read({ authorization: "Bearer pages-token" }),
    /press <b>Draft the re-land<\/b> in Slack/,
  );
  assert.match(await read(ann), /<button>Draft the re-land<\/button>/);
  const body = new URLSearchParams({ does: "reland", round: "1", head: sha("d"), nonce: "" });
  const asked = await app.request(`/incidents/${id}/answer`, {
    ...{ method: "POST", body, headers: { ...ann, origin: "http://localhost" } },
  });
  assert.deepEqual([asked.status, asked.headers.get("location")], [303, `/incidents/${id}`]);
  assert.match(await read(ann), /The re-land draft is opened now\./);
  await made.settle();
  assert.match(await read(ann), /Re-land draft: <a href="[^"]+\/pull\/2"/);
});
