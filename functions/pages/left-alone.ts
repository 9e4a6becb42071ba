import type { Context } from "hono";
import { html } from "hono/html";
import type { Config } from "../../shared/config.ts";
import type { LeftReason, LeftRecord, Store } from "../../shared/ports/store.ts";
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

const heads = ["Last told", "Name", "Why", "What to do", "Times", "Looked at"];

/** Each reason in words, and what changes it. */
const reasons: Record<LeftReason, [why: string, todo: string]> = {
  unknown_service: ["no service matches it", "add a matcher or a service, or let it be"],
  unknown_environment: [
    "its service has no such environment",
    "name the environment, or its other name (environments)",
  ],
  unknown_flag: ["no service lists the flag", "add it to services[].flags, if it matters"],
  no_commit: ["it names no commit", "have the deployer send the commit, or label the image"],
  drill: ["it was a drill: no incident opens for one", "nothing"],
  other_repository: ["it is about another repository", "mend repository or gitops of the service"],
  not_owned: [
    "its sender may not speak of that service",
    "add the service to the sender, or use another token",
  ],
  malformed: ["it is not of its form", "compare it with the documentation of its sender"],
  unreadable: ["it could not be read", "look into the log for what came back"],
  no_credential: ["its token or signature is missing or wrong", "give the sender the token of this server"],
  foreign: ["it came by another host or from another site's page", "set baseUrl to the name that people use"],
  missing: ["there is no such address", "mend the address in the sender"],
  slow: ["it took too long to arrive", "look at the network of the sender"],
  too_large: ["it is too large", "send fewer alerts at once (max_alerts)"],
  encoded: ["its encoding is not read here", "send it uncompressed"],
  not_admin: ["the person is not an admin", "add them to admins, if they may"],
  late: ["the question was answered already", "nothing"],
  stopped: ["Countersteer was stopped", "start it again"],
  superseded: ["the question was asked anew", "answer on the latest message"],
  held: ["it was on hold", "take the hold away"],
  policy_changed: ["who may approve had changed", "answer on the latest message"],
  limited: ["a limit or a freeze forbade it", "wait, or change the policy"],
  not_configured: ["the service is no longer configured", "nothing, or add it again"],
  not_approver: ["the person is not an approver", "add them to approvers, if they may"],
  outsider: ["a guest, a bot or a stranger tried", "nothing"],
  lookup_failed: [
    "it could not be checked who the person is",
    "try again; look at Slack's and GitHub's state",
  ],
};

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
<p class="quiet">Reports that started no incident, calls that were refused, and attempts of people that no incident lists. Each is told once an hour, with the times that were counted until then.</p>
${groups.map(({ name, listed }) => (listed.length === 0 ? "" : html`<h2>${name}</h2><table class="rows"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${listed.map(row)}</tbody></table>`))}`;
};

const row = ({ at, name, reason, looked, nearest, count = 1 }: LeftRecord): Markup => {
  const [why, todo] = reasons[reason];
  const near = nearest === undefined ? "" : html`; the nearest is <b>${nearest}</b>`;
  return html`<tr><td class="nb">${time(at, "day")}</td><th scope="row">${name}</th><td>${why}${near} <code>${reason}</code></td><td>${todo}</td><td class="n">${count}</td><td>${Object.entries(
    looked,
  )
    .map(([label, value]) => `${label}=${value}`)
    .join(", ")}</td></tr>`;
};
