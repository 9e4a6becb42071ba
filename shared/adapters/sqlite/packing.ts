import type { Event } from "../../incident/events.ts";
import type { Alert } from "../../incident/model.ts";
import { completed } from "../../incident/stored.ts";

type Texts = Record<string, string>;
type Shared = { labels: Texts; annotations: Texts };

/** An event as JSON. The alerts of a notification say mostly the same: that is written once. */
export const pack = (event: Event): string => {
  if (!("alerts" in event) || event.alerts.length < 2) return JSON.stringify(event);
  const labels = common(event.alerts, "labels");
  const annotations = common(event.alerts, "annotations");
  const alerts = event.alerts.map((alert) => ({
    ...alert,
    labels: without(alert.labels, labels),
    annotations: without(alert.annotations, annotations),
  }));
  return JSON.stringify({ ...event, alerts, shared: { labels, annotations } satisfies Shared });
};

export const unpack = (text: string): Event => completed(unpackRaw(text));

/** The event exactly as it was packed, without what an earlier version left out. */
export const unpackRaw = (text: string): Event => {
  const { shared, ...event }: Event & { shared?: Shared } = JSON.parse(text);
  if (shared === undefined || !("alerts" in event)) return event;
  const alerts = event.alerts.map((alert) => ({
    ...alert,
    labels: { ...shared.labels, ...alert.labels },
    annotations: { ...shared.annotations, ...alert.annotations },
  }));
  return { ...event, alerts };
};

/** The labels and annotations that all alerts share. It has no prototype, for a label may be named `constructor`. */
const common = (alerts: Alert[], kind: keyof Shared): Texts => {
  const texts: Texts = Object.create(null);
  const first = alerts[0]![kind];
  for (const name of Object.keys(first))
    if (alerts.every((alert) => Object.hasOwn(alert[kind], name) && alert[kind][name] === first[name]))
      texts[name] = first[name]!;
  return texts;
};

const without = (texts: Texts, shared: Texts): Texts => {
  const own: Texts = {};
  for (const name in texts) if (shared[name] === undefined) own[name] = texts[name]!;
  return own;
};
