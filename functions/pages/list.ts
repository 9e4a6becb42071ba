import { html } from "hono/html";
import type { IncidentId } from "../../shared/brands.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { emptyIncident, type Incident, incidentId } from "../../shared/incident/model.ts";
import type { Store } from "../../shared/ports/store.ts";
import type { Sight } from "../login/guard.ts";
import type { Markup } from "./page.ts";
import { pageOf, pageSize } from "./paging.ts";
import { type Filter, listing, passes, type Row } from "./table.ts";

/** Bytes of a page of JSON. Lambda answers at most 6 MB, and readers hold a page in memory. */
const maxBytes = 950_000;

type Seen = { store: Pick<Store, "list" | "load" | "recent">; sight: Sight };
/** The start of a page: at a number of pages, or after the troubles of a service. */
type Wanted = { number?: string; after?: IncidentId };
type ToJson = (incident: Incident, log: Event[]) => object;

/** The incidents from `wanted` on, as many as a page holds, and the address of the rest. An unreadable one is told as that. */
export const listJson = async (
  { store, sight, toJson }: Seen & { toJson: ToJson },
  { number, after }: Wanted,
): Promise<string> => {
  const services = await servicesOf({ store, sight });
  const first = after === undefined ? firstOf(services, number) : placeAfter(services, after);
  const texts: string[] = [];
  let place = first;
  let bytes = 0;
  for (; place < Math.min(services.length, first + pageSize); place++) {
    const next = await textsOf(store, services[place] ?? [], toJson);
    const size = next.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);
    if (bytes > 0 && bytes + size > maxBytes) break;
    bytes += size;
    texts.push(...next);
  }
  const last = services[place - 1]?.[0];
  const rest = place < services.length && last !== undefined ? `/incidents?after=${last}` : undefined;
  return `{"incidents":[${texts.join(",")}]${rest === undefined ? "" : `,"next":${JSON.stringify(rest)}`}}`;
};

const firstOf = (services: IncidentId[][], number: string | undefined): number =>
  (pageOf(services, number).page - 1) * pageSize;

/** Behind the service of the incident; at the end of the list when it has none. */
const placeAfter = (services: IncidentId[][], after: IncidentId): number => {
  const place = services.findIndex((troubles) => troubles.includes(after));
  return place < 0 ? services.length : place + 1;
};

/** The troubles of each service together, the first one first; the service with the latest news comes first. */
const servicesOf = async ({ store, sight }: Seen): Promise<IncidentId[][]> => {
  const ids = (await store.list()).filter((id) => sight.isVisible(emptyIncident(id).service));
  const grouped = Map.groupBy(ids, (id) => {
    const { service, environment } = emptyIncident(id);
    return incidentId(service, environment);
  });
  return [...grouped.values()].map((troubles) => troubles.toSorted());
};

/** The troubles of one service, each as JSON. One after the other, so that an alert that arrives meanwhile is taken in between. */
const textsOf = async (store: Seen["store"], ids: IncidentId[], toJson: ToJson): Promise<string[]> => {
  const texts: string[] = [];
  for (const id of ids) {
    const troubles = ids.length > 1 ? { troubles: ids } : {};
    const read = await readWith(store, id);
    if (read === undefined) continue;
    if ("unreadable" in read) texts.push(JSON.stringify({ ...named(id), ...read, ...troubles }));
    else texts.push(within(read.incident, { ...toJson(read.incident, read.log), ...troubles }, ids.length));
  }
  return texts;
};

const named = (id: IncidentId) => {
  const { service, environment } = emptyIncident(id);
  return { id, service, environment };
};

/** An incident that fills a page by itself is named only. */
const within = (incident: Incident, json: object, troubles: number): string => {
  const text = JSON.stringify(json);
  if (Buffer.byteLength(text) <= maxBytes / troubles) return text;
  const { id, status, round } = incident;
  const omitted = `it is larger than a page of the list: read /incidents/${id}`;
  return JSON.stringify({ ...named(id), status, round, omitted });
};

type Read = { incident: Incident; log: Event[] } | { unreadable: string };

/** Undefined for an incident that is forgotten by now. */
const readWith = async (store: Seen["store"], id: IncidentId): Promise<Read | undefined> => {
  try {
    // The log is read before the incident, so the incident has at least what the last fact tells.
    const log = await store.recent(id);
    const { incident, version } = await store.load(id);
    return version === 0 ? undefined : { incident, log };
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
};

/** Incidents that a filter looks at for one page. A reader goes on from the last of them. */
const mostLooked = 1_000;
const atOnce = 50;

type Asked = { number?: string; after?: IncidentId; filter: Filter };

/** The page of that number as a table. With a filter of status or text, incidents are read until a page is full. */
export const listPage = async (
  { store, sight, banner }: Seen & { banner: () => Promise<Markup | ""> },
  { number, after, filter }: Asked,
): Promise<string> => {
  const all = await servicesOf({ store, sight });
  const names = [...new Set(all.flat().map((id) => emptyIncident(id).service))].sort();
  const { service } = filter;
  const groups =
    service === undefined
      ? all
      : all.filter(([id]) => id !== undefined && emptyIncident(id).service === service);
  const shown =
    filter.status === undefined && filter.q === undefined
      ? await numbered(store, groups, { number, filter })
      : await searched(store, groups, { after, filter });
  return String(await html`${await banner()}${listing({ ...shown, services: names, filter })}`);
};

type Found = { rows: Row[]; links: Markup | "" };

const numbered = async (
  store: Seen["store"],
  groups: IncidentId[][],
  { number, filter }: { number: string | undefined; filter: Filter },
): Promise<Found> => {
  const { page, items, next } = pageOf(groups, number);
  const rows = await rowsOf(store, items.flat());
  const to = (place: number) => addressOf({ ...filter, page: String(place) });
  const links = html`${page > 1 ? html`<a href="${to(page - 1)}">Newer</a> ` : ""}${next === undefined ? "" : html`<a href="${to(next)}">Older</a>`}`;
  return { rows, links };
};

const searched = async (
  store: Seen["store"],
  groups: IncidentId[][],
  { after, filter }: { after: IncidentId | undefined; filter: Filter },
): Promise<Found> => {
  const ids = groups.flat();
  let place = after === undefined ? 0 : ids.indexOf(after) + 1;
  const last = Math.min(ids.length, place + mostLooked);
  const rows: Row[] = [];
  while (place < last && rows.length < pageSize) {
    const read = await rowsOf(store, ids.slice(place, Math.min(last, place + atOnce)));
    rows.push(...read.filter((row) => "unreadable" in row || passes(row, filter)));
    place += atOnce;
  }
  const end = ids[Math.min(place, last) - 1];
  const isMore = end !== undefined && Math.min(place, last) < ids.length;
  return { rows, links: isMore ? html`<a href="${addressOf({ ...filter, after: end })}">Older</a>` : "" };
};

const addressOf = (query: Record<string, string>): string => `/incidents?${new URLSearchParams(query)}`;

const rowsOf = async (store: Seen["store"], ids: IncidentId[]): Promise<Row[]> => {
  const read = await Promise.all(ids.map((id) => rowOf(store, id)));
  return read.filter((row) => row !== undefined);
};

const rowOf = async (store: Seen["store"], id: IncidentId): Promise<Row | undefined> => {
  try {
    const { incident, version } = await store.load(id);
    return version === 0 ? undefined : incident;
  } catch (error) {
    return { id, unreadable: messageOf(error) };
  }
};
