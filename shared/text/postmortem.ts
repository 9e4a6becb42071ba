import type { Markdown } from "../brands.ts";
import { alertsOfRound } from "../incident/alerts/alerts.ts";
import { diagnosisOf } from "../incident/diagnosis/review.ts";
import type { Event } from "../incident/events.ts";
import { type Chart, knownOf, type Started } from "../incident/model.ts";
import { type Round, roundsIn } from "../incident/rounds/report.ts";
import type { Similar } from "../incident/rounds/similar.ts";
import { amount } from "./damage.ts";
import { clip, clock, dateTime, percent, span } from "./format.ts";
import { code, inline, joined, link, markdown } from "./markdown.ts";
import { repositoryIn } from "./pull-name.ts";
import { eventsOf } from "./story.ts";
import { reasonsOf } from "./suspects.ts";
import { doing, headline, timelineEntry } from "./timeline.ts";

const most = { entries: 100, reasons: 5, similar: 10, text: 300 };

/** A draft of the post-mortem of one round, from its record. Questions to the person who writes it stand in italics. */
export const postmortem = (incident: Started, log: Event[], similar: Similar[]): Markdown =>
  joined(
    [
      markdown`# ${inline(headline(incident))}`,
      markdown`A draft from the record of incident ${code(incident.id)}, round ${incident.round}. Times are UTC. _Write what stands in italics, and mend the rest._`,
      impact(incident),
      cause(incident),
      timeline(eventsOf(log, incident.round)),
      worked(roundsIn(incident.id, log).find(({ round }) => round === incident.round)),
      past(similar),
      after(incident),
    ],
    "\n\n",
  );

const items = (lines: Markdown[]): Markdown =>
  joined(
    lines.map((line) => markdown`- ${line}`),
    "\n",
  );

const impact = (incident: Started): Markdown => {
  const onset = diagnosisOf(incident)?.onsetAt ?? incident.openedAt;
  const end = "endedAt" in incident ? incident.endedAt : undefined;
  const lasted =
    end === undefined ? "" : markdown` to ${inline(dateTime(end))}, ${inline(span(end - onset))}`;
  const alerts = alertsOfRound(incident)
    .slice(0, 10)
    .map(({ name, annotations }) => {
      const text = annotations.summary ?? annotations.description ?? "";
      return markdown`${code(name, 80)}${text === "" ? "" : markdown`: ${inline(text, most.text)}`}`;
    });
  return joined(
    [
      markdown`## Impact`,
      items([markdown`From ${inline(dateTime(onset))}${lasted}`, ...worst(courseOf(incident)), ...alerts]),
      markdown`_Who noticed it, and how many were hit?_`,
    ],
    "\n\n",
  );
};

/** The latest course that was read. */
const courseOf = (incident: Started): Chart | undefined =>
  ("chart" in incident ? incident.chart : undefined) ?? diagnosisOf(incident)?.chart;

/** The worst value that the alert's own expression had. */
const worst = (chart: Chart | undefined): Markdown[] => {
  const values = (chart?.points ?? []).flatMap(([, value]) => (value === null ? [] : [value]));
  if (chart === undefined || values.length === 0) return [];
  const { threshold, above = true } = chart;
  const value = above ? Math.max(...values) : Math.min(...values);
  const bar =
    threshold === undefined
      ? ""
      : inline(`; it alerts ${above ? "above" : "below"} ${amount(chart, threshold)}`);
  return [markdown`${code(chart.alert)} was at ${inline(amount(chart, value))} at its worst${bar}`];
};

const cause = (incident: Started): Markdown => {
  const [suspect] = diagnosisOf(incident)?.suspects ?? [];
  const heading = markdown`## Cause`;
  if (suspect === undefined)
    return joined([heading, markdown`_No change was found. What was the cause?_`], "\n\n");
  const { title, author, score, url } = suspect;
  const reasons = reasonsOf(suspect).slice(0, most.reasons);
  return joined(
    [
      heading,
      markdown`The likeliest change, with ${inline(percent(score))}: ${link(title, url)} by ${inline(author)}.`,
      ...(reasons.length === 0 ? [] : [items(reasons.map(({ text }) => inline(text, most.text)))]),
      markdown`_Was that it, and why did it pass review and tests?_`,
    ],
    "\n\n",
  );
};

const timeline = (events: Event[]): Markdown => {
  const rows = events.flatMap((event) => {
    const entry = timelineEntry(event);
    return entry === undefined
      ? []
      : [
          markdown`| ${inline(clock(event.at))} | **${inline(entry.title)}** ${inline(entry.text, most.text)} |`,
        ];
  });
  const left = rows.length - most.entries;
  return joined(
    [
      markdown`## Timeline`,
      joined([markdown`| Time | Fact |`, markdown`| --- | --- |`, ...rows.slice(-most.entries)], "\n"),
      ...(left > 0 ? [markdown`${left} earlier facts are in the record.`] : []),
    ],
    "\n\n",
  );
};

const ends = {
  verified: markdown`verified`,
  ineffective: markdown`no help`,
  ruled_out: markdown`ruled out`,
  rejected: markdown`rejected`,
  unjudged: markdown`not judged`,
};

/** How long each part took, and what became of each proposal. */
const worked = (round: Round | undefined): Markdown => {
  const lines = (round?.attempts ?? []).flatMap((attempt) => {
    const { title, proposedAt, approvedAt, liveAt, end, why } = attempt;
    const times = [
      round && `proposed ${span(proposedAt - round.openedAt)} after the first alert`,
      approvedAt && `approved ${span(approvedAt - proposedAt)} later`,
      liveAt && approvedAt && `live ${span(liveAt - approvedAt)} after that`,
    ].filter((one) => typeof one === "string");
    const because = why === undefined ? "" : markdown` (${inline(why, most.text)})`;
    return [
      markdown`${inline(clip(title, 150))}: ${inline(times.join(", "))}. It ended as ${ends[end]}${because}.`,
    ];
  });
  return joined(
    [
      markdown`## What worked, and what did not`,
      ...(lines.length === 0 ? [] : [items(lines)]),
      markdown`_What helped, what cost time, where was it luck?_`,
    ],
    "\n\n",
  );
};

const past = (similar: Similar[]): Markdown =>
  joined(
    [
      markdown`## Similar incidents`,
      similar.length === 0
        ? markdown`None is on record.`
        : items(
            similar.slice(0, most.similar).map(({ incident, openedAt, because, ended, remedy }) => {
              const did = remedy === undefined ? "" : markdown` (${inline(doing(remedy), 150)})`;
              return markdown`${code(incident)} of ${inline(dateTime(openedAt))}, the same ${inline(because)}: ${inline(ended.replaceAll("_", " "))}${did}`;
            }),
          ),
    ],
    "\n\n",
  );

const after = (incident: Started): Markdown => {
  const { remedy, pull, outcome } = knownOf(incident);
  const repository = pull === undefined ? undefined : repositoryIn(pull.url);
  const isBack = outcome === "verified" && remedy?.kind === "revert" && repository !== undefined;
  const again = isBack
    ? [
        markdown`[ ] Bring the change back, mended: ${code(`countersteer revert ${repository} ${remedy.sha} --reland`)} opens a draft`,
      ]
    : [];
  return joined(
    [
      markdown`## What follows`,
      items([...again, markdown`[ ] _A test or an alert that would have caught it before_`]),
    ],
    "\n\n",
  );
};
