import assert from "node:assert/strict";
import { test } from "node:test";
import { doors } from "../support/doors.ts";
import { webhook } from "../support/payloads.ts";
import { service, world } from "../support/world.ts";

const json = { accept: "application/json" };
type Told = { status: string; findings: { level: string; about: string; text: string }[] };

test("/readyz?deep tells what came in and what was refused, to readers of every service only", async () => {
  const made = world();
  const at = doors(made, { access: { isOpen: true, tokens: [] } });
  const told = async () => {
    const answer = await at.app.request("/readyz?deep", { headers: json });
    const { status, findings } = (await answer.json()) as Told;
    return [answer.status, status, findings.map(({ about, text }) => `${about}: ${text}`)] as const;
  };
  assert.deepEqual(await told(), [
    200,
    "ready",
    [
      "alerts: no alert has come in yet, so nothing shows that Alertmanager reaches this server",
      "deploys: none is known of payment-gateway in production: a fix there is never seen live",
    ],
  ]);
  await at.notify(webhook([{}]));
  await at.notify(webhook([{}]), "Bearer wrong");
  const [code, status, findings] = await told();
  assert.deepEqual([code, status], [200, "ready"]);
  assert.equal(findings[0], "alerts: alerts have come in");
  assert.match(
    findings.at(-1) ?? "",
    /^calls: POST \/webhooks\/alertmanager was refused 1 time, last at .* UTC: its token or signature is missing or wrong$/,
  );
  const page = await (await at.app.request("/readyz?deep", { headers: { accept: "text/html" } })).text();
  assert.match(page, /<h1>Set-up<\/h1>/);
  const guarded = doors(made, {
    access: { isOpen: false, tokens: ["pages-token"] },
    services: [service({ visibleTo: ["team"] })],
  });
  assert.equal((await guarded.app.request("/readyz?deep", { headers: json })).status, 401);
  assert.equal((await guarded.app.request("/readyz")).status, 200);
});

test("a store that takes no writes is told by /readyz?deep as what fails", async () => {
  const made = world();
  const store = { ...made.store, ready: () => Promise.reject(new Error("the disk is full")) };
  const at = doors(made, { store, access: { isOpen: true, tokens: [] } });
  const answer = await at.app.request("/readyz?deep", { headers: json });
  assert.deepEqual(
    [answer.status, ((await answer.json()) as Told).findings.map(({ text }) => text)],
    [503, ["it takes no writes now: the disk is full"]],
  );
});
