import { after, afterEach, test } from "node:test";
import { awsHost } from "../support/loop-hosts.ts";
import { otherScenes } from "./rows/lives.ts";

const host = await awsHost();
afterEach(host.close);
after(host.stop);

/** One of each kind: its siblings differ in what the hosts share. */
for (const [kind, [first]] of Map.groupBy(otherScenes, (scene) => scene.kind))
  if (first !== undefined && !first.received)
    test(`on AWS, ${kind}: ${first.sibling}`, async () => first.play(await host.world(first.given)));
