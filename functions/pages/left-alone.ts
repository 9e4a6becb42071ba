import type { Context } from "hono";
import { html } from "hono/html";
import type { Config } from "../../shared/config.ts";
import type { LeftRecord, Store } from "../../shared/ports/store.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { type Markup, page } from "./page.ts";
import { time } from "./times.ts";

/**
 * `GET /left-alone`: the reports that are about no service or environment here, the latest first. Their names may be those of any service,
 * so only readers of all services see them.
 */
export const leftAlonePage =
  (receiver: { store: Store; config: Config }) =>
  async (context: Context, sight: Sight): Promise<Response> => {
    const seesAll = receiver.config.services.every(({ name }) => sight.isVisible(name));
    if (!seesAll) return refused(context);
    const { value = [] } = await receiver.store.register("left");
    if (wantsJson(context))
      return context.json({
        left: value.map(leftJson),
      });
    return page(context, { title: "Left alone", body: table(value) });
  };

/** An entry as others read it. Instants are ISO 8601. */
export const leftJson = ({ at, since = at, count = 1, ...one }: LeftRecord) => ({
  ...one,
  ...{ count, since: new Date(since).toISOString(), at: new Date(at).toISOString() },
});

const refusal = "only readers who may see every service may see what was left alone";

const refused = (context: Context): Response | Promise<Response> =>
  wantsJson(context)
    ? context.json({ error: refusal }, 403)
    : page(context, { title: "Left alone", body: html`<h1>Left alone</h1><p>${refusal}</p>`, status: 403 });

const heads = ["Last told", "Kind", "Name", "Reason", "Times", "Looked at", "Nearest"];

const table = (records: LeftRecord[]): Markup => {
  if (records.length === 0)
    return html`<h1>Left alone</h1><p class="quiet">Every alert and every deploy so far was about a service of the configuration.</p>`;
  return html`<h1>Left alone</h1>
<p class="quiet">Reports that are about no service or environment of the configuration, calls that were refused, and attempts of people that no incident lists. Each is told once an hour, with the times that were counted until then.</p>
<table class="rows"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${records.map(row)}</tbody></table>`;
};

const row = ({ at, kind, name, reason, looked, nearest, count = 1 }: LeftRecord): Markup =>
  html`<tr><td>${time(at, "day")}</td><td>${kind}</td><th scope="row">${name}</th><td>${reason}</td><td>${count}</td><td>${Object.entries(
    looked,
  )
    .map(([label, value]) => `${label}=${value}`)
    .join(", ")}</td><td>${nearest ?? ""}</td></tr>`;
