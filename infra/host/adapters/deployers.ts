import { argocdApi } from "../../../shared/adapters/deploys/argocd-api.ts";
import { kubernetesApi } from "../../../shared/adapters/deploys/kubernetes/api.ts";
import { observed, observedFetch } from "../../../shared/adapters/http/observed-fetch.ts";
import { type Trust, trustingFetch } from "../../../shared/adapters/http/trusting-fetch.ts";
import type { Config } from "../../../shared/config.ts";
import type { AskedTools } from "../../../shared/ports/deployers.ts";

/** An API server, and how we log in there. `token` is read at each call. */
export type KubernetesAccess = { url: string; token: () => string | undefined; trust?: Trust };

/** The deployers that are asked, as the environment names them. */
export type DeployerSettings = {
  argocd?: { url: string; token?: string };
  /** The Kubernetes API whose address is given. */
  addressed?: { url: string; token?: string; ca?: string };
  /** The one that counts. Found where a service names a Deployment, and not before. Throws ConfigurationError. */
  kubernetes?: () => KubernetesAccess;
};

type Variable = "ARGOCD_URL" | "ARGOCD_TOKEN" | "KUBERNETES_URL" | "KUBERNETES_TOKEN" | "KUBERNETES_CA";

/** `elsewhere` is the cluster that a host knows without an address. */
export const deployerSettings = (
  given: Partial<Record<Variable, string | undefined>>,
  elsewhere?: () => KubernetesAccess,
): DeployerSettings => {
  const { ARGOCD_URL: argocd, ARGOCD_TOKEN: token, KUBERNETES_URL: url } = given;
  const { KUBERNETES_TOKEN: bearer, KUBERNETES_CA: ca } = given;
  const addressed = url ? { url, ...(bearer && { token: bearer }), ...(ca && { ca }) } : undefined;
  const kubernetes = addressed ? () => accessTo(addressed) : elsewhere;
  return {
    ...(argocd && { argocd: { url: argocd, ...(token && { token }) } }),
    ...(addressed && { addressed }),
    ...(kubernetes && { kubernetes }),
  };
};

const accessTo = ({ url, token, ca }: NonNullable<DeployerSettings["addressed"]>): KubernetesAccess => ({
  ...{ url, token: () => token },
  ...(ca && { trust: { ca: pemOf(ca) } }),
});

/** A certificate as PEM, or as kubeconfigs and EKS hold it, encoded once more in base64. */
const pemOf = (text: string): string =>
  text.includes("-----BEGIN ") ? text.replaceAll("\\n", "\n") : Buffer.from(text, "base64").toString("utf8");

/** The tools that are asked about the names of a configuration. Throws ConfigurationError when one that it names cannot be asked. */
export const askedTools = ({ argocd, kubernetes }: DeployerSettings, { services }: Config): AskedTools => {
  const isNamed = (tool: string) =>
    services.some(({ deploys = [] }) => deploys.some((one) => one.tool === tool));
  return {
    ...(argocd && isNamed("argocd") && { argocd: argocdApi({ ...argocd, fetch: observedFetch("argocd") }) }),
    ...(kubernetes && isNamed("kubernetes") && { kubernetes: clusterOf(kubernetes()) }),
  };
};

const clusterOf = ({ trust, ...access }: KubernetesAccess) => {
  const isTrusting = trust !== undefined && access.url.startsWith("https:");
  const send = isTrusting ? observed("kubernetes", trustingFetch(trust)) : observedFetch("kubernetes");
  return kubernetesApi({ ...access, fetch: send });
};
