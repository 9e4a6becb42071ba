import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startChild, untilReady } from "../../infra/demo/child.ts";
import { findBinaries, freePorts } from "../../infra/demo/monitor/real.ts";
import { alertmanagerPages } from "../../shared/adapters/alertmanager/page.ts";
import { alertmanagerSilences } from "../../shared/adapters/alertmanager/silences.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/until.ts";

const binaries = await findBinaries();
const skip = binaries === undefined && "prometheus-alertmanager is not on PATH";

const start = async (t: TestContext) => {
  const directory = await scratch(t);
  const [port] = await freePorts(1);
  const config = join(directory, "alertmanager.yml");
  await writeFile(config, "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n");
  const url = `http://127.0.0.1:${port}`;
  const child = startChild({
    command: binaries!.alertmanager,
    args: [
      `--config.file=${config}`,
      `--storage.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--cluster.listen-address=",
    ],
    log: join(directory, "log"),
  });
  t.after(child.stop);
  await untilReady("Alertmanager", child, async () => (await fetch(`${url}/-/ready`)).ok);
  const read = async (path: string): Promise<Record<string, unknown>[]> =>
    (await (await fetch(`${url}/api/v2/${path}`)).json()) as Record<string, unknown>[];
  return { read, upstream: { system: "alertmanager", url } as const };
};

test("a real Alertmanager fires the page once, however often it is raised, and ends it when it is resolved", {
  skip,
}, async (t) => {
  const { read, upstream } = await start(t);
  const pages = alertmanagerPages(upstream, Date.now);
  const page = {
    ...{ key: "shop/production", service: "shop", environment: "production", since: Date.now() - 1_000 },
    ...{
      summary: "shop in production: late",
      detail: "late",
      url: "http://countersteer.test/incidents/shop/production",
    },
  };
  const firing = async () =>
    (await read("alerts")).map(({ labels }) => (labels as Record<string, string>).alertname);
  await pages.raise(page);
  await pages.raise(page);
  assert.deepEqual(await firing(), ["CountersteerUnresolved"]);
  await pages.resolve(page);
  assert.deepEqual(await firing(), []);
});

test("a real Alertmanager silences exactly these labels, once, until the silence is ended", {
  skip,
}, async (t) => {
  const { read, upstream } = await start(t);
  const silences = alertmanagerSilences(upstream, Date.now);
  const wanted = {
    labels: [{ alertname: "PaymentErrorsHigh", service: "shop", note: 'a "b" \\ .*' }],
    comment: "Countersteer shop/production#1: http://github.test/pull/1",
    until: Date.now() + 60_000,
  };
  await silences.ensure(wanted);
  await silences.ensure(wanted);
  const post = (labels: Record<string, string>) =>
    fetch(`${upstream.url}/api/v2/alerts`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([{ labels, startsAt: new Date().toISOString() }]),
    });
  await post(wanted.labels[0]!);
  await post({ alertname: "PaymentErrorsHigh", service: "other", note: wanted.labels[0]!.note });
  const states = async () =>
    (await read("alerts"))
      .map(
        ({ labels, status }) =>
          `${(labels as Record<string, string>).service} ${(status as { state: string }).state}`,
      )
      .sort();
  // Alertmanager takes each of them up in its own time.
  const shown = await until(
    "both alerts and the silence",
    states,
    (found) => found.includes("shop suppressed") && !found.includes("other unprocessed"),
  );
  const listed = await read("silences");
  assert.deepEqual(
    listed.map(({ comment, createdBy, matchers }) => [comment, createdBy, (matchers as unknown[]).length]),
    [[wanted.comment, "countersteer", 3]],
  );
  assert.deepEqual(shown, ["other active", "shop suppressed"]);
  await silences.end(wanted.comment);
  await silences.end(wanted.comment);
  const ended = (await read("silences")).map(({ status }) => (status as { state: string }).state);
  assert.deepEqual(ended, ["expired"]);
});
