import { recordOf } from "../../records.ts";
import { isRefused, type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, sameNamespace } from "./manifests/cluster.ts";
import { container, perPod, resource } from "./manifests/container.ts";
import { workloads } from "./manifests/kinds.ts";
import { namespaceOf, type Rendered, titleOf } from "./manifests/rendered.ts";
import { locationOfObject, policiesOf, related } from "./manifests/workload.ts";
import { boundOf, type Choice } from "./owner.ts";
import { inUnits, quantity } from "./quantity.ts";

/**
 * Refuses a value that another object of the namespace forbids: a ResourceQuota, a LimitRange, a PodDisruptionBudget, or a request above
 * the limit.
 */
export const forbidden = (choice: Choice, after: string, all: Cluster): Refused | undefined => {
  const { field, related: own } = choice;
  const workload = own?.workload;
  const count = field !== "memory" && field !== "cpu";
  const near = all.rendered.filter((one) => sameNamespace(namespaceOf(one), own?.namespace));
  if (count)
    return (workload && budget(choice, Number(after), { workload, near })) ?? quota(choice, after, near);
  return sized(choice, after, near) ?? quota(choice, after, near);
};

type Near = { workload: Rendered; near: Rendered[] };

/** A count at which the budget lets no pod go any more. */
const budget = ({ location }: Choice, after: number, { workload, near }: Near): Refused | undefined => {
  if (after >= Number(location.value)) return undefined;
  const template = workload.written.body.spec as {
    template?: { metadata?: { labels?: Record<string, unknown> } };
  };
  const labels = template?.template?.metadata?.labels ?? {};
  for (const one of near.filter(({ written }) => written.kind === "PodDisruptionBudget")) {
    const spec = one.written.body.spec as {
      minAvailable?: unknown;
      selector?: { matchLabels?: Record<string, unknown> };
    };
    const wanted = Object.entries(spec?.selector?.matchLabels ?? {});
    const covers = wanted.length > 0 && wanted.every(([label, value]) => labels[label] === value);
    if (covers && typeof spec.minAvailable === "number" && after <= spec.minAvailable)
      return refuse(
        `${location.file}:${location.line}: with ${after} no pod could be evicted any more: ${titleOf(one)} keeps ${spec.minAvailable} (${locationOfObject(one)})`,
      );
  }
  return undefined;
};

/** The most pods of a workload that there may be. */
const peak = (workload: Rendered, near: Rendered[]): number => {
  const own = related(
    near,
    { kind: workload.written.kind, called: workload.names, namespace: namespaceOf(workload) ?? "" },
    workload,
  );
  const scaler = isRefused(own) ? undefined : own.scalers[0];
  return (scaler && boundOf(scaler, "max"))?.value ?? boundOf(workload, "replicas")?.value ?? 1;
};

const quotas = [
  ["requests", "cpu", ["requests.cpu", "cpu"]],
  ["requests", "memory", ["requests.memory", "memory"]],
  ["limits", "cpu", ["limits.cpu"]],
  ["limits", "memory", ["limits.memory"]],
] as const;

/** Compares the largest request of all pods in the namespace with its quota. */
const quota = (choice: Choice, after: string, near: Rendered[]): Refused | undefined => {
  const { field, location, related: own } = choice;
  const workload = own?.workload;
  const more =
    field === "max" || field === "replicas"
      ? Number(after) > Number(location.value)
      : (quantity(after) ?? 0) > (quantity(location.value) ?? 0);
  if (!workload || !more || field === "min" || choice.kind === "VerticalPodAutoscaler") return undefined;
  const running = near.filter(
    ({ written, root }) => workloads.includes(written.kind) && root === workload.root,
  );
  const isIt = (one: Rendered) => locationOfObject(one) === locationOfObject(workload);
  const pods = (one: Rendered) =>
    isIt(one) && (field === "max" || field === "replicas") ? Number(after) : peak(one, near);
  const grown = (one: Rendered, list: string, of: string) =>
    isIt(one) && list === "limits" && of === field
      ? (quantity(after) ?? 0) - (quantity(location.value) ?? 0)
      : 0;
  for (const one of near.filter(({ written }) => written.kind === "ResourceQuota")) {
    const hard = recordOf(recordOf(one.written.body.spec).hard);
    const over = (name: string, said: string) =>
      refuse(
        `${location.file}:${location.line}: the namespace could then ask for ${said} of the ${hard[name]} ${name} that ${titleOf(one)} allows (${locationOfObject(one)})`,
      );
    const count = running.reduce((sum, each) => sum + pods(each), 0);
    for (const name of ["pods", "count/pods"])
      if (hard[name] !== undefined && count > Number(hard[name])) return over(name, String(count));
    for (const [list, of, keys] of quotas) {
      const name = keys.find((key) => hard[key] !== undefined);
      const sum = running.reduce(
        (total, each) => total + pods(each) * ((perPod(each, list, of) ?? 0) + grown(each, list, of)),
        0,
      );
      const most = name && quantity(String(hard[name]));
      if (name && most !== undefined && sum > most + 1e-9) return over(name, inUnits(sum, of));
    }
  }
  return undefined;
};

/** A container's new limit, or a VPA's new upper bound. */
const sized = (
  { field, location, kind, object, related: own }: Choice,
  after: string,
  near: Rendered[],
): Refused | undefined => {
  const of = field as "cpu" | "memory";
  const value = quantity(after) ?? 0;
  const place = `${location.file}:${location.line}: ${after}`;
  if (kind === "NodePool") return undefined;
  for (const one of near.filter(({ written }) => written.kind === "LimitRange"))
    for (const { type, max, min } of rangesOf(one)) {
      if (type !== "Container" && type !== "Pod") continue;
      const [most, least] = [quantity(String(max?.[of] ?? "")), quantity(String(min?.[of] ?? ""))];
      if (most !== undefined && value > most)
        return refuse(
          `${place} is above the ${String(max?.[of])} that ${titleOf(one)} allows a ${type.toLowerCase()} (${locationOfObject(one)})`,
        );
      if (least !== undefined && value < least && type === "Container")
        return refuse(
          `${place} is below the ${String(min?.[of])} that ${titleOf(one)} wants of a container (${locationOfObject(one)})`,
        );
    }
  if (kind === "VerticalPodAutoscaler" && object) {
    const lows = policiesOf(object).map(({ minAllowed }) => String(recordOf(minAllowed)[of] ?? ""));
    const low = lows.find((text) => (quantity(text) ?? 0) > value);
    return low === undefined
      ? undefined
      : refuse(`${place} is below the minAllowed of ${low} (${locationOfObject(object)})`);
  }
  const workload = own?.workload;
  const name = workload && container(workload);
  const request =
    workload && typeof name === "string" ? resource(workload, { name, list: "requests", of }) : undefined;
  return request !== undefined && value < request
    ? refuse(`${place} is below what the container asks for (${inUnits(request, of)})`)
    : undefined;
};

type Range = { type?: string; max?: Record<string, unknown>; min?: Record<string, unknown> };
const rangesOf = ({ written }: Rendered): Range[] => {
  const all = recordOf(written.body.spec).limits;
  return Array.isArray(all) ? all : [];
};
