import assert from "node:assert/strict";
import { test } from "node:test";
import { killSwitch } from "../../functions/stop/kill-switch.ts";
import { type Definition, type Host, open } from "../../infra/aws/host.ts";
import { memoryStore } from "../../shared/adapters/memory.ts";

test("the parameter MODE is read before every write: any value but run stops, and one that cannot be read stops too", async () => {
  let mode: string | undefined;
  let isDown = false;
  const definition: Definition<unknown, string | undefined> = {
    name: "merge",
    make: (host: Host) => {
      const stop = killSwitch({ store: memoryStore(), mode: () => host.fresh("MODE") });
      return () => stop.stopped();
    },
  };
  const stopped = await open(definition, {
    ...{ env: {}, config: { services: [] }, clock: () => 0, wait: async () => {}, write: () => {} },
    loadSecrets: async () => {
      if (isDown) throw new Error("read MODE: 400 AccessDeniedException");
      return mode === undefined ? {} : { MODE: mode };
    },
  });
  assert.equal(await stopped({}), undefined);
  mode = "stop";
  assert.match((await stopped({})) ?? "", /^Countersteer is stopped, as the parameter MODE is “stop”;/);
  mode = " run\n";
  assert.equal(await stopped({}), undefined);
  mode = "";
  assert.match((await stopped({})) ?? "", /MODE is “”/);
  isDown = true;
  assert.match((await stopped({})) ?? "", /its kill switch cannot be read \(read MODE: 400 AccessDenied/);
});
