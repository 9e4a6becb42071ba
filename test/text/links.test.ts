import assert from "node:assert/strict";
import { test } from "node:test";
import { linksTo } from "../../functions/diagnose/links.ts";
import { discoverUrl } from "../../shared/text/kibana.ts";
import { alert } from "../support/incident.ts";
import { service } from "../support/world.ts";

const at = Date.UTC(2026, 10, 28, 12, 0);
const logs = { elasticsearch: { index: "app-*", query: 'service.name:"it\'s" AND !ok' } };
const panelURL = "https://grafana.test/d/abc?viewPanel=2";
const trouble = {
  ...{ service: "payment-gateway", onsetAt: at, alerts: [alert({ annotations: { panelURL } })] },
};

test("Kibana's address holds the query and the time, with its own escapes", () => {
  const url = discoverUrl("https://kibana.test/s/ops/", {
    ...{ query: logs.elasticsearch.query, from: at, to: at + 60_000 },
  });
  assert.equal(
    decodeURIComponent(url),
    "https://kibana.test/s/ops/app/discover#/?_g=(time:(from:'2026-11-28T12:00:00.000Z',to:'2026-11-28T12:01:00.000Z'))" +
      "&_a=(query:(language:lucene,query:'service.name:\"it!'s\" AND !!ok'))",
  );
});

test("a diagnosis links to the panel of Grafana's alert and to the log lines around the onset, where their systems are configured", () => {
  const serviceOf = () => service({ logs });
  const places = { grafana: "https://grafana.test", kibana: "https://kibana.test" };
  const links = linksTo({ places, serviceOf }, trouble);
  assert.deepEqual(
    links.map(({ text, url }) => [text, url.split("#")[0]]),
    [
      ["Panel", panelURL],
      ["Logs", "https://kibana.test/app/discover"],
    ],
  );
  assert.match(
    decodeURIComponent(links[1]?.url ?? ""),
    /from:'2026-11-28T11:45:00.000Z',to:'2026-11-28T12:15/,
  );
  assert.deepEqual(linksTo({ places: {}, serviceOf }, trouble), []);
  assert.deepEqual(linksTo({ places, serviceOf: () => service() }, { ...trouble, alerts: [alert()] }), []);
});
