import type { Context } from "hono";
import { html } from "hono/html";
import type { Config } from "../../shared/config.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Store } from "../../shared/ports/store.ts";
import { type Sight, wantsJson } from "../login/guard.ts";
import { type Markup, page } from "../pages/page.ts";
import { signedIn } from "../pages/signed-in.ts";
import { type Finding, failed } from "./finding.ts";
import { heardBy, heardFindings } from "./heard.ts";

/** `examine` asks the outside systems as well, where the host can reach them all. */
export type Examined = {
  store: Store;
  clock: () => number;
  config: Config;
  examine?: () => Promise<Finding[]>;
};

/**
 * `GET /readyz?deep`: the findings about the set-up, for readers of all services. 503 when the first incident would fail. Browsers get a page.
 */
export const deepReady =
  (receiver: Examined) =>
  async (context: Context, sight: Sight): Promise<Response> => {
    const { store, config } = receiver;
    if (!config.services.every(({ name }) => sight.isVisible(name)))
      return context.json({ error: "only readers who may see every service may see the set-up" }, 403);
    const findings = await findingsOf(receiver, store);
    const isReady = findings.every(({ level }) => level !== "failed");
    const status = isReady ? 200 : 503;
    context.header("Cache-Control", "no-store");
    if (wantsJson(context) || !(context.req.header("accept") ?? "").includes("text/html"))
      return context.json({ status: isReady ? "ready" : "not_ready", findings }, status);
    return page(context, { title: "Set-up", body: table(findings), status, ...signedIn(sight) });
  };

const findingsOf = async (receiver: Examined, store: Store): Promise<Finding[]> => {
  try {
    await store.ready();
  } catch (error) {
    return [failed("store", `it takes no writes now: ${messageOf(error)}`, "look at the disk and the log")];
  }
  const now = receiver.clock();
  if (receiver.examine !== undefined) return receiver.examine();
  return heardFindings(await heardBy(store, now), receiver.config.services, now);
};

const words = { failed: "fails", warning: "warning", ok: "✓ fine" };
const order = ["failed", "warning", "ok"] as const;

const table = (findings: Finding[]): Markup => {
  const sorted = order.flatMap((level) => findings.filter((one) => one.level === level));
  const open = findings.filter(({ level }) => level !== "ok").length;
  return html`<h1>Set-up</h1><p class="quiet">${open === 0 ? "Nothing that was looked at would fail an incident." : "What would fail an incident stands first."} <code>cli doctor</code> tells the same in a terminal.</p>
<table class="rows"><thead><tr><th scope="col">State</th><th scope="col">About</th><th scope="col">Finding</th><th scope="col">What to do</th></tr></thead><tbody>${sorted.map(
    ({ level, about, text, todo = "" }) =>
      html`<tr><td class="nb">${words[level]}</td><th scope="row">${about}</th><td>${text}</td><td>${todo}</td></tr>`,
  )}</tbody></table>`;
};
