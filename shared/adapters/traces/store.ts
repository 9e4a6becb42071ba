import { sendJson } from "../http/send-json.ts";

export type StoreOptions = { url: string; token?: string; fetch?: typeof fetch };

/** Asks a trace store for JSON. Throws UpstreamError. */
export const askingJson = (
  system: "tempo" | "jaeger",
  { url, token, fetch }: StoreOptions,
  headers: Record<string, string> = {},
) => {
  return (path: string): Promise<unknown> =>
    sendJson({ system, url, token, fetch, headers }, { method: "GET", path });
};
