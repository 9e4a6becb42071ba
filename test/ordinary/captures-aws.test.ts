import { after, afterEach, test } from "node:test";
import { awsHost } from "../support/loop-hosts.ts";
import { alertCaptures, askedDeployers, captures, knativeSplit, others, startDeployers } from "./captures.ts";

const host = await awsHost();
afterEach(host.close);
after(host.stop);
const deployers = await startDeployers();
after(deployers.stop);

for (const { name, play } of captures) test(`on AWS, ${name} brings the fix live`, () => play(host));

test("on AWS, the captures that bring nothing live are answered with a receipt, and the fix is not live", () =>
  others(host));

test("on AWS, every capture of alerts is answered with a receipt for each alert", () => alertCaptures(host));

for (const { name, play } of askedDeployers)
  test(`on AWS, a deploy that nobody tells is read from ${name} and brings the fix live`, () =>
    play(host, deployers));

test("on AWS, a split of Knative's traffic goes back to the former revision, and is live once that one gets the requests", () =>
  knativeSplit(host, deployers));
