import { ownValue, recordOf } from "../../records.ts";
import { isRefused, type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, sameNamespace } from "./manifests/cluster.ts";
import { container, perPod, resource } from "./manifests/container.ts";
import { workloads } from "./manifests/kinds.ts";
import { namespaceOf, type Rendered, titleOf } from "./manifests/rendered.ts";
import { locationOfObject, policiesOf, related } from "./manifests/workload.ts";
import type { Field } from "./model.ts";
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
  const { template } = recordOf(workload.written.body.spec);
  const labels = recordOf(recordOf(recordOf(template).metadata).labels);
  for (const one of near.filter(({ written }) => written.kind === "PodDisruptionBudget")) {
    const { minAvailable, selector } = recordOf(one.written.body.spec);
    const wanted = Object.entries(recordOf(recordOf(selector).matchLabels));
    const covers = wanted.length > 0 && wanted.every(([label, value]) => ownValue(labels, label) === value);
    if (covers && typeof minAvailable === "number" && after <= minAvailable)
      return refuse(
        `${location.file}:${location.line}: with ${after} no pod could be evicted any more: ${titleOf(one)} keeps ${minAvailable} (${locationOfObject(one)})`,
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
  const isCount = field === "max" || field === "replicas";
  const grows = isCount ? Number(after) > Number(location.value) : grownBy(choice, after) > 0;
  if (!workload || !grows || field === "min" || choice.kind === "VerticalPodAutoscaler") return undefined;
  const isIt = (one: Rendered) => locationOfObject(one) === locationOfObject(workload);
  const before = near
    .filter(({ written, root }) => workloads.includes(written.kind) && root === workload.root)
    .map((one): Pods => ({ one, count: peak(one, near), grown: 0 }));
  const pods = before.map((each): Pods => {
    if (!isIt(each.one)) return each;
    return isCount ? { ...each, count: Number(after) } : { ...each, grown: grownBy(choice, after) };
  });
  for (const object of near.filter(({ written }) => written.kind === "ResourceQuota")) {
    const hard = recordOf(recordOf(object.written.body.spec).hard);
    const over = exceeded(hard, pods, field);
    // Manifests that ask for more than it already are not all of them applied.
    if (over && exceeded(hard, before, field) === undefined)
      return refuse(
        `${location.file}:${location.line}: the namespace could then ask for ${over} that ${titleOf(object)} allows (${locationOfObject(object)})`,
      );
  }
  return undefined;
};

/** The pods of one workload at their most. `grown` is added to the limit of each. */
type Pods = { one: Rendered; count: number; grown: number };

const grownBy = ({ location }: Choice, after: string): number =>
  (quantity(after) ?? 0) - (quantity(location.value) ?? 0);

/** `9 of the 8 pods`: the first limit of a quota that all pods together exceed. */
const exceeded = (hard: Record<string, unknown>, pods: Pods[], field: Field): string | undefined => {
  const count = pods.reduce((sum, each) => sum + each.count, 0);
  const counted = ["pods", "count/pods"].find(
    (name) => hard[name] !== undefined && count > Number(hard[name]),
  );
  if (counted !== undefined) return `${count} of the ${hard[counted]} ${counted}`;
  for (const [list, of, keys] of quotas) {
    const name = keys.find((key) => hard[key] !== undefined);
    const most = name && quantity(String(hard[name]));
    const sum = pods.reduce((total, { one, count: each, grown }) => {
      const more = list === "limits" && of === field ? grown : 0;
      return total + each * ((perPod(one, list, of) ?? 0) + more);
    }, 0);
    if (name && most !== undefined && sum > most + 1e-9)
      return `${inUnits(sum, of)} of the ${hard[name]} ${name}`;
  }
  return undefined;
};

/** A container's new limit, or a VPA's new upper bound. */
const sized = (choice: Choice, after: string, near: Rendered[]): Refused | undefined => {
  const { field, location, kind, object, related: own } = choice;
  if (kind === "NodePool") return undefined;
  const size: Size = {
    of: field as "cpu" | "memory",
    value: quantity(after) ?? 0,
    where: `${location.file}:${location.line}: ${after}`,
  };
  for (const range of near.filter(({ written }) => written.kind === "LimitRange")) {
    const refused = outOfRange(size, range);
    if (refused) return refused;
  }
  if (kind === "VerticalPodAutoscaler" && object) return belowMinAllowed(size, object);
  return own?.workload && belowRequest(size, own.workload);
};

/** A new size; `where` is the beginning of a sentence about it. */
type Size = { of: "cpu" | "memory"; value: number; where: string };

const outOfRange = ({ of, value, where }: Size, one: Rendered): Refused | undefined => {
  for (const { type, max, min } of rangesOf(one)) {
    if (type !== "Container" && type !== "Pod") continue;
    const [most, least] = [quantity(String(max?.[of] ?? "")), quantity(String(min?.[of] ?? ""))];
    if (most !== undefined && value > most)
      return refuse(
        `${where} is above the ${String(max?.[of])} that ${titleOf(one)} allows a ${type.toLowerCase()} (${locationOfObject(one)})`,
      );
    if (least !== undefined && value < least && type === "Container")
      return refuse(
        `${where} is below the ${String(min?.[of])} that ${titleOf(one)} wants of a container (${locationOfObject(one)})`,
      );
  }
  return undefined;
};

const belowMinAllowed = ({ of, value, where }: Size, vpa: Rendered): Refused | undefined => {
  const lows = policiesOf(vpa).map(({ minAllowed }) => String(recordOf(minAllowed)[of] ?? ""));
  const low = lows.find((text) => (quantity(text) ?? 0) > value);
  if (low === undefined) return undefined;
  return refuse(`${where} is below the minAllowed of ${low} (${locationOfObject(vpa)})`);
};

const belowRequest = ({ of, value, where }: Size, workload: Rendered): Refused | undefined => {
  const name = container(workload);
  const request = typeof name === "string" ? resource(workload, { name, list: "requests", of }) : undefined;
  if (request === undefined || value >= request) return undefined;
  return refuse(`${where} is below what the container asks for (${inUnits(request, of)})`);
};

type Range = { type?: string; max?: Record<string, unknown>; min?: Record<string, unknown> };
const rangesOf = ({ written }: Rendered): Range[] => {
  const all = recordOf(written.body.spec).limits;
  return Array.isArray(all) ? all : [];
};
