import { UpstreamError } from "../../../errors.ts";
import type { LiveDeploys, Told } from "../../../ports/deployers.ts";
import { ownValue } from "../../../records.ts";
import { sendJson } from "../../http/send-json.ts";
import { daemonSet, deployment, statefulSet } from "./controllers.ts";
import { helmRelease, kustomization } from "./flux.ts";
import { knativeService } from "./knative.ts";
import type { Kind } from "./object.ts";
import { rollout } from "./rollout.ts";

/** The kinds that are read, by the word for each in the configuration. */
const kinds: Record<string, Kind> = {
  Deployment: deployment,
  StatefulSet: statefulSet,
  DaemonSet: daemonSet,
  Rollout: rollout,
  KnativeService: knativeService,
  Kustomization: kustomization,
  HelmRelease: helmRelease,
};

/** `token` is read at each call, as Kubernetes changes those of its service accounts. */
type KubernetesApi = { url: string; token: () => string | undefined; fetch?: typeof fetch };

/** The Kubernetes API, asked for single objects, `NAMESPACE/NAME` or `KIND/NAMESPACE/NAME`. The permission `get` on them is all that it needs. */
export const kubernetesApi = ({ url, token, fetch }: KubernetesApi): LiveDeploys => {
  const get = (path: string) =>
    sendJson({ system: "kubernetes", url, token: token(), fetch }, { method: "GET", path });
  return {
    async read(name) {
      const [object = "", namespace = "", kind = "Deployment"] = name.split("/").reverse();
      const reader = ownValue(kinds, kind);
      if (reader === undefined) throw refused(`${kind} is not a kind that is read`);
      const pathOf = (resource: string, one: string) => {
        const [group, plural] = resource.split(" ");
        return `/apis/${group}/namespaces/${encodeURIComponent(namespace)}/${plural}/${encodeURIComponent(one)}`;
      };
      const path = pathOf(reader.resource, object);
      const told = await reader.read(await get(path), (resource, one) => get(pathOf(resource, one)));
      if (told === undefined) throw refused(`GET ${path}: the answer is not a ${kind}`);
      return told.map((one): Told => ({ tool: "kubernetes", name, commits: [], values: {}, ...one }));
    },
  };
};

const refused = (what: string) => new UpstreamError("kubernetes", what, { retryable: false });
