import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { EpochMs, IncidentId } from "../../shared/brands.ts";
import { troubleIds } from "../../shared/incident/alerts/troubles.ts";
import { type Incident, incidentId, knownOf } from "../../shared/incident/model.ts";
import { slackByEmail } from "../../shared/policy/approval/person.ts";
import type { People } from "../../shared/policy/approval/requirement.ts";
import type { Store } from "../../shared/ports/store.ts";
import { clip } from "../../shared/text/format.ts";
import { postmortem } from "../../shared/text/postmortem.ts";
import { reasons } from "../http/reasons.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { similarIncidents } from "../similar.ts";
import { stoppedBy } from "../stop/kill-switch.ts";
import { incidentPage } from "./incident.ts";
import { toJson } from "./json.ts";
import { listJson, listPage } from "./list.ts";
import { type Markup, page } from "./page.ts";
import { shared } from "./paging.ts";
import { signedIn } from "./signed-in.ts";
import { statusWords } from "./status.ts";
import { filterOf } from "./table.ts";
import { wrongAddress } from "./wrong-address.ts";

type Pages = { store: Store; clock: () => EpochMs; people: () => People };

/** The pages, and their JSON for `Accept: application/json`. They only read. */
export const pages = ({ store, clock, people }: Pages) => {
  const asJson = shared<string>(clock);
  const asPage = shared<string>(clock);
  return {
    /** `GET /incidents?page=N`; the JSON also after an incident: `?after=ID`. */
    list: async (context: Context, sight: Sight): Promise<Response> => {
      const { page: number, after, status } = context.req.query();
      const error = wrongIn({ number, status });
      if (error !== undefined) return wrongAddress(context, sight, { title: "Incidents", error });
      const wanted = {
        ...{ filter: filterOf((name) => context.req.query(name)) },
        ...(number !== undefined && { number }),
        ...(after !== undefined && { after }),
      };
      const key = JSON.stringify([wanted, sight.reader.groups, sight.reader.email]);
      const body = await (wantsJson(context) ? asJson : asPage)(key, () =>
        wantsJson(context)
          ? listJson({ store, sight, toJson }, wanted)
          : listPage({ store, sight, banner: () => banner(store) }, wanted),
      );
      if (wantsJson(context)) return context.body(body, 200, { "content-type": "application/json" });
      return page(context, { title: "Incidents", body: raw(body), ...signedIn(sight) });
    },
    /** `GET /incidents/:service/:environment` */
    one: async (context: Context, sight: Sight): Promise<Response> => {
      const { service = "", environment, trouble } = context.req.param();
      const id = [service, environment, trouble].filter((part) => part !== undefined).join("/");
      // The answer is that of an incident that never was, so nobody learns the names of services.
      if (!sight.isVisible(service)) return missing(context, id, sight);
      // The log is read before the incident, so the incident has at least what the last fact tells.
      const log = await store.recent(id);
      const { incident, version } = await store.load(id);
      if (version === 0) return missing(context, id, sight);
      if (context.req.query("postmortem") !== undefined && incident.status !== "none")
        return drafted(
          context,
          postmortem(incident, log, await similarIncidents(store, incident, sight.isVisible)),
        );
      const troubles = await troublesOf(store, incident);
      if (wantsJson(context)) return context.json({ ...toJson(incident, log), ...troubles });
      const shown = incidentPage(incident, {
        ...{ log, ...troubles, now: clock() },
        isPerson: sight.isPerson === true,
        isKnown: sight.isPerson === true && slackByEmail(people(), sight.reader.email) !== undefined,
        refused: refusalIn(context.req.query("answer")),
      });
      const body = html`${await bannerAbove(incident, store)}${shown}`;
      return page(context, { title: id, body, ...signedIn(sight) });
    },
  };
};

const drafted = (context: Context, draft: string): Response =>
  context.body(draft, 200, {
    "content-type": "text/markdown; charset=utf-8",
    "x-content-type-options": "nosniff",
  });

/** The fault of an address of the list, as a sentence. */
const wrongIn = ({
  number,
  status,
}: {
  number: string | undefined;
  status: string | undefined;
}): string | undefined => {
  if (number !== undefined && !/^[1-9]\d{0,8}$/.test(number))
    return `page is a number from 1 on, not “${clip(number, 40)}”`;
  const isKnown = status === undefined || status.trim() === "" || statusWords.includes(status.trim());
  return isKnown ? undefined : `status is one of ${statusWords.join(", ")}, not “${clip(status, 40)}”`;
};

/** Only our own words: anybody may write an address. */
const refusalIn = (code: string | undefined): string | undefined =>
  Object.entries(reasons).find(([known]) => known === code)?.[1][0];

type Troubles = { troubles?: IncidentId[] };

/** The troubles of the incident's service, when it ever had several side by side. */
const troublesOf = async (store: Store, incident: Incident): Promise<Troubles> => {
  const first = incidentId(incident.service, incident.environment);
  const ids = troubleIds(incident.id === first ? incident : (await store.load(first)).incident);
  return ids.length > 1 ? { troubles: ids } : {};
};

/** The panel of an incident that is held by the stop says it already. */
const bannerAbove = async (incident: Incident, store: Store): Promise<Markup | ""> =>
  knownOf(incident).held?.by === "stop" ? "" : banner(store);

/** The banner while Countersteer is stopped by command. */
const banner = async (store: Store): Promise<Markup | ""> => {
  const { value } = await store.register("switch");
  return value?.stopped ? html`<p class="waiting"><b>Stopped:</b> ${stoppedBy(value)}</p>` : "";
};

const missing = (context: Context, id: string, sight: Sight): Response | Promise<Response> => {
  if (wantsJson(context)) return context.json({ error: `there was never an incident of ${id}` }, 404);
  const body = html`<h1>No incident</h1><p>There was never an incident of <b>${id}</b>. <a href="/incidents">All incidents</a></p>`;
  return page(context, { title: "No incident", body, status: 404, ...signedIn(sight) });
};
