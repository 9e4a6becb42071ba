import type { ActiveAlert } from "./alerts.ts";
import { groupWaitMs } from "./rule.ts";
import { keyOf } from "./series.ts";
import { webhookBody } from "./webhook.ts";

export type Receiver = { url: string; token: string };
type Urls = Parameters<typeof webhookBody>[1];

/** How soon alerts that still fire are told again, changed or not. */
const repeatMs = 60_000;
const timeoutMs = 10_000;

/**
 * Tells the receiver about alerts that fired or resolved, as Alertmanager does for its one group: the first notification
 * waits for more alerts, one is under way at a time, and one that was not answered 2xx is tried again at the next flush.
 */
export const createNotifier = ({ url, token }: Receiver, urls: Urls) => {
  const group = new Map<string, ActiveAlert>();
  let told = "";
  let toldAt = 0;
  let waitingSince: number | undefined;
  let sending = Promise.resolve();
  let busy = false;

  const send = async (alerts: ActiveAlert[], state: string, at: number): Promise<void> => {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: `${JSON.stringify(webhookBody(alerts, urls))}\n`,
      signal: AbortSignal.timeout(timeoutMs),
    }).catch(() => undefined);
    await answer?.body?.cancel();
    if (!answer?.ok) return;
    told = state;
    toldAt = at;
    for (const alert of alerts)
      if (alert.resolvedAt !== undefined && group.get(keyOf(alert.labels)) === alert)
        group.delete(keyOf(alert.labels));
    if (group.size > 0) return;
    told = "";
    waitingSince = undefined;
  };

  return {
    /** Takes over what the rule just gave, and sends what is due. */
    flush(alerts: ActiveAlert[], at: number): void {
      for (const alert of alerts) if (alert.firedAt !== undefined) group.set(keyOf(alert.labels), alert);
      if (busy || group.size === 0) return;
      waitingSince ??= at;
      const all = [...group.values()];
      const state = all
        .map(({ labels, firedAt, resolvedAt }) => `${keyOf(labels)} ${firedAt} ${resolvedAt}`)
        .join("\n");
      const due = told === "" ? at - waitingSince >= groupWaitMs : state !== told || at - toldAt >= repeatMs;
      if (!due) return;
      busy = true;
      sending = send(all, state, at).finally(() => {
        busy = false;
      });
    },
    /** Resolves when nothing is under way. */
    settled: () => sending,
  };
};
