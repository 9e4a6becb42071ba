import { randomBytes } from "node:crypto";
import type { Hono } from "hono";
import { failed, type Method, string } from "./method.ts";
import type { Slack } from "./state.ts";

/** The most bytes of one picture. */
const most = 1_000_000;

/** Step one of an upload (docs: files.getUploadURLExternal): an address to which the bytes are sent. */
export const uploadUrl: Method = (slack, { filename, length, alt_txt }) => {
  const size = Number(length);
  if (string(filename) === "" || !Number.isInteger(size) || size < 1) return failed("invalid_arguments");
  if (size > most) return failed("file_upload_size_restricted");
  const id = `F${randomBytes(5).toString("hex").toUpperCase()}`;
  slack.files.set(id, { id, length: size, alt: string(alt_txt) });
  return { ok: true, upload_url: `${slack.origin}/slack/upload/${id}`, file_id: id };
};

/** The last step: without a channel the file stays private to the app, which shows it in its messages. */
export const completeUpload: Method = (slack, { files }) => {
  const listed = Array.isArray(files) ? files : [];
  const found = listed.map((one) => slack.files.get(String(Object(one).id)));
  const known = found.filter((file) => file?.bytes !== undefined);
  if (listed.length === 0 || known.length < listed.length) return failed("file_not_found");
  for (const file of known) if (file !== undefined) file.isComplete = true;
  return { ok: true, files: listed };
};

/** Where the bytes are sent to, and where the page shows them. */
export const fileRoutes = (app: Hono, slack: Slack): void => {
  app.post("/slack/upload/:id", async (c) => {
    const file = slack.files.get(c.req.param("id"));
    const bytes = Buffer.from(await c.req.arrayBuffer());
    if (file === undefined || file.bytes !== undefined) return c.text("not found", 404);
    if (bytes.length !== file.length) return c.text("the length is another", 400);
    file.bytes = bytes;
    return c.text(`OK - ${bytes.length}`);
  });

  app.get("/slack/files/:id", (c) => {
    const file = slack.files.get(c.req.param("id"));
    if (file?.bytes === undefined || !file.isComplete) return c.notFound();
    return c.body(new Uint8Array(file.bytes), 200, { "Content-Type": "image/png" });
  });
};
