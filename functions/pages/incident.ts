import { html } from "hono/html";
import type { IncidentId } from "../../shared/brands.ts";
import { alertsOfRound } from "../../shared/incident/alerts/alerts.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import { type Incident, isActive, knownOf, takenUp } from "../../shared/incident/model.ts";
import { isRelandable } from "../../shared/incident/remedies/reland.ts";
import { clip, short } from "../../shared/text/format.ts";
import { pullName } from "../../shared/text/pull-name.ts";
import { doing } from "../../shared/text/timeline.ts";
import { anchor } from "./anchor.ts";
import { graph } from "./graph.ts";
import type { Markup } from "./page.ts";
import { type Shown as Asked, panel } from "./panel/panel.ts";
import { pill } from "./status.ts";
import { options, suspects } from "./suspects.ts";
import { timeline } from "./timeline.ts";
import { time } from "./times.ts";
import { title } from "./title.ts";

type Shown = Asked & { troubles?: IncidentId[]; now: number };
const shownAlerts = 10;

/** The page of one incident. Its parts are replaced one by one while it is open. */
export const incidentPage = (incident: Incident, { troubles = [], now, ...asked }: Shown): Markup => {
  const { log } = asked;
  const diagnosis = diagnosisOf(incident);
  const { referral, origins = [], followUp } = knownOf(incident);
  const proposed =
    "remedy" in incident && incident.remedy !== undefined ? takenUp(incident).at(-1) : undefined;
  return html`<div class="page"${isOpen(incident) ? html` data-live` : ""}>
<div class="head" id="head" data-part><p class="eye"><b>${incident.service}</b> ${incident.environment}, round ${incident.round} ${pill(incident)}</p>${title(incident)}
${troubles.length === 0 ? "" : html`<p class="quiet">Troubles of this service: ${troubles.map((id) => html`${toIncident(id)} `)}</p>`}
${referral === undefined ? "" : html`<p>Waits for ${toIncident(referral.to)}: ${referral.detail}</p>`}
${origins.length === 0 ? "" : html`<p>Counted on by ${origins.map((id) => html`${toIncident(id)} `)}</p>`}</div>
${panel(incident, asked)}
<div class="body">${graph(incident, log)}
${diagnosis === undefined ? "" : html`${suspects(diagnosis)}${options(diagnosis, proposed)}`}
${timeline(incident, log, now)}</div>
<aside class="rail" aria-label="Alerts and record">${alerts(incident)}${pullSection(incident)}
${followUp === undefined || !("pull" in followUp) ? "" : html`<section id="follow-up" data-part><h2>Follow-up</h2><p>${anchor(followUp.pull.url, pullName(followUp.pull))}: ${doing(followUp.remedy)}</p></section>`}
${incident.chain === undefined ? "" : html`<section id="record" data-part><h2>Record</h2><p>Fact ${incident.chain.n}, <code title="${incident.chain.hash}">${short(incident.chain.hash)}</code>. The same stands on the pull request.</p></section>`}${isActive(incident) ? "" : html`<section id="after" data-part><h2>Afterwards</h2>${bringBack(incident, asked.isKnown === true)}<p><a href="/incidents/${incident.id}?postmortem">Draft of the post-mortem</a>, with similar incidents</p></section>`}</aside></div>
<footer><span>Incident ${incident.id}, round ${incident.round}</span> <span data-zone>Times are UTC</span></footer>`;
};

/** Whether news may come: nothing follows a verified or a rejected one. */
const isOpen = (incident: Incident): boolean => isActive(incident) || incident.status === "escalated";

const toIncident = (id: IncidentId): Markup => html`<a href="/incidents/${id}">${id}</a>`;

const alerts = (incident: Incident): Markup => {
  const all = alertsOfRound(incident);
  const more = all.length - shownAlerts;
  return html`<section id="alerts" data-part><h2>Alerts</h2><ul class="list">${all
    .slice(0, shownAlerts)
    .map(
      ({ name, status, startsAt, endsAt, annotations }) =>
        html`<li><p><b>${clip(name, 120)}</b>: ${clip(annotations.summary ?? annotations.description ?? annotations.message ?? "", 400)}</p><p class="quiet">${status === "firing" ? html`firing since ${time(startsAt)}` : html`resolved${endsAt === undefined ? "" : html` at ${time(endsAt)}`}`}</p></li>`,
    )}</ul>${more > 0 ? html`<p class="quiet">and ${more} more</p>` : ""}</section>`;
};

/** The draft that brings back what was reverted: its address, or the button by which an approver or the author asks for it. */
const bringBack = (incident: Incident, isKnown: boolean): Markup | "" => {
  if (incident.status !== "closed") return "";
  const { id, round, reland, pull } = incident;
  const said =
    reland === undefined
      ? ""
      : "detail" in reland
        ? html`<p>The re-land draft could not be opened: ${reland.detail}</p>`
        : html`<p>${reland.pull === undefined ? "The re-land draft is opened now." : html`Re-land draft: ${anchor(reland.pull.url, pullName(reland.pull))}`}</p>`;
  if (!isRelandable(incident) || pull === undefined) return said;
  if (!isKnown)
    return html`${said}<p>A draft that brings the change back, for its author to mend: press <b>Draft the re-land</b> in Slack.</p>`;
  return html`${said}<form method="post" action="/incidents/${id}/answer"><input type="hidden" name="does" value="reland"><input type="hidden" name="round" value="${round}"><input type="hidden" name="head" value="${pull.head}"><input type="hidden" name="nonce" value=""><button>Draft the re-land</button></form>`;
};

const pullSection = (incident: Incident): Markup => {
  const { pull, remedy } = knownOf(incident);
  if (pull === undefined) return html``;
  const notes = remedy?.kind === "revert" ? (remedy.notes ?? []) : [];
  return html`<section id="pull" data-part><h2>Pull request</h2><p>${anchor(pull.url, `#${pull.number}`)} on <code>${pull.branch}</code>, head <code>${short(pull.head)}</code></p>${notes.length === 0 ? "" : html`<ul class="quiet">${notes.map((note) => html`<li>${note}</li>`)}</ul>`}</section>`;
};
