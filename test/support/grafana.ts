import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An annotation as Grafana lists it; `patched` counts its updates. */
export type Marked = {
  id: number;
  time: number;
  timeEnd: number;
  text: string;
  tags: string[];
  dashboardUID?: string;
  panelId?: number;
  patched: number;
};

const expr = 'rate(http_requests_total{code=~"5.."}[5s])';
/** A rule as Grafana's provisioning API lists it: a query, its last value, and a threshold. */
export const errorsHigh = {
  ...{ uid: "abc", title: "PaymentErrorsHigh", folderUID: "payments", ruleGroup: "errors", orgID: 1 },
  ...{ condition: "C", for: "0s", noDataState: "NoData", execErrState: "Error", isPaused: false },
  ...{ labels: { severity: "page" }, annotations: { summary: "5xx > 5%", __dashboardUid__: "abc" } },
  data: [
    {
      ...{ refId: "A", queryType: "", relativeTimeRange: { from: 600, to: 0 }, datasourceUid: "prom" },
      model: { expr, refId: "A", instant: false, range: true, intervalMs: 1000, maxDataPoints: 43200 },
    },
    {
      ...{ refId: "B", queryType: "", relativeTimeRange: { from: 0, to: 0 }, datasourceUid: "__expr__" },
      model: { type: "reduce", expression: "A", reducer: "last", refId: "B" },
    },
    {
      ...{ refId: "C", queryType: "", relativeTimeRange: { from: 0, to: 0 }, datasourceUid: "__expr__" },
      model: {
        ...{ type: "threshold", expression: "B", refId: "C" },
        conditions: [{ evaluator: { type: "gt", params: [0.05] } }],
      },
    },
  ],
};

/** Grafana's annotations and rules on loopback, in the form of its HTTP API. `status` answers every call so, as long as it is set. */
export const startGrafana = async () => {
  const marks: Marked[] = [];
  const tokens = new Set<string | undefined>();
  const state: { status?: number; rules: unknown } = { rules: [errorsHigh] };
  const answer = (method: string, url: URL, body: Partial<Marked>): [number, unknown] => {
    if (state.status !== undefined) return [state.status, { message: "refused" }];
    if (url.pathname === "/api/v1/provisioning/alert-rules") return [200, state.rules];
    const [, id] = /^\/api\/annotations(?:\/(\d+))?$/.exec(url.pathname) ?? [url.pathname, "none"];
    const known = marks.find((one) => String(one.id) === id);
    if (method === "GET") {
      const tags = url.searchParams.getAll("tags");
      return [200, marks.filter((one) => tags.every((tag) => one.tags.includes(tag)))];
    }
    if (method === "POST" && id === undefined) {
      const made = { time: 0, timeEnd: 0, text: "", tags: [], ...body, id: marks.length + 1, patched: 0 };
      marks.push(made);
      return [200, { message: "Annotation added", id: made.id }];
    }
    if (method !== "PATCH" || known === undefined) return [404, { message: "not found" }];
    Object.assign(known, body, { patched: known.patched + 1 });
    return [200, { message: "Annotation patched" }];
  };
  const server = createServer(async (request, response) => {
    const sent = Buffer.concat(await request.toArray()).toString();
    tokens.add(request.headers.authorization);
    const url = new URL(request.url ?? "/", "http://grafana.test");
    const [status, told] = answer(request.method ?? "", url, sent === "" ? {} : JSON.parse(sent));
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(told));
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    ...{ marks, tokens, state },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
};
