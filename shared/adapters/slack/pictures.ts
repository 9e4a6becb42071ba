import { UpstreamError } from "../../errors.ts";
import type { View } from "../../ports/chat.ts";
import type { Picture } from "../../ports/picture.ts";
import { call, codeOf, type Slack } from "./api.ts";

export type Fetch = typeof fetch;

const timeoutMs = 10_000;

/**
 * Uploads a picture that belongs to no channel and is shown by its id: https://docs.slack.dev/messaging/working-with-files#upload. Needs the
 * scope `files:write`.
 */
export const upload = async (app: Slack, { png, alt }: Picture, send: Fetch = fetch): Promise<string> => {
  const where = "for a chart";
  const bytes = png();
  const { upload_url: url, file_id: id } = await call(app, "files.getUploadURLExternal", {
    ...{ where, filename: "chart.png", length: bytes.byteLength, alt_txt: alt.slice(0, maxAlt) },
  });
  if (typeof url !== "string" || typeof id !== "string" || !isSlacks(app, url))
    throw failed("Slack told no address of its own to send it to");
  const answer = await send(url, {
    ...{ method: "POST", body: Buffer.from(bytes), headers: { "content-type": "image/png" } },
    ...{ redirect: "manual", signal: AbortSignal.timeout(timeoutMs) },
  }).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error));
  });
  if (!answer.ok) throw failed(`HTTP ${answer.status}`);
  await call(app, "files.completeUploadExternal", { where, files: [{ id, title: "chart.png" }] });
  return id;
};
const maxAlt = 1000;

const failed = (detail: string): UpstreamError =>
  new UpstreamError("slack", `upload of a chart: ${detail}`, { retryable: true });

/** Whether an address is on the host of Slack's interface, or on one beside it: files.slack.com beside slack.com. */
const isSlacks = ({ client }: Slack, url: string): boolean => {
  const [to, api] = [URL.parse(url), URL.parse(client.slackApiUrl)];
  if (to === null || api === null || to.protocol !== api.protocol) return false;
  return to.host === api.host || to.host.endsWith(`.${api.host.replace(/^www\./, "")}`);
};

/** Slack takes a moment until it knows a new picture. A message whose picture it refuses even then goes without. */
export const withoutRefusedPicture = async <T>(
  view: View,
  send: (view: View) => Promise<T>,
  pauseMs = 1500,
): Promise<T> => {
  const isRefused = (error: unknown): boolean =>
    view.picture !== undefined && codeOf(error) === "invalid_blocks";
  const { picture: _, ...plain } = view;
  return send(view).catch(async (error: unknown) => {
    if (!isRefused(error)) throw error;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    return send(view).catch((again: unknown) => {
      if (!isRefused(again)) throw again;
      return send(plain);
    });
  });
};
