import { after, afterEach, test } from "node:test";
import { localHost } from "../support/loop-hosts.ts";
import { otherScenes } from "./rows/lives.ts";

const host = localHost();
afterEach(host.close);
after(host.stop);

for (const { kind, sibling, given, play } of otherScenes)
  test(`on one machine, ${kind}: ${sibling}`, async () => play(await host.world(given)));
