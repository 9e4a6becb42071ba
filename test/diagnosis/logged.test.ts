import assert from "node:assert/strict";
import { test } from "node:test";
import { readLogs } from "../../functions/diagnose/logs.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import type { LogLine, Logs } from "../../shared/ports/logs.ts";
import { alert, sha } from "../support/incident.ts";
import { service, world } from "../support/world.ts";

const minute = 60_000;
const onsetAt = Date.parse("2026-11-22T12:00:00Z");
const named = (name: string, over: Parameters<typeof service>[0] = {}) =>
  service({ name, logs: { loki: `{app="${name}"}` }, ...over });

const read = async (lines: Logs["lines"] | undefined, now = onsetAt + 3 * minute) => {
  const { work } = world();
  const services = [
    named("checkout", { dependsOn: ["fx", "mailer"] }),
    named("fx"),
    service({ name: "mailer" }),
  ];
  const asked: string[] = [];
  const found = await readLogs(
    {
      ...work,
      clock: () => now,
      serviceOf: (name) => services.find((one) => one.name === name)!,
      ...(lines === undefined
        ? {}
        : {
            logs: {
              lines: (of, window) => {
                asked.push(
                  `${of.name} ${(window.from - onsetAt) / minute} ${(window.to - onsetAt) / minute}`,
                );
                return lines(of, window);
              },
            },
          }),
    },
    { service: "checkout", onsetAt },
  );
  return { ...found, asked };
};

test("an hour before the onset and what followed are read, of the service and of what it depends on that logs", async () => {
  const { asked } = await read(async () => ({ lines: [] }));
  const parts = ["-60 -40", "-40 -20", "-20 -2", "-2 -1", "-1 0.5", "0.5 2", "2 3"];
  assert.deepEqual(
    asked.toSorted(),
    [...parts.map((part) => `checkout ${part}`), ...parts.map((part) => `fx ${part}`)].toSorted(),
  );
});

test("logs that cannot be read are told once, and so are logs that nobody reads here", async () => {
  assert.deepEqual((await read(async () => ({ lines: [], unread: "no" }))).unread, ["no"]);
  assert.deepEqual((await read(undefined)).unread, ["the logs of checkout are not read here"]);
});

test("a change that shares words with the error lines that are new since the onset comes first, and says so", async () => {
  const line = (at: number, text: string, level: string): LogLine => ({
    at,
    service: "checkout",
    text,
    level,
  });
  const usual = Array.from({ length: 30 }, (_, n) =>
    line(onsetAt - (50 - n) * minute, `served order ${n} in ${n} ms`, "info"),
  );
  const fresh = Array.from({ length: 5 }, (_, n) =>
    line(onsetAt + n * 1000, `settleVoucher refused order ${n}`, "error"),
  );
  const commit = (letter: string, ago: number, patch: string) => ({
    ...{ sha: sha(letter), parents: [sha("0")], title: `change ${letter}`, message: `change ${letter}` },
    ...{
      author: "Ann",
      url: "http://github.test/x",
      paths: [`src/${letter}.js`],
      at: onsetAt - ago * minute,
      patch,
    },
  });
  const { suspects } = rank({
    ...{ service: "checkout", onsetAt, deploys: [], history: [] },
    alerts: [
      alert({ name: "ErrorsHigh", labels: { service: "checkout" }, annotations: {}, startsAt: onsetAt }),
    ],
    commits: [commit("d", 2, "-a\n+b"), commit("c", 40, "-  return true\n+  return settleVoucher(order)")],
    logs: [...usual, ...fresh],
  });
  assert.equal(suspects[0]!.sha, sha("c"));
  assert.match(
    suspects[0]!.reasons.join("\n"),
    /log lines that are new since the onset and its changed lines share [^\n]*“settlevoucher”/,
  );
});
