import { after, afterEach, test } from "node:test";
import { awsHost } from "../support/loop-hosts.ts";
import { captures } from "./captures.ts";

const host = await awsHost();
afterEach(host.close);
after(host.stop);

for (const { name, play } of captures)
  test(`on AWS, ${name} brings the fix live or is left alone with a receipt`, () => play(host));
