import { html } from "hono/html";
import { flagText, notesBeside } from "../../shared/incident/diagnosis/flags.ts";
import type { Diagnosis, Scale, Suspect } from "../../shared/incident/model.ts";
import { likeliestBeside, noneBeside, othersIn, sharePercent } from "../../shared/text/causes.ts";
import { capital, clip, percent, short } from "../../shared/text/format.ts";
import { type Reason, toldOnce } from "../../shared/text/suspects.ts";
import { doing, whereabouts } from "../../shared/text/timeline.ts";
import { anchor } from "./anchor.ts";
import type { Markup } from "./page.ts";
import { timed } from "./times.ts";

/** Suspects with a card; the others are only named. */
const cards = 5;
/** Characters of a title and of a reason. The pull request has them whole. */
const mostText = { title: 160, reason: 300 };

/** The suspects as cards, what they share said once above them; then the other causes. The likelier group comes first. */
export const suspects = (diagnosis: Diagnosis): Markup => {
  const { suspects: all, remedies, onsetAt } = diagnosis;
  const shown = all.slice(0, cards);
  const { shared, own } = toldOnce(shown);
  const changes = html`${[...Map.groupBy(shared, ({ whose }) => whose)].map(([whose, reasons]) => common(whose, reasons, onsetAt))}
<ol class="cards">${shown.map((suspect, index) => card(suspect, { own: own[index] ?? [], onsetAt, isFirst: index === 0 }))}</ol>
${older(all.slice(cards))}`;
  const load = remedies.find((one) => one.kind === "scale");
  const isOtherLikelier = Math.max(noneBeside(diagnosis), likeliestBeside(diagnosis)) > (all[0]?.score ?? 0);
  const other = others(diagnosis, load);
  const parts = isOtherLikelier
    ? html`${other}${all.length === 0 ? "" : html`<h3 class="group">Changes</h3>`}${changes}`
    : html`${changes}${other}`;
  return html`<section id="suspects" data-part><h2>Suspects</h2>${all.length === 0 ? html`<p>No change is suspected.</p>` : ""}${parts}</section>`;
};

/** One fact is a sentence, several are a list. */
const common = (whose: string, [first, ...more]: Reason[], onsetAt: number): Markup | "" => {
  if (first === undefined) return "";
  if (more.length === 0) return html`<p class="quiet">${whose}: ${timed(first.text, onsetAt)}.</p>`;
  return html`<p class="quiet">${whose}:</p><ul class="quiet">${[first, ...more].map(({ text }) => html`<li>${timed(text, onsetAt)}</li>`)}</ul>`;
};

type Carded = { own: Reason[]; onsetAt: number; isFirst: boolean };

const card = (suspect: Suspect, { own, onsetAt, isFirst }: Carded): Markup => {
  const { sha, title, author, url, score, change } = suspect;
  const pull = change?.pull;
  return html`<li class="card${isFirst ? " lead" : ""}">${probability(score)}<h3>${clip(title, mostText.title)}</h3>
<p>${clip(author, mostText.title)}${whereabouts(suspect)} ${pull === undefined ? "" : html`· ${anchor(pull.url, `#${pull.number}`)} `}· ${anchor(url, short(sha))}${pull === undefined ? "" : html` · ${anchor(`${pull.url}/files`, "Diff")}`}</p>${listed(own.slice(0, mostReasons), onsetAt)}${more(sha, own.slice(mostReasons), onsetAt)}</li>`;
};

/** Facts that set a suspect apart and are seen at once; the others are folded. */
const mostReasons = 3;

const listed = (reasons: Reason[], onsetAt: number): Markup =>
  html`<ul>${reasons.map((reason) => html`<li>${timed(clip(reason.text, mostText.reason), onsetAt)}${kindText(reason)}</li>`)}</ul>`;

const more = (sha: string, reasons: Reason[], onsetAt: number): Markup | "" =>
  reasons.length === 0
    ? ""
    : html`<details id="why-${short(sha)}"><summary>${reasons.length} more ${reasons.length === 1 ? "fact" : "facts"}</summary>${listed(reasons, onsetAt)}</details>`;

/** Two sentences that are not evidence: the files of the change, and the name of the next one. */
const isAside = (text: string): boolean => /^(touches|the next,) /.test(text);

/** Words can be written by anybody. */
const kindText = ({ text, kind }: Reason): Markup | "" =>
  kind === undefined || isAside(text) ? "" : html` <span class="quiet">${kind}</span>`;

const probability = (score: number): Markup =>
  html`<div class="prob"><span>${sharePercent(score)}</span><svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${Math.round(Math.min(1, score) * 100)}" height="8"/></svg></div>`;

const older = (rest: Suspect[]): Markup | "" =>
  rest.length === 0
    ? ""
    : html`<details id="older"><summary>${rest.length} less likely ${rest.length === 1 ? "change" : "changes"}</summary><ul class="list">${rest.slice(0, 20).map(({ title, author, url, sha, score }) => html`<li><p>${percent(score)} ${title} · ${author} · ${anchor(url, short(sha))}</p></li>`)}</ul></details>`;

/** Flags, load, and none of these: causes that no revert takes away. */
const others = (diagnosis: Diagnosis, load: Scale | undefined): Markup => {
  const { flags = [], onsetAt } = diagnosis;
  const notes = notesBeside(diagnosis);
  return html`<h3 class="group">Another cause</h3><ol class="cards">${flags.map((flag) => html`<li class="card wide">${probability(flag.score)}<h4>Flag ${anchor(flag.url ?? "", flag.flag)}</h4><p>feature flag</p><ul><li>${timed(flagText(flag, diagnosis), onsetAt)}</li></ul></li>`)}
${load === undefined ? "" : html`<li class="card wide">${probability(load.score)}<h4>Load</h4><p>${load.title}</p><ul>${load.reasons.map((reason) => html`<li>${timed(reason, onsetAt)}</li>`)}</ul></li>`}
<li class="card wide">${probability(noneBeside(diagnosis))}<h4>None of these</h4><p>${othersIn(diagnosis)}</p>${notes.length === 0 ? "" : html`<ul>${notes.map((note) => html`<li>${timed(note, onsetAt)}</li>`)}</ul>`}</li></ol>`;
};

/** The remedies, each with the probability that it helps. */
export const options = ({ remedies }: Diagnosis, proposed: number | undefined): Markup =>
  remedies.length === 0
    ? html``
    : html`<section id="options" data-part><h2>Options</h2><table class="rows"><thead><tr><th scope="col">Option</th><th scope="col" class="nb">Chance</th></tr></thead><tbody>${remedies.map((remedy, index) => html`<tr><th scope="row">${capital(doing(remedy))}${index === proposed ? html` <b>(proposed)</b>` : ""}</th><td class="n nb">${percent(remedy.score)}</td></tr>`)}</tbody></table></section>`;
