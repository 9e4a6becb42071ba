import assert from "node:assert/strict";
import { test } from "node:test";
import { createNarrator } from "../../infra/demo/narrator.ts";
import { demoConfig } from "../../infra/demo/service-config.ts";
import { parseConfig } from "../../shared/config.ts";

const told = (isTTY: boolean, env: Record<string, string>): string => {
  const written: string[] = [];
  const narrator = createNarrator({ isTTY, write: (text) => written.push(text) }, env);
  narrator.mark("good", "Verified\x1b]0;title\x07", "detail\x1b[2J");
  return written.join("").replace(/\d\d:\d\d:\d\d/, "CLOCK");
};

test("text from outside cannot steer the terminal, and only a terminal is coloured", () => {
  assert.equal(told(false, {}), "CLOCK  Verified]0;title\n          detail[2J\n");
  assert.equal(told(true, { NO_COLOR: "1" }), told(false, {}));
  assert.equal(
    told(true, {}),
    "\x1b[2mCLOCK\x1b[0m  \x1b[32mVerified]0;title\x1b[0m\n          \x1b[2mdetail[2J\x1b[0m\n",
  );
});

test("the clock is UTC's, wherever the machine is", () => {
  const zone = process.env.TZ;
  process.env.TZ = "Asia/Tokyo";
  try {
    const written: string[] = [];
    const narrator = createNarrator({ write: (text) => written.push(text) }, {}, () =>
      Date.UTC(2026, 10, 22, 12, 3, 40),
    );
    narrator.say("Ready.");
    assert.deepEqual(written, ["12:03:40  Ready.\n"]);
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test("the demo's configuration is one the server takes", () => {
  const parsed = parseConfig(demoConfig());
  assert.ok("config" in parsed);
  assert.deepEqual(
    parsed.config.services.map(({ name, policy, verify }) => [name, policy.mode, verify.holdMs]),
    [["payment-gateway", "approve", 5000]],
  );
});
