import { after, afterEach, test } from "node:test";
import { localHost } from "../support/loop-hosts.ts";
import { outcomes } from "./outcomes.ts";

const host = localHost();
afterEach(host.close);
after(host.stop);

for (const { kind, sibling, given, play } of outcomes)
  test(`on one machine, ${kind}: ${sibling}`, async () => play(await host.world(given)));
