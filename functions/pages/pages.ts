import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { EpochMs, IncidentId } from "../../shared/brands.ts";
import { roundsBefore } from "../../shared/incident/earlier.ts";
import type { Event } from "../../shared/incident/events.ts";
import { flagText, notesBeside } from "../../shared/incident/flags.ts";
import { type Incident, incidentId } from "../../shared/incident/model.ts";
import { diagnosisOf } from "../../shared/incident/review.ts";
import { troubleIds } from "../../shared/incident/troubles.ts";
import type { Store } from "../../shared/ports/store.ts";
import { alertText } from "../../shared/text/chat-message.ts";
import { percent, short } from "../../shared/text/format.ts";
import { doing, headline, timelineEntry, verdicts, whereabouts } from "../../shared/text/timeline.ts";
import { everybody } from "../login/access.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { stoppedBy } from "../stop/kill-switch.ts";
import { badge, listJson, listPage } from "./list.ts";
import { type Markup, page } from "./page.ts";
import { shared } from "./paging.ts";

type Known = Partial<Extract<Incident, { status: "deployed" }>>;

type Pages = { store: Store; clock: () => EpochMs };

/** The pages, and their JSON for `Accept: application/json`. They only read. */
export const pages = ({ store, clock }: Pages) => {
  const asJson = shared<string>(clock);
  const asPage = shared<string>(clock);
  return {
    /** `GET /incidents?page=N`; the JSON also after an incident: `?after=ID`. */
    list: async (context: Context, sight: Sight): Promise<Response> => {
      const { page: number, after } = context.req.query();
      const wanted = { ...(number !== undefined && { number }), ...(after !== undefined && { after }) };
      const key = JSON.stringify([wanted, sight.reader.groups, sight.reader.email]);
      const body = await (wantsJson(context) ? asJson : asPage)(key, () =>
        wantsJson(context)
          ? listJson({ store, sight, toJson }, wanted)
          : listPage({ store, sight, banner: () => banner(store) }, number),
      );
      if (wantsJson(context)) return context.body(body, 200, { "content-type": "application/json" });
      return page(context, { title: "Incidents", body: raw(body), ...signedIn(sight) });
    },
    /** `GET /incidents/:service/:environment` */
    one: async (context: Context, sight: Sight): Promise<Response> => {
      const { service = "", environment, trouble } = context.req.param();
      const id = [service, environment, trouble].filter((part) => part !== undefined).join("/");
      // As one that never was: which services there are is not told either.
      if (!sight.isVisible(service)) return missing(context, id, sight);
      // In this order, so that what a fact tells is there whenever the fact is.
      const log = await store.log(id);
      const { incident, version } = await store.load(id);
      if (version === 0) return missing(context, id, sight);
      const troubles = await troublesOf(store, incident);
      if (wantsJson(context)) return context.json({ ...toJson(incident, log), ...troubles });
      const body = html`${await banner(store)}${story(incident, log, { ...troubles, isPerson: sight.isPerson === true })}`;
      return page(context, { title: id, body, ...signedIn(sight) });
    },
  };
};

type Troubles = { troubles?: IncidentId[] };

/** The troubles of the incident's service, when it ever had several side by side. */
const troublesOf = async (store: Store, incident: Incident): Promise<Troubles> => {
  const first = incidentId(incident.service, incident.environment);
  const ids = troubleIds(incident.id === first ? incident : (await store.load(first)).incident);
  return ids.length > 1 ? { troubles: ids } : {};
};

/** The banner while Countersteer is stopped by command. */
const banner = async (store: Store): Promise<Markup | ""> => {
  const { value } = await store.register("switch");
  return value?.stopped ? html`<p class="waiting"><b>Stopped:</b> ${stoppedBy(value)}</p>` : "";
};

/** The name of a reader who signed in, for the page's head. */
const signedIn = ({ reader }: Sight): { reader?: string } =>
  reader === everybody ? {} : { reader: reader.name };

const missing = (context: Context, id: string, sight: Sight): Response | Promise<Response> => {
  if (wantsJson(context)) return context.json({ error: `there was never an incident of ${id}` }, 404);
  const body = html`<p>There was never an incident of <b>${id}</b>. <a href="/incidents">All incidents</a></p>`;
  return page(context, { title: "No incident", body, status: 404, ...signedIn(sight) });
};

