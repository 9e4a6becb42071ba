import { dirname, join, resolve } from "node:path";
import { array, boolean, object, optional, record, string, unknown } from "zod";
import type { Trust } from "../../../shared/adapters/http/trusting-fetch.ts";
import { ConfigurationError } from "../errors.ts";
import { readText, readYaml } from "../settings/read-file.ts";
import type { KubernetesAccess } from "./deployers.ts";

type Given = Partial<
  Record<"KUBECONFIG" | "KUBERNETES_SERVICE_HOST" | "KUBERNETES_SERVICE_PORT", string | undefined>
>;

/** The cluster of a kubeconfig, else the one that this process runs in; undefined for neither. */
export const clusterHere = (given: Given): (() => KubernetesAccess) | undefined => {
  const { KUBECONFIG: file, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = given;
  if (file) return () => kubeconfig(file);
  if (!host) return undefined;
  return () => ({
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    token: () => readText(join(account, "token"), "the service account's token").trim(),
    trust: { ca: readText(join(account, "ca.crt"), "the cluster's authority") },
  });
};

/** Kubernetes mounts here what a pod's service account needs. */
const account = "/var/run/secrets/kubernetes.io/serviceaccount";

const form = object({
  "current-context": string(),
  contexts: array(object({ name: string(), context: object({ cluster: string(), user: string() }) })),
  clusters: array(
    object({
      name: string(),
      cluster: object({
        server: string(),
        "certificate-authority": optional(string()),
        "certificate-authority-data": optional(string()),
        "insecure-skip-tls-verify": optional(boolean()),
      }),
    }),
  ),
  users: array(object({ name: string(), user: record(string(), unknown()) })),
});

/** The access that the current context of a kubeconfig gives. No program is run for it. Throws ConfigurationError. */
export const kubeconfig = (file: string): KubernetesAccess => {
  const refused = (why: string) => new ConfigurationError(`KUBECONFIG ${file}: ${why}`);
  const parsed = form.safeParse(readYaml(file)[0]);
  if (!parsed.success)
    throw refused("is not a kubeconfig with contexts, clusters, users and current-context");
  const { contexts, clusters, users, "current-context": current } = parsed.data;
  const context = contexts.find(({ name }) => name === current)?.context;
  const cluster = clusters.find(({ name }) => name === context?.cluster)?.cluster;
  const user = users.find(({ name }) => name === context?.user)?.user;
  if (cluster === undefined || user === undefined)
    throw refused(`its context ${current} names no cluster or no user of the file`);
  if (cluster["insecure-skip-tls-verify"] === true)
    throw refused("it skips the check of the server's certificate: name its certificate-authority");
  const pem = pemIn(file);
  const login = loginOf(user, pem);
  if (login === undefined)
    throw refused(
      "the user logs in by neither a token nor a client certificate: give KUBERNETES_URL and KUBERNETES_TOKEN, of a service account that may get deployments",
    );
  const ca = pem(cluster, "certificate-authority");
  return { url: cluster.server, token: login.token, trust: { ...(ca && { ca }), ...login.trust } };
};

type Pem = (of: Record<string, unknown>, key: string) => string | undefined;

/** A certificate or key that stands in the file or, by its path seen from there, in another one. */
const pemIn =
  (file: string): Pem =>
  (of, key) => {
    const [data, path] = [of[`${key}-data`], of[key]];
    if (typeof data === "string") return Buffer.from(data, "base64").toString("utf8");
    return typeof path === "string" ? readText(resolve(dirname(file), path), "KUBECONFIG names") : undefined;
  };

const loginOf = (
  user: Record<string, unknown>,
  pem: Pem,
): (Pick<KubernetesAccess, "token"> & { trust?: Trust }) | undefined => {
  const { token, tokenFile } = user;
  if (typeof token === "string") return { token: () => token };
  if (typeof tokenFile === "string") return { token: () => readText(tokenFile, "KUBECONFIG names").trim() };
  const [cert, key] = [pem(user, "client-certificate"), pem(user, "client-key")];
  return cert && key ? { token: () => undefined, trust: { cert, key } } : undefined;
};
