import { after, afterEach, test } from "node:test";
import { awsHost } from "../support/loop-hosts.ts";
import { redeploys } from "./redeploys.ts";

const host = await awsHost();
afterEach(host.close);
after(host.stop);

for (const { name, given, play } of redeploys)
  test(`on AWS, ${name}`, async () => play(await host.world(given)));