/** The incident as others read it. Instants are ISO 8601. */
export const toJson = (incident: Incident, log: Event[]) => {
  const { remedy, pull, approval, merge, deploy, followUp, fix, referral, origins, message } =
    incident as Known;
  const diagnosis = diagnosisOf(incident);
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    id: incident.id,
    service: incident.service,
    environment: incident.environment,
    status: incident.status,
    round: incident.round,
    ...("outcome" in incident ? { outcome: incident.outcome } : {}),
    ...("reason" in incident ? { reason: incident.reason } : {}),
    ...("detail" in incident ? { detail: incident.detail } : {}),
    ...("verdict" in incident ? { verdict: incident.verdict } : {}),
    ...("by" in incident ? { by: incident.by } : {}),
    ...("openedAt" in incident ? { openedAt: iso(incident.openedAt) } : {}),
    ...("endedAt" in incident ? { endedAt: iso(incident.endedAt) } : {}),
    ...(message === undefined ? {} : { message }),
    ...("held" in incident && incident.held !== undefined ? { held: incident.held } : {}),
    ...("delay" in incident && incident.delay !== undefined ? { waiting: incident.delay } : {}),
    alerts: incident.alerts.map(({ startsAt, endsAt, ...alert }) => ({
      ...alert,
      startsAt: iso(startsAt),
      ...(endsAt === undefined ? {} : { endsAt: iso(endsAt) }),
    })),
    suspects: diagnosis?.suspects ?? [],
    ...(diagnosis === undefined ? {} : { none: diagnosis.none, remedies: diagnosis.remedies }),
    ...(diagnosis?.flags === undefined ? {} : { flags: diagnosis.flags }),
    ...(diagnosis?.notes === undefined ? {} : { notes: diagnosis.notes }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(pull === undefined ? {} : { pull }),
    ...(approval === undefined ? {} : { approval }),
    ...(merge === undefined ? {} : { merge }),
    ...(deploy === undefined ? {} : { deploy }),
    ...(followUp === undefined ? {} : { followUp }),
    ...(fix === undefined ? {} : { fix }),
    ...(referral === undefined ? {} : { waitsFor: referral.to }),
    ...(origins === undefined ? {} : { origins }),
    ...("lookAt" in incident && incident.lookAt !== undefined ? { lookAt: iso(incident.lookAt) } : {}),
    ...(incident.chain === undefined
      ? {}
      : { record: { facts: incident.chain.n, head: incident.chain.hash } }),
    rounds: roundsOf(log),
    timeline: log.map((event) => ({ ...shown(event), at: iso(event.at) })),
  };
};

/** The name of a question is for its buttons. */
const shown = (event: Event) => {
  if (event.type !== "ApprovalRequested" || event.terms === undefined) return event;
  const { nonce: _, ...terms } = event.terms;
  return { ...event, terms };
};

/** Each round before this one: when, what came of it, and its pull request. */
const roundsOf = (log: Event[]) => roundsBefore(log, Number.POSITIVE_INFINITY).slice(0, -1).map(roundOf);

const roundOf = (incident: Incident) => {
  const { pull, diagnosis, approval, merge } = incident as Known;
  const [first] = diagnosis?.suspects ?? [];
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    round: incident.round,
    status: incident.status,
    ...("openedAt" in incident && { openedAt: iso(incident.openedAt) }),
    ...("endedAt" in incident && { endedAt: iso(incident.endedAt) }),
    ...("outcome" in incident && { outcome: incident.outcome }),
    ...("reason" in incident && { reason: incident.reason }),
    ...("detail" in incident && incident.detail !== undefined && { detail: incident.detail }),
    ...("verdict" in incident && { verdict: incident.verdict }),
    ...("by" in incident && { by: incident.by }),
    ...(approval !== undefined && { approvedBy: approval.by }),
    ...(merge !== undefined && { merge: { sha: merge.sha, by: merge.by } }),
    ...(first !== undefined && { suspect: { sha: first.sha, title: first.title, url: first.url } }),
    ...(pull !== undefined && { pull: { number: pull.number, url: pull.url } }),
  };
};

type Shown = Troubles & { isPerson: boolean };
const story = (incident: Incident, log: Event[], { troubles = [], isPerson }: Shown): Markup => {
  const { pull, followUp, referral, origins = [] } = incident as Known;
  const diagnosis = diagnosisOf(incident);
  const waiting = "delay" in incident ? incident.delay : undefined;
  return html`<h1>${incident.service} <span class="quiet">${incident.environment}</span> ${badge(incident)}</h1>
<p class="lead">${headline(incident)}</p>
${troubles.length === 0 ? "" : html`<p class="quiet">Troubles of this service: ${troubles.map((id) => html`${toIncident(id)} `)}</p>`}
${referral === undefined ? "" : html`<p>Waits for ${toIncident(referral.to)}: ${referral.detail}</p>`}
${origins.length === 0 ? "" : html`<p>Counted on by ${origins.map((id) => html`${toIncident(id)} `)}</p>`}
${finding(incident)}
${"detail" in incident && incident.detail !== undefined ? html`<p>${incident.detail}</p>` : ""}
${incident.status === "escalated" ? again(incident.id, isPerson) : ""}
${"held" in incident && incident.held !== undefined ? html`<p class="waiting"><b>Held:</b> ${incident.held.detail}</p>` : ""}
${waiting === undefined ? "" : html`<p class="waiting"><b>Waiting:</b> ${waiting.step}: ${waiting.detail}</p>`}
<p class="pre">${alertText(incident)}</p>
${pull === undefined ? "" : html`<p>Pull request ${anchor(pull.url, `#${pull.number}`)} on <code>${pull.branch}</code>, head <code>${short(pull.head)}</code></p>`}
${followUp === undefined || !("pull" in followUp) ? "" : html`<p>Follow-up ${anchor(followUp.pull.url, `#${followUp.pull.number}`)}: ${doing(followUp.remedy)}</p>`}
${diagnosis === undefined ? "" : html`${suspects(diagnosis)}${offers(diagnosis)}`}
${earlierRounds(log)}
<h2>Timeline</h2><ol class="timeline">${log.map(entry)}</ol>
${incident.chain === undefined ? "" : html`<p class="quiet">The record: fact ${incident.chain.n}, <code>${incident.chain.hash}</code></p>`}`;
};

