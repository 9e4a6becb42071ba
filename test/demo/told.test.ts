import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { told } from "../../infra/bench/told.ts";

const started = (script: string) =>
  spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore", "ipc"] });

test("the message or the line of a child process is waited for, and its end before it is a failure", async () => {
  const lines = (script: string) => {
    const child = started(script);
    assert.ok(child.stdout !== null);
    return told(child, "line", createInterface({ input: child.stdout }));
  };
  const [message, line, ...dead] = await Promise.allSettled([
    told(started(`process.send({ ready: true }); process.exit(0)`), "message"),
    lines(`console.log("ready")`),
    told(started(`process.exit(3)`), "message"),
    lines(`process.exit(4)`),
    told(started(`process.kill(process.pid, "SIGKILL")`), "message"),
    told(spawn("/there/is/no/program", { stdio: "ignore" }), "message"),
  ]);
  assert.deepEqual(
    [message, line].map((one) => one?.status === "fulfilled" && one.value),
    [{ ready: true }, "ready"],
  );
  const reasons = dead.map((one) => (one.status === "rejected" ? String(one.reason) : one.value));
  for (const [index, because] of [
    / ended with 3$/,
    / ended with 4$/,
    / ended with SIGKILL$/,
    /ENOENT/,
  ].entries())
    assert.match(String(reasons[index]), because);
});
