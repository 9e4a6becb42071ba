import { looseObject, string } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { LiveDeploys } from "../../ports/deployers.ts";
import { sendJson } from "../http/send-json.ts";
import { argocd, ofApplication } from "./argocd.ts";

/** As much of an Application as Argo CD's API must answer: https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ */
const application = looseObject({ metadata: looseObject({ name: string() }), spec: looseObject({}) });

/**
 * Argo CD's API, asked for single applications: `NAME`, or `NAMESPACE/NAME` outside of Argo CD's own namespace. The answer is read as
 * the notification that the shipped template would send of it.
 */
export const argocdApi = (upstream: { url: string; token?: string; fetch?: typeof fetch }): LiveDeploys => ({
  async read(name) {
    const [app = "", namespace] = name.split("/").reverse();
    const query = namespace === undefined ? "" : `?appNamespace=${encodeURIComponent(namespace)}`;
    const path = `/api/v1/applications/${encodeURIComponent(app)}${query}`;
    const parsed = application.safeParse(
      await sendJson({ system: "argocd", ...upstream }, { method: "GET", path }),
    );
    if (!parsed.success || parsed.data.metadata.name !== app)
      throw new UpstreamError("argocd", `GET ${path}: the answer is not this application`, {
        retryable: false,
      });
    const { metadata } = parsed.data;
    const asked = {
      ...parsed.data,
      kind: "Application",
      metadata: { ...metadata, namespace: namespace ?? null },
    };
    return argocd(ofApplication(asked, pageOf(upstream.url))) ?? [];
  },
});

/** The address that people follow holds no user and no password. */
const pageOf = (address: string): string => {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
};
