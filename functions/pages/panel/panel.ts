import { html } from "hono/html";
import type { IncidentId } from "../../../shared/brands.ts";
import { diagnosisOf } from "../../../shared/incident/diagnosis/review.ts";
import type { Event } from "../../../shared/incident/events.ts";
import { type Active, type In, type Incident, isActive, knownOf } from "../../../shared/incident/model.ts";
import { endText, escalationText, verdicts } from "../../../shared/text/ends.ts";
import { capital, percent, personName, span } from "../../../shared/text/format.ts";
import { liveMsOf, sizeText } from "../../../shared/text/question.ts";
import { redeployState } from "../../../shared/text/redeploy.ts";
import { expectation } from "../../../shared/text/state-message.ts";
import { endOf, eventsOf } from "../../../shared/text/story.ts";
import { doing, holds } from "../../../shared/text/timeline.ts";
import { anchor } from "../anchor.ts";
import type { Markup } from "../page.ts";
import { spans } from "../spans.ts";
import { statusWord } from "../status.ts";
import { time, timed } from "../times.ts";
import { answers, rejecting } from "./answer.ts";

/**
 * `isPerson`: somebody is signed in, who may have an escalated incident go on. `isKnown`: `people` knows them, so they may try to answer.
 * `refused`: why their last answer did not count.
 */
export type Shown = { log: Event[]; isPerson: boolean; isKnown?: boolean; refused?: string | undefined };

/** The present state: whom or what the incident waits for, until when, and the consequence of silence. */
export const panel = (incident: Incident, shown: Shown): Markup =>
  html`<section class="ask ${statusWord(incident)}" id="ask" data-part aria-label="What happens now">${shown.refused === undefined ? "" : html`<p class="waiting" role="alert"><b>Your answer changed nothing:</b> ${shown.refused}.</p>`}${held(incident)}${told(incident, shown)}${steps(incident)}</section>`;

const held = (incident: Incident): Markup | "" => {
  if ("held" in incident && incident.held !== undefined)
    return html`<h2>${holds[incident.held.by]}</h2><p>${sentence(incident.held.detail, incident.held.since)}</p>`;
  if (!("delay" in incident) || incident.delay === undefined) return "";
  return html`<p class="waiting"><b>Waiting:</b> ${incident.delay.step}: ${timed(incident.delay.detail, incident.delay.since)}</p>`;
};

const told = (incident: Incident, { log, isPerson, isKnown = false }: Shown): Markup | "" => {
  if (incident.status === "none" || ("held" in incident && incident.held !== undefined)) return "";
  const expected = expectation(incident);
  const next = expected.length === 0 ? "" : html`<p>${spans(expected)}</p>`;
  switch (incident.status) {
    case "opened":
      return incident.thin === undefined
        ? html`<h2>Reading deploys, changes and metrics</h2>${next}`
        : html`<h2>No likely cause yet</h2><p>${sentence(incident.thin.detail, incident.openedAt)}</p>${next}`;
    case "diagnosed":
      return html`<h2>Preparing the pull request</h2>${next}`;
    case "proposed":
      return question(incident, { log, isPerson, isKnown });
    case "referred":
      return html`<h2>Another incident decides</h2>${next}`;
    case "approved":
      return html`<h2>Approved by ${personName(incident.approval.by)}</h2>${redeploying(incident)}${next}${isKnown ? html`<div class="answers">${rejecting(incident)}</div>` : ""}`;
    case "merged":
      return html`<h2>Waiting for the deploy</h2>${next}`;
    case "deployed":
      return html`<h2>Live; checking that the trouble is over</h2>${next}`;
    case "closed":
      return ending(incident);
    case "escalated":
      return html`<h2>A person is needed</h2><p>${sentence(escalationText(incident), incident.endedAt)}</p>${finding(incident)}${called(incident)}${byHand(incident)}${again(incident.id, isPerson)}`;
  }
};

/** A sentence of ours: with a capital, and with times of the reader's own zone. */
const sentence = (text: string, near: number): Markup => timed(capital(text), near);

/** The end, with the words of the person who decided it where there are any. */
const ending = (incident: In<"closed">): Markup => {
  const { outcome, detail, by, verdict, endedAt } = incident;
  const who = by === undefined ? "" : ` by ${personName(by)}`;
  if (outcome === "rejected")
    return html`<h2>Rejected${who}</h2>${detail === undefined || detail === "" ? "" : html`<p>“${detail}”</p>`}<p>${afterRejection(incident)}</p>`;
  const text = endText(detail ?? "", verdict);
  return html`<h2>${outcomes[outcome]}${who}</h2>${text === "" ? "" : html`<p>${sentence(text, endedAt)}</p>`}${outcome === "observed" ? instead(incident) : ""}`;
};

const afterRejection = (incident: In<"closed">): Markup | string => {
  const [ended] = endOf(incident);
  return ended === undefined
    ? "The alert went on: people took over."
    : sentence(`people took over; ${ended}.`, incident.endedAt);
};

/** The question that another mode would have asked. */
const instead = (incident: In<"closed">): Markup | "" => {
  const [remedy] = diagnosisOf(incident)?.remedies ?? [];
  return remedy === undefined
    ? ""
    : html`<p>In mode approve people would have been asked: ${doing(remedy)} (${percent(remedy.score)})?</p>`;
};

/** Whether a person was called outside chat, and that nothing was done to production. */
const called = ({ page, merge, redeploy }: In<"escalated">): Markup => {
  const isUntouched = merge === undefined && redeploy === undefined;
  return html`<p>${page === undefined ? "" : html`A person was paged at ${time(page.since)}. `}${isUntouched ? "Nothing was merged." : ""}</p>`;
};

