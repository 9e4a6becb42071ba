import { type RequestOptions, request } from "node:https";
import { Readable } from "node:stream";

/** The authority that signs a server's certificate, as PEM, and the certificate by which its clients log in. */
export type Trust = Pick<RequestOptions, "ca" | "cert" | "key">;

/**
 * `fetch` of https addresses for a server whose certificate an own authority signs: that one is trusted here, and nowhere else in the
 * process. Bodies are texts; redirects are not followed.
 */
export const trustingFetch =
  (trust: Trust): typeof fetch =>
  (input, init = {}) => {
    const { method = "GET", headers, body, signal } = init;
    return new Promise((resolve, reject) => {
      const sent = request(
        String(input),
        {
          ...{ ...trust, method, headers: Object.fromEntries(new Headers(headers)) },
          ...(signal && { signal }),
        },
        (incoming) => {
          const { statusCode: status = 502, headers: told } = incoming;
          const type = told["content-type"] ?? "";
          const isEmpty = status === 204 || status === 304;
          const content = isEmpty ? null : Readable.toWeb(incoming);
          resolve(new Response(content, { status, headers: { "content-type": type } }));
        },
      );
      sent.on("error", (error) => reject(signal?.aborted ? signal.reason : error));
      sent.end(typeof body === "string" ? body : undefined);
    });
  };
