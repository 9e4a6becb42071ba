import { after, afterEach, test } from "node:test";
import { localHost } from "../support/loop-hosts.ts";
import {
  alertCaptures,
  askedDeployers,
  captures,
  everyCapture,
  knativeSplit,
  others,
  startDeployers,
} from "./captures.ts";

const host = localHost();
afterEach(host.close);
after(host.stop);
const deployers = await startDeployers();
after(deployers.stop);

for (const { name, play } of captures) test(`on one machine, ${name} brings the fix live`, () => play(host));

test("on one machine, the captures that bring nothing live are answered with a receipt, and the fix is not live", () =>
  others(host));

test("every capture of a deployer is in the table, and is played", everyCapture);

test("on one machine, every capture of alerts is answered with a receipt for each alert", () =>
  alertCaptures(host));

for (const { name, play } of askedDeployers)
  test(`on one machine, a deploy that nobody tells is read from ${name} and brings the fix live`, () =>
    play(host, deployers));

test("on one machine, a split of Knative's traffic goes back to the former revision, and is live once that one gets the requests", () =>
  knativeSplit(host, deployers));