/** The ways to have an escalated incident go on. The button posts, so no link and no reload presses it. */
const again = (id: IncidentId, isPerson: boolean): Markup => {
  const button = html`<form method="post" action="/incidents/${id}/retry"><button>Retry</button></form>`;
  return html`<p class="quiet">Mended? Press <b>Retry</b> in Slack, or run <code>npm run cli -- incident retry ${id}</code>.</p>${isPerson ? button : ""}`;
};

const toIncident = (id: IncidentId): Markup => html`<a href="/incidents/${id}">${id}</a>`;

const earlierRounds = (log: Event[]): Markup => {
  const rounds = roundsOf(log);
  if (rounds.length === 0) return html``;
  const line = ({
    round,
    openedAt = "",
    outcome,
    reason,
    detail = "",
    pull,
  }: (typeof rounds)[number]): Markup =>
    html`<li>Round ${round}, <time datetime="${openedAt}">${openedAt.slice(0, 16).replace("T", " ")}</time>: ${outcome ?? reason ?? "open"}${detail === "" ? "" : html`, ${detail}`}${pull === undefined ? "" : html`, ${anchor(pull.url, `#${pull.number}`)}`}</li>`;
  return html`<h2>Earlier rounds</h2><ul>${rounds.reverse().map(line)}</ul>`;
};

/** The finding about recovery, unless the status says it already. */
const finding = (incident: Incident): Markup | "" => {
  if (!("verdict" in incident) || incident.verdict === undefined || incident.verdict === "fixed") return "";
  return html`<p>Recovery: <b>${verdicts[incident.verdict]}</b> (${incident.verdict})</p>`;
};

const suspects = (diagnosis: NonNullable<Known["diagnosis"]>): Markup => {
  const { suspects, none, flags = [] } = diagnosis;
  const notes = notesBeside(diagnosis);
  return html`<h2>Suspects</h2>
<table><thead><tr><th>Probability</th><th>Change</th><th>Why</th></tr></thead><tbody>${suspects.map(
    ({ sha, title, author, url, score, reasons, kinds = [], ...place }) =>
      html`<tr><td class="number">${percent(score)}</td><td>${anchor(url, short(sha))}<br>${title}<br><span class="quiet">${author}${whereabouts(place)}</span></td><td><ul>${reasons.map((reason, index) => html`<li>${reason}${kindText(kinds[index])}</li>`)}</ul></td></tr>`,
  )}${flags.map((flag) => html`<tr><td class="number">${percent(flag.score)}</td><td>${anchor(flag.url ?? "", flag.flag)}<br><span class="quiet">feature flag</span></td><td>${flagText(flag, diagnosis)}</td></tr>`)}<tr><td class="number">${percent(none)}</td><td colspan="2">none of these commits: ${flags.length === 0 ? "" : "a flag, "}load, an upstream, a node, a certificate</td></tr></tbody></table>
${notes.length === 0 ? "" : html`<h2>To be known</h2><ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>`}`;
};

/** Words can be written by anybody. */
const kindText = (kind: "measured" | "text" | undefined): Markup | "" =>
  kind === undefined ? "" : html` <span class="quiet">${kind}</span>`;

const offers = ({ remedies }: NonNullable<Known["diagnosis"]>): Markup =>
  html`${remedies.length === 0 ? "" : html`<h2>What may be done</h2><ul>${remedies.map((remedy) => html`<li>${doing(remedy)} <span class="quiet">${percent(remedy.score)}</span></li>`)}</ul>`}`;

/** A fact that is nobody's news has no entry. */
const entry = (event: Event): Markup => {
  const told = timelineEntry(event);
  if (told === undefined) return html``;
  const { title, text } = told;
  const at = new Date(event.at).toISOString();
  return html`<li><time datetime="${at}">${at.slice(0, 10)} <b>${at.slice(11, 19)}</b></time> <b>${title}</b> ${text}</li>`;
};

/** A link only where it can do no harm. */
const anchor = (url: string, text: string): Markup =>
  /^https?:\/\//.test(url) ? html`<a href="${url}" rel="noreferrer">${text}</a>` : html`${text}`;
