import { html } from "hono/html";
import { likeliestFlag } from "../../shared/incident/diagnosis/flags.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { In, Incident, Started } from "../../shared/incident/model.ts";
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
  if (diagnosis === undefined) return "";
  const flag = likeliestFlag(diagnosis);
  if (flag !== undefined)
    return html`<p class="sub">The likeliest cause is the flag ${anchor(flag.url ?? "", flag.flag)}, ${percent(flag.score)}.</p>`;
  const [suspect] = diagnosis.suspects;
  if (suspect === undefined) return "";
  const url = suspect.change?.pull?.url ?? suspect.url;
  return html`<p class="sub">The likeliest change is ${anchor(url, suspect.title)} by ${suspect.author}, ${percent(suspect.score)}.</p>`;
};

const lasted = (incident: In<"closed">): Markup => {
  const since = diagnosisOf(incident)?.onsetAt ?? incident.onsetAt;
  const { endedAt } = incident;
  return html`<p class="sub">From ${time(since, "day")} to ${time(endedAt)}, ${span(Math.max(0, endedAt - since))}.</p>`;
};
