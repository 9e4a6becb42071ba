import type { Page } from "../../ports/paging.ts";
import { sendJson, type Upstream } from "../http/send-json.ts";

/** Posts a page to an address of the configuration: `status` is `firing` or `resolved`, `key` names the trouble. */
export const webhookPages = (upstream: Upstream) => {
  const post = (status: "firing" | "resolved", { since, ...page }: Page) =>
    sendJson(upstream, {
      method: "POST",
      body: { version: "1", status, ...page, since: new Date(since).toISOString() },
    });
  return {
    raise: async (page: Page): Promise<void> => void (await post("firing", page)),
    resolve: async (page: Page): Promise<void> => void (await post("resolved", page)),
  };
};
