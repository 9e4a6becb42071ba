import type { Silences, WantedSilences } from "../../ports/silences.ts";
import { isRecord } from "../../records.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";

/** The author of our silences. */
export const createdBy = "countersteer";

type Silence = { id: string; matchers: Record<string, unknown>[] };

/** Alertmanager's silences (https://prometheus.io/docs/alerting/latest/alertmanager/#silences). Reads before it writes. */
export const alertmanagerSilences = (upstream: Upstream, clock: () => number): Silences => {
  const own = async (comment: string): Promise<Silence[]> => {
    const listed = await sendJson(upstream, { method: "GET", path: "/api/v2/silences" });
    return Array.isArray(listed) ? listed.flatMap((one) => ownSilence(one, comment) ?? []) : [];
  };
  return {
    async ensure(wanted) {
      const there = new Set((await own(wanted.comment)).map(({ matchers }) => keyOf(matchers)));
      for (const labels of wanted.labels) {
        const body = silenceOf(labels, wanted, clock());
        if (!there.has(keyOf(body.matchers)))
          await sendJson(upstream, { method: "POST", path: "/api/v2/silences", body });
      }
    },
    async end(comment) {
      for (const { id } of await own(comment))
        await sendJson(upstream, { method: "DELETE", path: `/api/v2/silence/${encodeURIComponent(id)}` });
    },
  };
};

/** One of ours that still counts. Walked by hand: a schema would double the size of the function that announces. */
const ownSilence = (listed: unknown, comment: string): Silence | undefined => {
  if (!isRecord(listed) || listed.createdBy !== createdBy || listed.comment !== comment) return undefined;
  const { id, status, matchers } = listed;
  if (typeof id !== "string" || !isRecord(status) || status.state === "expired") return undefined;
  return { id, matchers: Array.isArray(matchers) ? matchers.filter(isRecord) : [] };
};

const silenceOf = (labels: Record<string, string>, { comment, until }: WantedSilences, now: number) => ({
  matchers: Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value, isRegex: false, isEqual: true })),
  startsAt: new Date(now).toISOString(),
  endsAt: new Date(until).toISOString(),
  ...{ createdBy, comment },
});

const keyOf = (matchers: Record<string, unknown>[]): string =>
  matchers
    .map(({ name, value }) => JSON.stringify([name, value]))
    .sort()
    .join();
