import assert from "node:assert/strict";
import { after, test } from "node:test";
import { signLaunchDarkly } from "../../shared/adapters/http/signature.ts";
import { startLand } from "../support/hosts.ts";
import { sha } from "../support/incident.ts";
import { webhook } from "../support/payloads.ts";

const land = await startLand();
after(() => land.stop());

const senders = `senders:
  - { name: one-team, token: SENDER_ONE, services: [one] }
  - { name: two-deployer, token: SENDER_TWO, kinds: [deploys], services: [two] }
`;
const env = { SENDER_ONE: "one-new", SENDER_ONE_PREVIOUS: "one-former", SENDER_TWO: "two-new" };

type Answer = [status: number, outcome: unknown];

for (const name of ["embedded", "aws-local"] as const)
  test(`senders call over HTTP, and speak of their own services only (${name})`, async (t) => {
    const world = await land.world(name, { env, more: senders });
    t.after(() => world.stop());
    const call = async (path: string, headers: Record<string, string>, body: string): Promise<Answer> => {
      const type = { "content-type": "application/json" };
      const answer = await fetch(`${world.url}${path}`, {
        method: "POST",
        headers: { ...type, ...headers },
        body,
      });
      const said = (await answer.json()) as { outcome?: string; receipts?: { outcome: string }[] };
      return [answer.status, said.outcome ?? said.receipts?.map(({ outcome }) => outcome)];
    };
    const bearer = (token: string | undefined): Record<string, string> =>
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    const alerts = (token: string | undefined, ...services: string[]) => {
      const labelled = services.map((service, index) => ({
        ...{ labels: { service }, fingerprint: `f${index}` },
        startsAt: new Date().toISOString(),
      }));
      return call("/webhooks/alertmanager", bearer(token), JSON.stringify(webhook(labelled)));
    };
    const report = (service: string) => ({ service, environment: "production" });
    const deploy = (token: string | undefined, service: string) =>
      call("/webhooks/deploys", bearer(token), JSON.stringify({ ...report(service), sha: sha("a") }));
    const flip = (token: string | undefined, service: string) =>
      call("/webhooks/flags", bearer(token), JSON.stringify({ ...report(service), flag: "f", change: "on" }));
    const signed = (secret: string) => {
      const body = JSON.stringify({ ...report("one"), kind: "flag", date: 1, accesses: [] });
      const signature = signLaunchDarkly({ secret, body: Buffer.from(body) });
      return call("/webhooks/flags", { "x-ld-signature": signature }, body);
    };

    for (const stranger of [undefined, "one-ne", "one-newer", "SENDER_ONE", "two-former"])
      for (const answer of [alerts(stranger, "one"), deploy(stranger, "one"), flip(stranger, "one")])
        assert.deepEqual(await answer, [401, undefined], String(stranger));
    for (const known of ["one-new", "one-former"]) {
      assert.deepEqual((await alerts(known, "two"))[1], ["not_owned"]);
      assert.deepEqual(await deploy(known, "one"), [202, "recorded"]);
      assert.deepEqual(await deploy(known, "two"), [202, "not_owned"]);
      assert.deepEqual(await flip(known, "one"), [202, "recorded"]);
      assert.deepEqual(await flip(known, "two"), [202, "not_owned"]);
      assert.equal((await signed(known))[0], 202);
    }
    assert.deepEqual(await alerts("one-new", "one", "two"), [202, ["opened", "not_owned"]]);
    assert.equal(await world.read("two"), undefined);
    assert.deepEqual(await deploy("two-new", "two"), [202, "recorded"]);
    assert.deepEqual(await deploy("two-new", "one"), [202, "not_owned"]);
    for (const answer of [
      alerts("two-new", "two"),
      flip("two-new", "two"),
      signed("two-new"),
      signed("one-ne"),
    ])
      assert.equal((await answer)[0], 401);
    assert.deepEqual(await deploy("dp", "three"), [202, "recorded"]);
    assert.deepEqual(
      (await call("/webhooks/github", { "x-github-event": "push", ...bearer("one-new") }, "{}"))[0],
      401,
    );
  });
