import { html } from "hono/html";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { In, Incident, Started } from "../../shared/incident/model.ts";
import { likeliestCause } from "../../shared/text/causes.ts";
import { percent, span } from "../../shared/text/format.ts";
import { isDamaged, leadOf, stateLead } from "../../shared/text/question.ts";
import { headline } from "../../shared/text/timeline.ts";
import { anchor } from "./anchor.ts";
import type { Markup } from "./page.ts";
import { spans } from "./spans.ts";
import { time } from "./times.ts";

/** The head of the page: the damage first as long as there is any, then the question or the state; below it what people ask next. */
export const title = (incident: Incident): Markup => {
  if (incident.status === "none") return html`<h1>${headline(incident)}</h1>`;
  if (isQuestion(incident)) return html`<h1>${spans(leadOf(incident))}</h1>`;
  if (!isDamaged(incident)) return html`<h1>${headline(incident)}</h1>${sub(incident)}`;
  return html`<h1>${spans(stateLead(incident))}</h1>${sub(incident)}`;
};

const isQuestion = (incident: Incident): incident is In<"proposed"> =>
  incident.status === "proposed" && incident.asked && incident.held === undefined;

/** How long it lasted, or the likeliest cause. */
const sub = (incident: Started): Markup | "" => {
  if (incident.status === "closed") return lasted(incident);
  const diagnosis = diagnosisOf(incident);
  const cause = diagnosis && likeliestCause(diagnosis);
  if (cause === undefined) return "";
  const { what, title, score, author, url = "" } = cause;
  const named = what === "load" ? title : anchor(url, title);
  if (what === "change")
    return html`<p class="sub">The likeliest change is ${named} by ${author}, ${percent(score)}.</p>`;
  return html`<p class="sub">The likeliest cause is ${what === "flag" ? "the flag " : ""}${named}, ${percent(score)}.</p>`;
};

const lasted = (incident: In<"closed">): Markup => {
  const since = diagnosisOf(incident)?.onsetAt ?? incident.onsetAt;
  const { endedAt } = incident;
  return html`<p class="sub">From ${time(since, "day")} to ${time(endedAt)}, ${span(Math.max(0, endedAt - since))}.</p>`;
};
