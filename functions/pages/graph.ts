import { html, raw } from "hono/html";
import { courseIn, marksOf } from "../../shared/chart/marks.ts";
import { chartSvg } from "../../shared/chart/svg.ts";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { clip } from "../../shared/text/format.ts";
import { linksOf } from "../../shared/text/question.ts";
import { anchor } from "./anchor.ts";
import type { Markup } from "./page.ts";
import { statusWord } from "./status.ts";
import { time } from "./times.ts";

/** The first alert's own course around the onset, at a desk and on a phone. Calm, without red, once the trouble is over. */
export const graph = (incident: Incident, log: Event[]): Markup => {
  const chart = courseIn(incident);
  const diagnosis = diagnosisOf(incident);
  const links = linksOf({ ...incident, diagnosis }).map(({ text, url }) => anchor(url, text));
  const rule = incident.questions?.find(({ alert }) => alert === chart?.alert)?.rules[0];
  const expression =
    rule === undefined
      ? ""
      : html`<details id="expression"><summary>Expression of the alert</summary><pre tabindex="0">${rule.expr}</pre></details>`;
  if (chart === undefined)
    return html`<div id="graph" data-part>${links.length === 0 ? "" : html`<p class="links">${links}</p>`}${expression}</div>`;
  const marks = marksOf(incident, log);
  const isCalm = ["verified", "recovered"].includes(statusWord(incident));
  const drawn = { chart, marks, isCalm };
  return html`<figure id="graph" data-part><div class="big">${raw(chartSvg({ ...drawn, id: "big", width: 760, height: 230 }))}</div><div class="small">${raw(chartSvg({ ...drawn, id: "small", width: 358, height: 180 }))}</div>
<figcaption>The value behind ${clip(chart.alert, 80)}, up to ${time(chart.at + (chart.points.at(-1)?.[0] ?? 0) * 1000)}. <span class="links">${links}</span></figcaption>${expression}</figure>`;
};
