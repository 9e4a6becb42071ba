import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { EpochMs } from "../../shared/brands.ts";
import type { Config } from "../../shared/config.ts";
import { emptyIncident } from "../../shared/incident/model.ts";
import {
  type Counts,
  type Report,
  type Round,
  reportOn,
  roundsIn,
  type Tally,
  type Times,
} from "../../shared/incident/rounds/report.ts";
import type { Store } from "../../shared/ports/store.ts";
import { clip, counted, percent, personName, span } from "../../shared/text/format.ts";
import { inLanes } from "../lanes.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { type Markup, page } from "./page.ts";
import { shared } from "./paging.ts";
import { signedIn } from "./signed-in.ts";
import { time } from "./times.ts";
import { wrongAddress } from "./wrong-address.ts";

type Reporting = { store: Store; clock: () => EpochMs; config: Config };

const day = 24 * 60 * 60_000;
const spans: Record<string, number> = { "7d": 7, "30d": 30, "90d": 90 };
/** Incidents that are read for a report, the latest written first: each is a read of the store. */
const mostRead = 500;

type Made = { report: Report; left: number };

/** `GET /report?since=30d`: the outcome of the incidents that the reader may see, as `cli report` tells it. */
export const reportPage = (receiver: Reporting) => {
  const making = shared<Made>(receiver.clock);
  return async (context: Context, sight: Sight): Promise<Response> => {
    const since = context.req.query("since") ?? "30d";
    if (!Object.hasOwn(spans, since))
      return wrongAddress(context, sight, {
        title: "Report",
        error: `since is one of ${Object.keys(spans).join(", ")}, not “${clip(since, 40)}”`,
      });
    const key = JSON.stringify([since, sight.reader.groups, sight.reader.email]);
    const { report, left } = await making(key, () => reportOf(receiver, sight, since));
    if (wantsJson(context)) return context.json({ ...report, left });
    const body = html`${heading(since)}${tables(report)}${left === 0 ? "" : html`<p class="quiet">Only the latest ${mostRead} incidents were read; <code>cli report</code> reads all.</p>`}`;
    return page(context, { title: "Report", body, ...signedIn(sight) });
  };
};

const reportOf = async ({ store, clock }: Reporting, sight: Sight, since: string): Promise<Made> => {
  const ids = (await store.list()).filter((id) => sight.isVisible(emptyIncident(id).service));
  const rounds: Round[] = [];
  await inLanes(ids.slice(0, mostRead), {
    ...{ lanes: 8, isOver: () => false },
    work: async (id) => {
      rounds.push(...roundsIn(id, await store.log(id)));
    },
  });
  const until = clock() + 1;
  const report = reportOn(rounds, { since: until - (spans[since] ?? 30) * day, until });
  return { report, left: Math.max(0, ids.length - mostRead) };
};

const heading = (since: string): Markup =>
  html`<h1>Report</h1><p class="links">${Object.entries(spans).map(([name, days]) => html`<a href="/report?since=${name}"${name === since ? raw(' aria-current="page"') : ""}>${days} days</a> `)}</p>`;

const named = (name: string): string => name.replaceAll("_", " ");

const tables = (report: Report): Markup => {
  const { since, until, all, services, rejections } = report;
  const head = html`<p class="quiet">Incidents that began from ${time(since, "day")} to ${time(until - 1, "day")}.</p>`;
  if (all.rounds === 0)
    return html`${head}<p>None. <a href="/left-alone">Left alone</a> lists the alerts that opened none.</p>`;
  return html`${head}${figures(all)}
${ends(all)}
${all.proposed === 0 ? "" : proposals(all)}
${times(all.times)}
${bars(report)}
${tally("Who was asked", "Times asked", report.asked)}${tally("Who approved", "Approvals", report.approvedBy)}
${
  Object.keys(services).length < 2
    ? ""
    : table(
        "By service",
        ["Service", "Incidents", "Verified", "Wrong", "Needed a person"],
        Object.entries(services).map(([name, one]) => [
          name,
          one.rounds,
          one.judged.verified,
          wrong(one),
          one.escalated,
        ]),
      )
}
${
  rejections.length === 0
    ? ""
    : table(
        "Rejected by people",
        ["Incident", "Proposal", "Reason"],
        rejections.map(({ incident, title, why }) => [
          html`<a href="/incidents/${incident}">${incident}</a>`,
          title,
          `“${why}”`,
        ]),
      )
}`;
};

