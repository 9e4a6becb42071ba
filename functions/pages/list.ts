import { html } from "hono/html";
import type { IncidentId } from "../../shared/brands.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Event } from "../../shared/incident/events.ts";
import { emptyIncident, type Incident, incidentId, isActive } from "../../shared/incident/model.ts";
import type { Store } from "../../shared/ports/store.ts";
import { headline } from "../../shared/text/timeline.ts";
import type { Sight } from "../login/guard.ts";
import type { Markup } from "./page.ts";
import { pageOf, pageSize } from "./paging.ts";

/** Bytes of a page of JSON. Lambda answers at most 6 MB, and readers hold a page in memory. */
const maxBytes = 950_000;

type Seen = { store: Pick<Store, "list" | "load" | "log">; sight: Sight };
/** Where a page begins: at a number of pages, or after the troubles of a service. */
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
    // In this order, so that what a fact tells is there whenever the fact is.
    const log = await store.log(id);
    const { incident, version } = await store.load(id);
    return version === 0 ? undefined : { incident, log };
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
};

/** The page of that number: a card for each service, its further troubles below the first. */
export const listPage = async (
  { store, sight, banner }: Seen & { banner: () => Promise<Markup | ""> },
  wanted: string | undefined,
): Promise<string> => {
  const { page, items, next } = pageOf(await servicesOf({ store, sight }), wanted);
  const cards = (await Promise.all(items.map((ids) => cardsOf(store, ids)))).filter((one) => one.length > 0);
  return String(await html`${await banner()}${listing(cards)}${pageLinks(page, next)}`);
};

const pageLinks = (page: number, next: number | undefined): Markup =>
  html`${page > 1 ? html`<a href="/incidents?page=${page - 1}">Newer</a> ` : ""}${next === undefined ? "" : html`<a href="/incidents?page=${next}">Older</a>`}`;

const listing = (services: Markup[][]): Markup => {
  if (services.length === 0)
    return html`<h1>Incidents</h1><p class="quiet">Nothing has happened yet. Alertmanager's webhook goes to <code>/webhooks/alertmanager</code>.</p>`;
  return html`<h1>Incidents</h1><ul class="cards">${services.map(together)}</ul>`;
};

const together = ([first, ...more]: Markup[]): Markup =>
  html`<li>${first}${more.length === 0 ? "" : html`<ul class="cards">${more.map((one) => html`<li>${one}</li>`)}</ul>`}</li>`;

const cardsOf = async (store: Seen["store"], ids: IncidentId[]): Promise<Markup[]> => {
  const read = await Promise.all(ids.map((id) => cardOf(store, id)));
  return read.filter((one) => one !== undefined);
};

const cardOf = async (store: Seen["store"], id: IncidentId): Promise<Markup | undefined> => {
  try {
    const { incident, version } = await store.load(id);
    return version === 0 ? undefined : card(incident);
  } catch (error) {
    const { service, environment } = named(id);
    return html`<a href="/incidents/${id}"><b>${service}</b> <span class="quiet">${environment}</span></a> <span class="badge bad">unreadable</span><p>${messageOf(error)}</p>`;
  }
};

const card = (incident: Incident): Markup =>
  html`<a href="/incidents/${incident.id}"><b>${incident.service}</b> <span class="quiet">${incident.environment}${troubleText(incident)}, round ${incident.round}</span></a> ${badge(incident)}<p>${headline(incident)}</p>`;

const troubleText = ({ id }: Pick<Incident, "id">): string => {
  const number = id.split("/")[2];
  return number === undefined ? "" : `, trouble ${number}`;
};

export const badge = (incident: Incident): Markup => {
  const text = incident.status === "closed" ? incident.outcome : incident.status;
  const kind =
    incident.status === "escalated"
      ? "bad"
      : isActive(incident)
        ? "busy"
        : text === "verified" || text === "recovered" || text === "recovered_by_people"
          ? "good"
          : "";
  return html`<span class="badge ${kind}">${text}</span>`;
};
