import assert from "node:assert/strict";
import { test } from "node:test";
import type { In } from "../../shared/incident/model.ts";
import { doors } from "../support/doors.ts";
import { id } from "../support/incident.ts";
import { burning, culprit, service, world } from "../support/world.ts";

/** The answer to `/countersteer TEXT` in the channel C1, line by line. */
const asker =
  (door: ReturnType<typeof doors>, user = "UEVE") =>
  async (text: string): Promise<string[]> => {
    const answer = await door.command(text, user);
    const { response_type: kind, text: said } = (await answer.json()) as Record<string, string>;
    assert.deepEqual([answer.status, kind], [200, "ephemeral"]);
    return said!.split("\n");
  };

const burns = async (over: Parameters<typeof service>[0] = {}) => {
  const made = world({ configured: service(over) });
  made.state.commits = [culprit];
  await made.alerts([burning]);
  await made.settle();
  return asker(doors(made));
};

test("status tells whether Countersteer is stopped, and the open incidents of the channel", async () => {
  const quiet = asker(doors(world()));
  assert.deepEqual(await quiet("status"), [
    "Countersteer is not stopped by command",
    "no incident of this channel's services is open",
  ]);
  const ask = await burns();
  assert.deepEqual(await ask("status"), [
    "Countersteer is not stopped by command",
    "payment-gateway in production: revert this change?",
  ]);
});

test("status says so when it has not looked at all services of the channel", async () => {
  const services = Array.from({ length: 42 }, (_, index) => service({ name: `shop-${index}` }));
  const ask = asker(doors(world(), { services }));
  assert.deepEqual(await ask("status"), [
    "Countersteer is not stopped by command",
    "no incident of the 40 that were looked at is open",
    "only 40 of the 42 services and environments of this channel were looked at; the pages list the incidents of all",
  ]);
  assert.deepEqual(await ask("why shop-41"), ["there was never an incident of shop-41"]);
});

test("why tells the state and the likeliest cause of a service of the channel", async () => {
  const ask = await burns();
  const [headline, ...lines] = await ask("why payment-gateway");
  assert.equal(headline, "payment-gateway in production: revert this change?");
  assert.match(lines.join("\n"), /^Suspect \(\d+ %\): [0-9a-f]{12} “/m);
});

test("a channel hears nothing of the services that tell their incidents elsewhere", async () => {
  const ask = await burns({ channel: "C2" });
  assert.deepEqual(await ask("status"), [
    "Countersteer is not stopped by command",
    "no incident of this channel's services is open",
  ]);
  assert.deepEqual(await ask("why payment-gateway"), ["no service tells its incidents in this channel"]);
});

test("why without a service of the channel names those that it has", async () => {
  const ask = asker(doors(world()));
  assert.deepEqual(await ask("why shop"), ["name a service of this channel: payment-gateway"]);
  assert.deepEqual(await ask("why payment-gateway"), ["there was never an incident of payment-gateway"]);
});

const escalated = async () => {
  const made = world();
  made.state.commits = [culprit];
  await made.alerts([burning]);
  await made.settle();
  const { due } = (await made.store.load(id)).incident as In<"proposed">;
  made.state.now = due;
  await made.handle({ type: "Expire", at: due });
  return { made, door: doors(made) };
};

test("retry has the service's incident that needs a person go on, for an approver only", async () => {
  const { made, door } = await escalated();
  const status = async () => (await made.store.load(id)).incident.status;
  assert.deepEqual(await asker(door)("retry payment-gateway"), [
    "payment-gateway/production: you are not an approver of payment-gateway; nothing was changed",
  ]);
  assert.equal(await status(), "escalated");
  const facts = await made.store.log(id);
  assert.deepEqual(
    facts.flatMap((fact) => (fact.type === "AttemptRefused" ? [[fact.attempt, fact.code]] : [])),
    [["retry", "not_approver"]],
  );
  assert.deepEqual(await asker(door, "UANN")("retry payment-gateway"), [
    "payment-gateway/production: it is tried again from where it stood",
  ]);
  assert.equal(await status(), "proposed");
  assert.deepEqual(await asker(door, "UANN")("retry payment-gateway"), [
    "no incident of payment-gateway needs a person; nothing was changed",
    "payment-gateway in production: revert this change?",
  ]);
  assert.deepEqual(await asker(door, "UANN")("retry shop"), [
    "name a service of this channel: payment-gateway",
  ]);
});
