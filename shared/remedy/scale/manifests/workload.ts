import { recordOf } from "../../../records.ts";
import { locationAt } from "../../../yaml/locate.ts";
import { startOf } from "../../../yaml/nodes.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import type { Target } from "../model.ts";
import { type Cluster, isCalled, sameNamespace } from "./cluster.ts";
import { scalers, workloads } from "./kinds.ts";
import { nameOf, namespaceOf, type Rendered, textAt, titleOf } from "./rendered.ts";

/** The objects of one workload. Others refer to it by `called` and `kind`. */
export type Related = {
  kind: string;
  called: string[];
  namespace: string;
  workload?: Rendered;
  /** HPAs and ScaledObjects without those that KEDA makes itself. */
  scalers: Rendered[];
  vpas: Rendered[];
};

export const locationOfObject = ({ written }: Rendered): string =>
  locationAt(written.source, startOf(written.source.node) ?? 0);
const describe = (all: Rendered[]): string =>
  all
    .slice(0, 4)
    .map((one) => `${titleOf(one)} (${locationOfObject(one)})`)
    .join(" and ");

/** The one object that the target names, or why there is not exactly one. Undefined when there is none. */
export const findUnique = (
  all: Rendered[],
  { kind, namespace, name }: Target,
): Rendered | Refused | undefined => {
  const named = all.filter(
    (one) => one.written.kind === kind && isOurs(one) && isCalled(one, name, namespace),
  );
  const [one, another] = named;
  if (!one || !another) return one;
  const roots = [...new Set(named.map(({ root }) => root))];
  const how = roots.length > 1 || roots[0] === undefined ? "; say which with --path" : "";
  return refuse(`two owners: ${describe(named)}${how}`);
};

/** Of kinds that more than one group has, only ours. */
const isOurs = ({ written }: Rendered): boolean =>
  written.kind !== "Service" || written.group === "serving.knative.dev";

/** The name of the HPA that a ScaledObject makes (KEDA's own rule). */
const generated = (one: Rendered): string =>
  textAt(one, ["spec", "advanced", "horizontalPodAutoscalerConfig", "name"]) ?? `keda-hpa-${nameOf(one)}`;

/** A ScaledObject in the place of the HPA that it generates. */
export const generatorOf = (all: Rendered[], { kind, namespace, name }: Target): Rendered | undefined => {
  if (kind !== "HorizontalPodAutoscaler") return undefined;
  return all.find(
    (one) =>
      one.written.kind === "ScaledObject" &&
      generated(one) === name &&
      sameNamespace(namespaceOf(one), namespace),
  );
};

/** The target of the scaler or VPA. */
const refers = (one: Rendered): { kind: string; name: string } => {
  const ref = one.written.kind === "VerticalPodAutoscaler" ? "targetRef" : "scaleTargetRef";
  return {
    kind: textAt(one, ["spec", ref, "kind"]) ?? "Deployment",
    name: textAt(one, ["spec", ref, "name"]) ?? "",
  };
};

/** Everything that belongs to the workload of this object, in what its root applies. */
export const relatedTo = (one: Rendered, { rendered }: Pick<Cluster, "rendered">): Related | Refused => {
  const here = rendered.filter(
    (other) => other.root === one.root && sameNamespace(namespaceOf(other), namespaceOf(one)),
  );
  const isScaler = [...scalers, "VerticalPodAutoscaler"].includes(one.written.kind);
  const ref = isScaler ? refers(one) : { kind: one.written.kind, name: nameOf(one) };
  const found = isScaler
    ? here.filter(({ written, names }) => written.kind === ref.kind && names.includes(ref.name))
    : [one];
  const [own] = found;
  const workload = own && rolloutOf(own, here);
  const called = workload ? workload.names : [ref.name];
  return related(
    here,
    { kind: workload?.written.kind ?? ref.kind, called, namespace: namespaceOf(one) ?? "" },
    workload,
  );
};