const ends = ({ ends }: Counts): Markup => {
  const rows = Object.entries(ends).map(([end, count]) => [named(end), count]);
  return rows.length === 0
    ? html`<p>No incident has ended yet.</p>`
    : table("How they ended", ["End", "Incidents"], rows);
};

const wrong = ({ judged }: Counts): number => judged.ineffective + judged.ruled_out + judged.rejected;

/** The month in one line of figures. */
const figures = (all: Counts): Markup => {
  const restore = all.times.restoreVerified;
  return html`<p><b>${counted(all.rounds, "incident")}</b>${all.open === 0 ? "" : `, ${all.open} open`}; <b>${all.ends.verified ?? 0} verified</b>${restore === undefined ? "" : html` in <b>${span(restore)}</b> (median, from the start of the trouble)`}; a person was needed in ${all.escalated} and paged in ${all.paged}.</p>`;
};

const proposals = (all: Counts): Markup => {
  const { judged } = all;
  return table(
    `${counted(all.proposed, "proposal")}: ${all.approved} approved, ${all.merged} merged`,
    ["Judged", "Proposals", "Why"],
    [
      ["right", judged.verified, "verified"],
      [
        "wrong",
        wrong(all),
        `${judged.ineffective} did not help, ${judged.ruled_out} ruled out, ${judged.rejected} rejected`,
      ],
      ["not known", judged.unjudged, "nothing showed it"],
    ],
  );
};

const timeNames: [keyof Times, string][] = [
  ["propose", "first alert to pull request"],
  ["decide", "pull request to approval"],
  ["live", "approval to live"],
  ["restore", "start of the trouble to its end"],
  ["restoreVerified", "the same, where a merged remedy ended it"],
  ["restoreByPeople", "the same, where people put it right"],
];

const times = (all: Times): Markup => {
  const known = timeNames.flatMap(([name, text]) => {
    const ms = all[name];
    return ms === undefined ? [] : [[text, span(ms)]];
  });
  return known.length === 0 ? html`` : table("How long it took", ["From and to", "Median"], known);
};

/** The bar for mode `auto`, by the team's own incidents. */
const bars = ({ bars: all }: Report): Markup => {
  const known = all.filter(({ judged }) => judged > 0);
  const rows = known.map(({ atLeast, judged, right }) => [percent(atLeast), `${right} of ${judged}`]);
  return known.length === 0
    ? html``
    : table(
        "What mode auto would have merged rightly",
        ["Probability at least", "Right, of those judged"],
        rows,
      );
};

const tally = (title: string, head: string, all: Tally): Markup =>
  all.length === 0
    ? html``
    : table(
        title,
        ["Name", head],
        all.map(({ name, count }) => [personName(name), count]),
      );

/** Small tables keep their shape on a phone; in a wide one each value says its column there. */
const table = (title: string, heads: string[], rows: (string | number | Markup)[][]): Markup =>
  html`<h2>${title}</h2><table class="${heads.length > 3 || heads.includes("Reason") ? "rows" : "figures"}"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows.map(
    ([first, ...others]) =>
      html`<tr><th scope="row">${first ?? ""}</th>${others.map((one, index) => html`<td data-head="${heads[index + 1] ?? ""}"${typeof one === "number" ? raw(' class="n"') : ""}>${one}</td>`)}</tr>`,
  )}</tbody></table>`;
