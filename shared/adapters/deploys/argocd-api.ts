import { nullish, object, optional, string, unknown } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { LiveDeploys } from "../../ports/deployers.ts";
import { sendJson } from "../http/send-json.ts";
import { argocd } from "./argocd.ts";

const any = optional(unknown());
/** An Application as Argo CD's API answers it: https://argo-cd.readthedocs.io/en/stable/developer-guide/api-docs/ */
const application = object({
  metadata: object({ name: string(), namespace: nullish(string()) }),
  spec: object({ source: any, sources: any }),
  status: nullish(
    object({
      operationState: any,
      health: any,
      summary: nullish(object({ images: any })),
    }),
  ),
});

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
    const { spec, status } = parsed.data;
    const told = argocd({
      ...{ schema: "argocd.v1", app: { name: app, namespace: namespace ?? null } },
      ...{ source: spec.source, sources: spec.sources },
      ...{ operationState: status?.operationState, health: status?.health, images: status?.summary?.images },
      argocdUrl: pageOf(upstream.url),
    });
    return told ?? [];
  },
});

/** The address that people follow holds no user and no password. */
const pageOf = (address: string): string => {
  const url = new URL(address);
  return `${url.origin}${url.pathname}`;
};
