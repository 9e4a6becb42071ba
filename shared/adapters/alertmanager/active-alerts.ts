import { array, lazy, object, optional, type output, record, string } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { Alert } from "../../incident/model.ts";
import type { ActiveAlerts } from "../../ports/active-alerts.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";
import { createdBy } from "./silences.ts";

const pairs = record(string(), string());
const listed = lazy(() =>
  object({
    fingerprint: string(),
    labels: pairs,
    annotations: optional(pairs),
    startsAt: string(),
    status: object({ silencedBy: optional(array(string())), inhibitedBy: optional(array(string())) }),
  }),
);
const silences = lazy(() => array(object({ id: string(), createdBy: string(), comment: string() })));

/** Alertmanager's alerts (GET /api/v2/alerts). Its own answer decides, whoever asked first. */
export const alertmanagerAlerts = (upstream: Upstream): ActiveAlerts => ({
  list: async (labels) => {
    const filters = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const query = new URLSearchParams({ active: "true" });
    for (const one of filters) query.append("filter", one);
    const answer = await sendJson(upstream, { method: "GET", path: `/api/v2/alerts?${query}` });
    const parsed = array(listed).safeParse(answer);
    if (!parsed.success) throw unreadable("alerts");
    const isSilenced = parsed.data.some(({ status }) => (status.silencedBy ?? []).length > 0);
    const comments = isSilenced ? await commentsOf(upstream) : new Map<string, string>();
    return parsed.data.map((one) => ({
      alert: alertOf(one),
      silencedBy: (one.status.silencedBy ?? []).flatMap((id) => comments.get(id) ?? []),
      inhibitedBy: one.status.inhibitedBy ?? [],
    }));
  },
});

/** The silences that are not ours: author and comment, by id. */
const commentsOf = async (upstream: Upstream): Promise<Map<string, string>> => {
  const parsed = silences.safeParse(await sendJson(upstream, { method: "GET", path: "/api/v2/silences" }));
  if (!parsed.success) throw unreadable("silences");
  const others = parsed.data.filter((one) => one.createdBy !== createdBy);
  return new Map(others.map((one) => [one.id, `${one.createdBy}: ${one.comment}`]));
};

const unreadable = (what: string): UpstreamError =>
  new UpstreamError("alertmanager", `GET /api/v2/${what}: the answer is not Alertmanager's`, {
    retryable: true,
  });

const alertOf = ({ fingerprint, labels, annotations = {}, startsAt }: output<typeof listed>): Alert => ({
  ...{ fingerprint, labels, annotations, status: "firing" },
  ...{ name: labels.alertname ?? "", startsAt: Date.parse(startsAt) },
});
