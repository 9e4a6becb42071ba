import { array, nullish, number, object, string } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { LiveDeploys, Told } from "../../ports/deployers.ts";
import { sendJson } from "../http/send-json.ts";
import { atOf, detailOf, imagesOf, instant, text, values } from "./told.ts";

const count = nullish(number());
/** As much of an `apps/v1` Deployment as tells its rollout. */
const deployment = object({
  metadata: object({ generation: count, annotations: values }),
  spec: object({
    replicas: count,
    template: object({ spec: object({ containers: array(object({ image: text })) }) }),
  }),
  status: nullish(
    object({
      ...{ observedGeneration: count, replicas: count, updatedReplicas: count, availableReplicas: count },
      conditions: nullish(
        array(object({ type: string(), status: text, reason: text, message: text, lastUpdateTime: instant })),
      ),
    }),
  ),
});
type Deployment = NonNullable<ReturnType<typeof deployment.safeParse>["data"]>;

/** `token` is read at each call, as Kubernetes changes those of its service accounts. */
type KubernetesApi = { url: string; token: () => string | undefined; fetch?: typeof fetch };

/** The Kubernetes API, asked for single Deployments, `NAMESPACE/NAME`. The permission `get` on them is all that it needs. */
export const kubernetesApi = ({ url, token, fetch }: KubernetesApi): LiveDeploys => ({
  async read(name) {
    const [namespace = "", deployed = ""] = name.split("/");
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments/${encodeURIComponent(deployed)}`;
    const upstream = { system: "kubernetes" as const, url, token: token(), fetch };
    const parsed = deployment.safeParse(await sendJson(upstream, { method: "GET", path }));
    if (!parsed.success)
      throw new UpstreamError("kubernetes", `GET ${path}: the answer is not a Deployment`, {
        retryable: false,
      });
    return toldBy(name, parsed.data);
  },
});

const toldBy = (name: string, { metadata, spec, status }: Deployment): Told[] => {
  const progress = status?.conditions?.find(({ type }) => type === "Progressing");
  const state = stateOf({ metadata, spec, status }, progress?.reason);
  if (state === undefined) return [];
  const revision = metadata.annotations?.["deployment.kubernetes.io/revision"];
  return [
    {
      ...{ tool: "kubernetes", name, status: state, commits: [] },
      values: typeof revision === "string" ? { revision } : {},
      images: imagesOf(spec.template.spec.containers.flatMap(({ image }) => image ?? [])),
      ...atOf(progress?.lastUpdateTime),
      ...(state === "failed" && detailOf(progress?.message)),
    },
  ];
};

/**
 * The state of a rollout as `kubectl rollout status` tells it (kubectl, pkg/polymorphichelpers/rollout_status.go). One that was complete
 * stays so when its pods crash or are scaled later.
 */
const stateOf = (
  { metadata, spec, status }: Deployment,
  reason: string | null | undefined,
): Told["status"] | undefined => {
  if (!status || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return undefined;
  if (reason === "ProgressDeadlineExceeded") return "failed";
  const updated = status.updatedReplicas ?? 0;
  if ((status.replicas ?? 0) > updated) return "started";
  if (reason === "NewReplicaSetAvailable") return "succeeded";
  const isWhole = updated >= (spec.replicas ?? 1) && (status.availableReplicas ?? 0) >= updated;
  return isWhole ? "succeeded" : "started";
};
