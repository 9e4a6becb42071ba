import type { Context } from "hono";
import { html } from "hono/html";
import type { Config } from "../../shared/config.ts";
import type { LeftRecord, Store } from "../../shared/ports/store.ts";
import { reasons } from "../http/reasons.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { type Markup, page } from "./page.ts";
import { signedIn } from "./signed-in.ts";
import { time } from "./times.ts";

/**
 * `GET /left-alone`: the reports that are about no service or environment here, the latest first. Their names may be those of any service,
 * so only readers of all services see them.
 */
export const leftAlonePage =
  (receiver: { store: Store; config: Config }) =>
  async (context: Context, sight: Sight): Promise<Response> => {
    const seesAll = receiver.config.services.every(({ name }) => sight.isVisible(name));
    if (!seesAll) return refused(context, sight);
    const { value = [] } = await receiver.store.register("left");
    if (wantsJson(context))
      return context.json({
        left: value.map(leftJson),
      });
    return page(context, { title: "Left alone", body: table(value), ...signedIn(sight) });
  };

/** An entry as others read it. Instants are ISO 8601. */
export const leftJson = ({ at, since = at, count = 1, ...one }: LeftRecord) => ({
  ...one,
  ...{ count, since: new Date(since).toISOString(), at: new Date(at).toISOString() },
});

const refusal = "only readers who may see every service may see what was left alone";

const refused = (context: Context, sight: Sight): Response | Promise<Response> =>
  wantsJson(context)
    ? context.json({ error: refusal }, 403)
    : page(context, {
        ...{ title: "Left alone", body: html`<h1>Left alone</h1><p>${refusal}</p>`, status: 403 },
        ...signedIn(sight),
      });

const heads = ["Name", "Why", "What to do", "Looked at", "Times", "Last"];

const kinds: Record<LeftRecord["kind"], string> = {
  ...{ alerts: "Alerts", deploys: "Deploys", flags: "Flags" },
  ...{ requests: "Refused calls", attempts: "Attempts of people" },
};

const table = (records: LeftRecord[]): Markup => {
  if (records.length === 0)
    return html`<h1>Left alone</h1><p class="quiet">Every alert and every deploy so far was about a service of the configuration.</p>`;
  const groups = Object.entries(kinds).map(([kind, name]) => ({
    name,
    listed: records.filter((record) => record.kind === kind),
  }));
  return html`<h1>Left alone</h1>
<p class="quiet">Reports that started no incident, calls that were refused, and attempts of people that no incident lists. A repeated one is counted, and its line is renewed once an hour.</p>
${groups.map(({ name, listed }) => (listed.length === 0 ? "" : html`<h2>${name}</h2><table class="rows left"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${listed.map(row)}</tbody></table>`))}`;
};

const row = (record: LeftRecord): Markup => {
  const { at, name, reason, looked, count = 1 } = record;
  const [, todo] = reasons[reason];
  const shown = Object.entries(looked).map(([label, value]) => `${label}=${value}`);
  return html`<tr><th scope="row"><b>${name}</b></th><td>${why(record)} <code>${reason}</code></td><td data-head="${heads[2]}">${todo}</td><td data-head="${heads[3]}">${shown.join(", ")}</td><td class="n" data-head="${heads[4]}">${count}</td><td class="nb" data-head="${heads[5]}">${time(at, "day")}</td></tr>`;
};

/** The reason, with the name of the configuration that comes nearest: of an environment it is `SERVICE`, or `SERVICE/ENVIRONMENT`. */
const why = ({ reason, nearest }: LeftRecord): Markup => {
  const [text] = reasons[reason];
  if (nearest === undefined) return html`${text}`;
  if (reason !== "unknown_environment") return html`${text}; the nearest is <b>${nearest}</b>`;
  const [service, environment] = nearest.split("/");
  return html`<b>${service}</b> has no such environment${environment === undefined ? "" : html`; the nearest is <b>${environment}</b>`}`;
};