/** The pull request that stands open, also for a person who merges it by hand. */
const byHand = ({ pull, merge, reason }: In<"escalated">): Markup | "" => {
  if (pull === undefined || merge !== undefined) return "";
  const hint =
    reason === "unanswered"
      ? "It can still be merged by hand: Countersteer then follows it until it is verified."
      : "";
  return html`<p><a class="btn go" href="${pull.url}">Open #${pull.number}</a></p>${hint === "" ? "" : html`<p>${hint}</p>`}`;
};

/** A wait above says already that it is under way. */
const redeploying = ({ remedy, redeploy, delay }: In<"approved">): Markup | "" => {
  const text = redeployState({ remedy, ...(redeploy && { redeploy }) });
  if (text === undefined || (delay !== undefined && redeploy?.end === undefined)) return "";
  const run = redeploy?.url === undefined ? "" : html` ${anchor(redeploy.url, "The run")}.`;
  return html`<p><b>Redeploy:</b> ${text}.${run}</p>`;
};

const outcomes = {
  verified: "Verified",
  recovered: "Recovered",
  recovered_by_people: "Put right by people",
  rejected: "Rejected",
  withdrawn: "Withdrawn",
  abandoned: "Given up",
  observed: "Diagnosed only",
} as const;

/** The ways to have an escalated incident go on. The button posts, so no link and no reload presses it. */
const again = (id: IncidentId, isPerson: boolean): Markup => {
  const button = html`<form method="post" action="/incidents/${id}/retry"><button>Retry</button></form>`;
  return html`<p class="then">Mended? Press <b>Retry</b> ${isPerson ? "here or " : ""}in Slack, or run <code>npm run cli -- incident retry ${id}</code>.</p>${isPerson ? button : ""}`;
};

/** The finding about recovery, unless the sentence above says it already. */
const finding = (incident: In<"escalated">): Markup | "" => {
  const { verdict } = incident;
  if (verdict === undefined || escalationText(incident).includes(verdicts[verdict])) return "";
  return html`<p>Recovery: <b>${verdicts[verdict]}</b></p>`;
};

const question = (incident: In<"proposed">, { log, isPerson, isKnown = false }: Shown): Markup => {
  const { pull, terms, remedy, due, votes = [] } = incident;
  if (incident.held !== undefined) return html``;
  if (!incident.asked)
    return html`<h2>About to ask</h2><p>Pull request ${anchor(pull.url, `#${pull.number}`)} is open.</p>`;
  const request = eventsOf(log, incident.round).findLast(({ type }) => type === "ApprovalRequested");
  const { asked = [], link } = request?.type === "ApprovalRequested" ? request : {};
  const live = liveMsOf(incident);
  const { oncall = [], page } = terms?.silence ?? {};
  return html`<h2>Waiting for ${asked.length === 0 ? "the approvers" : asked.join(", ")} until ${time(due)}</h2>
<p>Pull request ${anchor(pull.url, `#${pull.number}`)}${terms?.size === undefined ? "" : html`: <span class="nb">${sizeText(terms.size)}</span>`}.${live === undefined ? "" : ` Live about ${span(live)} after approval.`}${remedy.kind === "withdraw" ? "" : ` ${percent(remedy.score)} likely to help.`}</p>
${votes.length === 0 ? "" : html`<p>Approved so far by ${votes.map(({ by }) => by).join(", ")}.</p>`}
${isKnown ? answers(incident) : elsewhere(pull.url, { link, isPerson })}
<p class="then">No answer by ${time(due)}: ${oncall.length === 0 ? "a person must take over" : html`<b>${oncall.join(", ")}</b> ${oncall.length === 1 ? "is" : "are"} mentioned`}${page === undefined ? "" : html`, ${page.to} pages at ${time(page.at)}`}; nothing is merged.</p>`;
};

/** The ways to answer for somebody who cannot answer here. */
const elsewhere = (
  pull: string,
  { link, isPerson }: { link: string | undefined; isPerson: boolean },
): Markup => {
  const way =
    link === undefined
      ? html`<a class="btn go" href="${pull}">Answer on the pull request</a>`
      : html`<a class="btn go" href="${link}" rel="noreferrer">Answer in Slack</a>`;
  const hint = html`<p class="quiet">To answer here, your address must stand in <code>people</code> of the configuration.</p>`;
  return html`<p>${way}</p>${isPerson ? hint : ""}`;
};

/** The way from the alert to the verdict; a step is done, under way or to come. */
const steps = (incident: Incident): Markup | "" => {
  const order = ["proposed", "approved", "merged", "deployed", "verified"];
  const index = order.indexOf(incident.status);
  if (!isActive(incident) || index < 1 || ("fix" in incident && incident.fix !== undefined)) return "";
  const names = stepNames(incident);
  return html`<ol class="steps">${names.map((name, place) => html`<li class="${place < index ? "done" : place === index ? "now" : "next"}">${name}<span class="vh">: ${place < index ? "done" : place === index ? "under way" : "to come"}</span></li>`)}</ol>`;
};

/** The steps, with the person and the time of those that are done. */
const stepNames = (incident: Active): Markup[] => {
  const { approval, pull, merge, deploy } = knownOf(incident);
  const which = pull === undefined ? "" : html` ${anchor(pull.url, `#${pull.number}`)}`;
  return [
    html`Approved${approval === undefined ? "" : html` by ${personName(approval.by)} at ${time(approval.at)}`}`,
    html`Merged${which}${merge === undefined ? "" : html` at ${time(merge.at)}`}`,
    html`Live${deploy === undefined ? "" : html` since ${time(deploy.at)}`}`,
    html`Verified`,
  ];
};
