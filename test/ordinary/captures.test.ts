import assert from "node:assert/strict";
import { after, afterEach, test } from "node:test";
import { localHost } from "../support/loop-hosts.ts";
import { askedDeployers, captures, others, startDeployers } from "./captures.ts";

const host = localHost();
afterEach(host.close);
after(host.stop);
const deployers = await startDeployers();
after(deployers.stop);

for (const { name, play } of captures) test(`on one machine, ${name} brings the fix live`, () => play(host));

test("on one machine, the captures that bring nothing live are answered with a receipt, and the fix is not live", () =>
  others(host));

test("the captures of every tool are there", () => {
  const tools = new Set(captures.map(({ name }) => name.split("/")[0]));
  assert.deepEqual([...tools].sort(), ["argocd", "cdevents", "flux", "github", "jenkins", "tekton"]);
});

for (const { name, play } of askedDeployers)
  test(`on one machine, a deploy that nobody tells is read from ${name} and brings the fix live`, () =>
    play(host, deployers));
