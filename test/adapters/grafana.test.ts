import assert from "node:assert/strict";
import { test } from "node:test";
import { grafanaAnnotations } from "../../shared/adapters/grafana/annotations.ts";
import type { Annotation } from "../../shared/ports/annotations.ts";
import { startGrafana } from "../support/grafana.ts";

const mark: Annotation = {
  ...{ key: "shop/production#1/merge", tags: ["countersteer", "merge"], at: 1_000 },
  ...{ text: "shop: merged #7 <b>Revert</b>", url: "https://cs.test/incidents/shop/production?a&b" },
};

test("an annotation is written once, brought up to date when it differs, and found by its key alone", async (t) => {
  const grafana = await startGrafana();
  t.after(grafana.stop);
  const { put } = grafanaAnnotations({ system: "grafana", url: grafana.url, token: "writer" });
  await put(mark);
  await put(mark);
  await put({ ...mark, key: "shop/production#2/merge", on: { dashboard: "abc", panel: 2 } });
  assert.deepEqual([...grafana.tokens], ["Bearer writer"]);
  const [first, second, ...more] = grafana.marks;
  assert.deepEqual(more, []);
  assert.deepEqual(
    { ...first, tags: first?.tags.slice(0, 2) },
    {
      ...{ id: 1, patched: 0, time: 1_000, timeEnd: 1_000, tags: ["countersteer", "merge"] },
      text: 'shop: merged #7 &#60;b&#62;Revert&#60;/b&#62; <a href="https://cs.test/incidents/shop/production?a&#38;b">Incident</a>',
    },
  );
  assert.deepEqual([second?.dashboardUID, second?.panelId], ["abc", 2]);
  await put({ ...mark, until: 5_000 });
  assert.deepEqual(
    grafana.marks.map(({ patched, timeEnd }) => [patched, timeEnd]),
    [
      [1, 5_000],
      [0, 1_000],
    ],
  );
});

test("a long name and a colon fit into tags, and Grafana's refusal is final", async (t) => {
  const grafana = await startGrafana();
  t.after(grafana.stop);
  const { put } = grafanaAnnotations({ system: "grafana", url: grafana.url });
  await put({ ...mark, key: "x".repeat(300), tags: ["a:b", "y".repeat(80)] });
  assert.deepEqual(grafana.marks[0]?.tags.slice(0, 2), ["a-b", "y".repeat(50)]);
  assert.match(grafana.marks[0]?.tags[2] ?? "", /^countersteer-[0-9a-f]{24}$/);
  grafana.state.status = 403;
  await assert.rejects(put(mark), { system: "grafana", retryable: false });
  grafana.state.status = 503;
  await assert.rejects(put(mark), { retryable: true });
});
