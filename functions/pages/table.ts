import { html } from "hono/html";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { type Incident, isActive } from "../../shared/incident/model.ts";
import { likeliestCause } from "../../shared/text/causes.ts";
import { damageOf } from "../../shared/text/damage.ts";
import { clip, percent, personName } from "../../shared/text/format.ts";
import { headline } from "../../shared/text/timeline.ts";
import type { Markup } from "./page.ts";
import { pill, statusWord, statusWords } from "./status.ts";
import { time } from "./times.ts";

/** The filter of the list, as the address names it. Absent: everything. */
export type Filter = { service?: string; status?: string; q?: string };

export const filterOf = (query: (name: string) => string | undefined): Filter => {
  const given = (name: "service" | "status" | "q") => {
    const value = query(name)?.trim().slice(0, 100);
    return value === undefined || value === "" ? {} : { [name]: value };
  };
  return { ...given("service"), ...given("status"), ...given("q") };
};

export const isEmpty = (filter: Filter): boolean => Object.keys(filter).length === 0;

/** Whether the filter lets an incident through. The text is looked for in service, alerts and suspects. */
export const passes = (incident: Incident, { service, status, q }: Filter): boolean => {
  if (service !== undefined && incident.service !== service) return false;
  if (status !== undefined && statusWord(incident) !== status) return false;
  const words = q?.toLowerCase().split(/\s+/) ?? [];
  return words.length === 0 || words.every((word) => textOf(incident).includes(word));
};

const textOf = (incident: Incident): string =>
  [
    incident.id,
    ...incident.alerts.map(({ name }) => name),
    ...(diagnosisOf(incident)?.suspects ?? []).map(({ title, author, sha }) => `${title} ${author} ${sha}`),
  ]
    .join(" ")
    .toLowerCase();

/** Characters of a title; the page of the incident has more. */
const mostTitle = 120;

/** A row: an incident, or the reason why it cannot be read. */
export type Row = Incident | { id: string; unreadable: string };
type Shown = { rows: Row[]; services: string[]; filter: Filter; links: Markup | "" };

export const listing = ({ rows, services, filter, links }: Shown): Markup => {
  if (rows.length === 0 && isEmpty(filter)) return nothingYet;
  return html`<h1>Incidents</h1>${filterForm(filter, services)}
${rows.length === 0 ? html`<p>No incident is like this. <a href="/incidents">Show all incidents</a>.</p>` : table(rows)}
<nav class="pages" aria-label="Pages">${links}</nav>`;
};

const nothingYet = html`<h1>Incidents</h1><p>Nothing has happened yet. An incident opens when Alertmanager tells of an alert that a service of the configuration matches.</p>
<ol class="todo"><li>Send Alertmanager's webhook to <code>/webhooks/alertmanager</code>, with the sender's token.</li>
<li>Report deploys to <code>/webhooks/deploys</code>, so that changes are judged by when they went live.</li>
<li>Try it now: <code>amtool alert add alertname=Test service=NAME</code> with the name of one of your services.</li></ol>`;

/** The most services in a list to choose from; with more of them the name is typed. */
const mostChoices = 200;

const serviceField = (service: string, services: string[]): Markup =>
  services.length > mostChoices
    ? html`<input name="service" value="${service}" placeholder="its whole name">`
    : html`<select name="service"><option value="">all</option>${services.map((one) => html`<option ${one === service ? "selected" : ""}>${one}</option>`)}</select>`;

const filterForm = ({ service = "", status = "", q = "" }: Filter, services: string[]): Markup =>
  html`<form class="filter" method="get" action="/incidents">
<label>Service ${serviceField(service, services)}</label>
<label>Status <select name="status"><option value="">all</option>${statusWords.map((one) => html`<option ${one === status ? "selected" : ""}>${one}</option>`)}</select></label>
<label>Text <input name="q" value="${q}" placeholder="alert, change, author"></label>
<button class="btn">Filter</button></form>`;

const table = (rows: Row[]): Markup =>
  html`<table class="rows inc"><caption class="vh">Incidents, the latest first</caption><thead><tr><th scope="col">Status</th><th scope="col">Incident</th><th scope="col">Likeliest cause</th><th scope="col">Who</th><th scope="col">Opened</th></tr></thead><tbody>${rows.map(row)}</tbody></table>`;

const row = (incident: Row): Markup => {
  if ("unreadable" in incident)
    return html`<tr><td><span class="pill">unreadable</span></td><th scope="row"><a href="/incidents/${incident.id}"><b>${incident.id}</b></a><p>${incident.unreadable}</p></th><td></td><td></td><td></td></tr>`;
  const { id, service, environment, round } = incident;
  const diagnosis = diagnosisOf(incident);
  const likeliest = diagnosis && likeliestCause(diagnosis);
  const [, , trouble] = id.split("/");
  const which = `${environment}${trouble === undefined ? "" : `, trouble ${trouble}`}, round ${round}`;
  const before = round > 1 ? html` <a href="/incidents/${id}#timeline">${round - 1} before</a>` : "";
  const cause =
    likeliest === undefined
      ? html`<span class="quiet">none yet</span>`
      : html`${clip(likeliest.title, mostTitle)} <small>${[likeliest.author ?? (likeliest.what === "flag" ? "flag" : []), percent(likeliest.score)].flat().join(", ")}</small>`;
  return html`<tr><td>${pill(incident)}</td><th scope="row"><a href="/incidents/${id}"><b>${service}</b></a> <span class="quiet">${which}${before}</span><p>${damage(incident)}</p></th><td data-head="Likeliest cause">${cause}</td><td data-head="Who">${who(incident)}</td><td class="nb" data-head="Opened">${"openedAt" in incident ? time(incident.openedAt, "day") : ""}</td></tr>`;
};

/** The damage while there is any, and else the end. */
const damage = (incident: Incident): string => {
  const state = headline(incident).replace(/^[^:]*: /, "");
  const isOpen = isActive(incident) || incident.status === "escalated";
  return isOpen ? `${damageOf(incident)}; ${state}` : state;
};

/** The people who are asked until when, or who decided. */
const who = (incident: Incident): Markup | string => {
  if ("held" in incident && incident.held !== undefined) return "on hold";
  switch (incident.status) {
    case "proposed":
      return incident.asked
        ? html`${(incident.terms?.asked ?? ["the approvers"]).join(", ")} <small>until ${time(incident.due)}</small>`
        : "";
    case "approved":
    case "merged":
    case "deployed":
      return incident.approval === undefined
        ? ""
        : html`<span class="quiet">approved by ${personName(incident.approval.by)}</span>`;
    case "closed":
      return incident.by === undefined ? "" : html`<span class="quiet">${personName(incident.by)}</span>`;
    case "escalated":
      return incident.page === undefined ? "a person" : html`a person <small>paged</small>`;
    default:
      return "";
  }
};