/** A Deployment that a Rollout runs (`workloadRef`) is scaled by the Rollout. */
const rolloutOf = (one: Rendered, here: Rendered[]): Rendered => {
  if (one.written.kind !== "Deployment") return one;
  const ref = (other: Rendered) => textAt(other, ["spec", "workloadRef", "name"]);
  return (
    here.find((other) => other.written.kind === "Rollout" && one.names.includes(ref(other) ?? "")) ?? one
  );
};

/** The objects that refer to this name, whether an object of the name is here or not. */
export const related = (
  here: Rendered[],
  who: { kind: string; called: string[]; namespace: string },
  workload?: Rendered,
): Related | Refused => {
  const about = here.filter((one) => {
    const { kind, name } = refers(one);
    return (
      [...scalers, "VerticalPodAutoscaler"].includes(one.written.kind) &&
      kind === who.kind &&
      who.called.includes(name) &&
      sameNamespace(namespaceOf(one), who.namespace)
    );
  });
  const made = about.filter(({ written }) => written.kind === "ScaledObject").map(generated);
  const all = about.filter(({ written }) => scalers.includes(written.kind));
  const own = all.filter((one) => one.written.kind === "ScaledObject" || !made.includes(nameOf(one)));
  if (own.length > 1)
    return refuse(`two owners: ${describe(own)} both scale ${who.kind} ${who.called.at(-1)}`);
  const vpas = about.filter(({ written }) => written.kind === "VerticalPodAutoscaler");
  if (vpas.length > 1)
    return refuse(`two owners: ${describe(vpas)} both size ${who.kind} ${who.called.at(-1)}`);
  const found: Related = { ...who, scalers: own, vpas, ...(workload && { workload }) };
  return quarrel(found) ?? found;
};

/** An HPA and a VPA that both act on the same resource undo each other (VPA's known limitations). */
const quarrel = ({ scalers, vpas }: Related): Refused | undefined => {
  const [scaler, vpa] = [scalers[0], vpas[0]];
  if (!scaler || !vpa) return undefined;
  const both = resourcesOf(scaler).filter((resource) => sizes(vpa, resource));
  return both.length === 0
    ? undefined
    : refuse(
        `${describe([scaler])} and ${describe([vpa])} both act on ${both.join(" and ")}, which undo each other: take one of them off it first`,
      );
};

/** The resources an autoscaler scales by. */
const resourcesOf = ({ written }: Rendered): ("cpu" | "memory")[] => {
  const spec = recordOf(written.body.spec);
  const text = JSON.stringify(spec.metrics ?? spec.triggers ?? []);
  return (["cpu", "memory"] as const).filter(
    (name) =>
      text.includes(`"name":"${name}"`) ||
      text.includes(`"type":"${name}"`) ||
      (name === "cpu" && spec.targetCPUUtilizationPercentage !== undefined) ||
      (name === "cpu" && written.kind === "HorizontalPodAutoscaler" && spec.metrics === undefined),
  );
};

/** Whether the VPA changes this resource of running pods. */
export const sizes = (vpa: Rendered, resource: "cpu" | "memory"): boolean => {
  if (textAt(vpa, ["spec", "updatePolicy", "updateMode"]) === "Off") return false;
  const policies = policiesOf(vpa);
  return (
    policies.length === 0 ||
    policies.some(
      ({ mode, controlledResources }) =>
        mode !== "Off" && (!Array.isArray(controlledResources) || controlledResources.includes(resource)),
    )
  );
};

export const policiesOf = ({ written }: Rendered): Record<string, unknown>[] => {
  const all = recordOf(recordOf(written.body.spec).resourcePolicy).containerPolicies;
  return Array.isArray(all) ? all : [];
};

/** Names the objects of the same kind, for a target that the directory does not have. */
export const nearby = (all: Rendered[], { kind, namespace, name }: Target): string => {
  const same = all.filter((one) => one.written.kind === kind && isOurs(one));
  const known = same.length > 0 ? same : all.filter(({ written }) => workloads.includes(written.kind));
  const title = `${kind} ${[namespace, name].filter(Boolean).join("/")}`;
  return `there is no ${title} here${known.length > 0 ? `; there is ${describe(known)}` : ""}`;
};
