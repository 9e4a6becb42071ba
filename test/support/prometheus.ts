import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export type FakePrometheus = { url: string; close(): Promise<void> };

/** A Prometheus of one rule that is quiet, with data, as verification reads it after a good revert. The rule may be Grafana's. */
export const quietPrometheus = async (
  alertname: string,
  { isRuler = true } = {},
): Promise<FakePrometheus> => {
  const expr = 'rate(http_requests_total{code=~"5.."}[5s]) > 0.05';
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const url = new URL(request.url ?? "/", "http://prometheus");
    const params = new URLSearchParams(`${url.search.slice(1)}&${body}`);
    response.setHeader("content-type", "application/json");
    // The time of the tests is not the time of this machine.
    response.sendDate = false;
    if (url.pathname === "/api/v1/rules") {
      const rules = isRuler ? [{ type: "alerting", name: alertname, query: expr, labels: {} }] : [];
      return response.end(JSON.stringify({ status: "success", data: { groups: [{ rules }] } }));
    }
    if (url.pathname !== "/api/v1/query_range") {
      response.statusCode = 404;
      return response.end("{}");
    }
    const [start, end, step] = ["start", "end", "step"].map((name) => Number(params.get(name)));
    const values: [number, string][] = [];
    for (let at = start!; at <= end! + 1e-6; at += step!) values.push([at, "1"]);
    const result = params.get("query")?.endsWith("> 0.05") ? [] : [{ metric: {}, values }];
    response.end(JSON.stringify({ status: "success", data: { resultType: "matrix", result } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
};
