import { html } from "hono/html";
import { diagnosisOf } from "../../shared/incident/diagnosis/review.ts";
import type { Event } from "../../shared/incident/events.ts";
import type { Incident } from "../../shared/incident/model.ts";
import { roundsBefore } from "../../shared/incident/rounds/earlier.ts";
import { codeOf } from "../../shared/text/codes.ts";
import { percent } from "../../shared/text/format.ts";
import { eventsOf } from "../../shared/text/story.ts";
import { timelineEntry } from "../../shared/text/timeline.ts";
import { anchor } from "./anchor.ts";
import type { Markup } from "./page.ts";
import { statusWord } from "./status.ts";
import { ago, time, timed } from "./times.ts";

/** Facts that are listed, the latest ones, with the characters that they take together. */
type Room = { facts: number; characters: number };
/** The JSON has all facts and rounds. Together they keep a page below 120 KB, however long the facts are. */
const shown: { now: Room; earlier: Room; rounds: number } = {
  now: { facts: 120, characters: 45_000 },
  earlier: { facts: 40, characters: 2_500 },
  rounds: 10,
};
/** The characters of HTML around the text of a fact. */
const around = 300;

/** The facts of this round, the latest first, and each earlier round with its diagnosis, links and facts. */
export const timeline = (incident: Incident, log: Event[], now: number): Markup => {
  const rounds = roundsBefore(log, Number.POSITIVE_INFINITY).slice(0, -1).toReversed();
  const more = rounds.length - shown.rounds;
  return html`<section id="timeline" data-part><h2>Timeline</h2><h3 class="group">Round ${incident.round}</h3>
${entries(eventsOf(log, incident.round), shown.now, now)}
${rounds.length === 0 ? "" : html`<h3 class="group">Earlier rounds</h3>`}${rounds.slice(0, shown.rounds).map((round) => earlier(round, log, now))}${more > 0 ? html`<p class="quiet">${more} older rounds: see the JSON.</p>` : ""}${older(incident, log)}</section>`;
};

/** Facts of older rounds, and of alerts that came and went, are not read for a page. */
const older = ({ chain }: Incident, log: Event[]): Markup | "" =>
  chain === undefined || chain.n <= log.length
    ? ""
    : html`<p class="quiet">${chain.n - log.length} older facts: <code>countersteer export</code> has them.</p>`;

const entries = (events: Event[], room: Room, now: number): Markup => {
  const told = events.flatMap((event) => {
    const entry = timelineEntry(event);
    return entry === undefined ? [] : [{ at: event.at, code: codeOf(event), ...entry }];
  });
  const listed = latest(told, room);
  const left = told.length - listed.length;
  return html`<ol class="timeline" reversed>${listed.map(
    ({ at, title, text, code, links = [] }) =>
      html`<li>${time(at, "seconds")}<div>${folded(at, title, text)} ${code === undefined ? "" : html`<code>${code}</code> `}${links.map((link) => anchor(link.url, link.text))}</div><span class="ago">${ago(at, now)}</span></li>`,
  )}</ol>${left > 0 ? html`<p class="quiet">${left} older entries: see the JSON.</p>` : ""}`;
};

/** The latest first, as many as there is room for, and one in any case. */
const latest = <T extends { text: string }>(told: T[], { facts, characters }: Room): T[] => {
  let used = 0;
  return told
    .toReversed()
    .slice(0, facts)
    .filter(({ text }, index) => {
      used += around + text.length;
      return index === 0 || used <= characters;
    });
};

/** A longer text is folded behind its first clause. */
const longest = 200;

const folded = (at: number, title: string, text: string): Markup => {
  const first = /^(?:“[^”]*”|[^:;])*/.exec(text)?.[0] ?? "";
  if (text.length <= longest || first.length > longest) return html`<b>${title}</b> ${timed(text, at)}`;
  const rest = text.slice(first.length).replace(/^[:;] */, "");
  return html`<details id="fact-${at}-${title.replace(/\W+/g, "-")}"><summary><b>${title}</b> ${timed(first, at)}</summary><p>${timed(rest, at)}</p></details>`;
};

const earlier = (round: Incident, log: Event[], now: number): Markup => {
  const [suspect] = diagnosisOf(round)?.suspects ?? [];
  const pull = "pull" in round ? round.pull : undefined;
  const detail = "detail" in round ? round.detail : undefined;
  return html`<details id="round-${round.round}"><summary><b>Round ${round.round}</b>${"openedAt" in round ? html`, ${time(round.openedAt, "day")}` : ""}: ${statusWord(round)}${detail === undefined ? "" : `, ${detail}`}</summary>
${pull === undefined ? "" : html`<p>Pull request ${anchor(pull.url, `#${pull.number}`)}</p>`}${suspect === undefined ? "" : html`<p>Diagnosis: ${anchor(suspect.url, suspect.title)} by ${suspect.author}, ${percent(suspect.score)}</p>`}
${entries(eventsOf(log, round.round), shown.earlier, now)}</details>`;
};
