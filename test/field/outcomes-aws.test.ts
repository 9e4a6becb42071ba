import { after, afterEach, test } from "node:test";
import { awsHost } from "../support/loop-hosts.ts";
import { outcomes } from "./outcomes.ts";

const host = await awsHost();
afterEach(host.close);
after(host.stop);

for (const { kind, sibling, given, play } of outcomes)
  test(`on AWS, ${kind}: ${sibling}`, async () => play(await host.world(given)));
