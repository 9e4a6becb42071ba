import { ownValue, recordOf } from "../../../records.ts";
import { locationAt } from "../../../yaml/locate.ts";
import { startOf } from "../../../yaml/nodes.ts";
import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import type { Target } from "../model.ts";
import { type Cluster, isCalled, sameNamespace } from "./cluster.ts";
import { folderOf, within } from "./file-set.ts";
import { kinds, scalers, workloads } from "./kinds.ts";
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

/** `Service` is a workload only in Knative's group. */
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
export const refers = (one: Rendered): { kind: string; name: string } => {
  const ref = one.written.kind === "VerticalPodAutoscaler" ? "targetRef" : "scaleTargetRef";
  return {
    kind: textAt(one, ["spec", ref, "kind"]) ?? "Deployment",
    name: textAt(one, ["spec", ref, "name"]) ?? "",
  };
};

/**
 * Everything that belongs to the workload of this object, in what its root applies. Of files that are applied as they stand, those within
 * the path and above it are looked at first: beside it may be another environment.
 */
export const relatedTo = (one: Rendered, { rendered, chosen }: Seen, path: string): Related | Refused => {
  const here = rendered.filter(
    (other) => other.root === one.root && sameNamespace(namespaceOf(other), namespaceOf(one)),
  );
  const isNear = (other: Rendered) =>
    chosen.includes(other) || within(folderOf(other.written.source.parsed.file), path);
  const near = one.root === undefined && path !== "" ? here.filter(isNear) : here;
  const found = gathered(one, near);
  const isAlone = !isRefused(found) && found.scalers.length + found.vpas.length === 0;
  return isAlone && near.length < here.length ? gathered(one, here) : found;
};

type Seen = Pick<Cluster, "rendered" | "chosen">;

const gathered = (one: Rendered, here: Rendered[]): Related | Refused => {
  const isScaler = [...scalers, "VerticalPodAutoscaler"].includes(one.written.kind);
  const ref = isScaler ? refers(one) : { kind: one.written.kind, name: nameOf(one) };
  const found = isScaler
    ? here.filter(({ written, names }) => written.kind === ref.kind && names.includes(ref.name))
    : [one];
  const [own, twin] = found;
  if (own && twin) return refuse(`two objects of one name: ${describe(found)}; say which with --path`);
  const runner = own && rolloutOf(own, here);
  if (isRefused(runner)) return runner;
  const workload = runner ?? own;
  const called = workload ? workload.names : [ref.name];
  return related(
    here,
    { kind: workload?.written.kind ?? ref.kind, called, namespace: namespaceOf(one) ?? "" },
    workload,
  );
};

/** A Deployment that a Rollout runs (`workloadRef`) is scaled by the Rollout. */
const rolloutOf = (one: Rendered, here: Rendered[]): Rendered | Refused | undefined => {
  if (one.written.kind !== "Deployment") return undefined;
  const ref = (other: Rendered) => textAt(other, ["spec", "workloadRef", "name"]);
  const runs = here.filter(
    (other) => other.written.kind === "Rollout" && one.names.includes(ref(other) ?? ""),
  );
  return runs.length > 1 ? refuse(`two owners: ${describe(runs)} both run ${titleOf(one)}`) : runs[0];
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
  return quarrel(found) ?? claimed(found, here) ?? found;
};

/** An object of a kind that is not followed, which owns the workload or refers to it as what it scales. */
const claimed = (
  { kind, called, workload, scalers: own }: Related,
  here: Rendered[],
): Refused | undefined => {
  const about = workload
    ? `${titleOf(workload)} (${locationOfObject(workload)})`
    : `${kind} ${called.at(-1)}`;
  const claims = here.filter(
    (one) =>
      ownValue(kinds, one.written.kind)?.group !== one.written.group &&
      !(one.written.kind === "Canary" && own.length > 0) &&
      scaledBy(one.written.body.spec, { kind, called }),
  );
  if (claims.length > 0)
    return refuse(
      `two owners: ${describe(claims)} and ${about}: its scale is for ${titleOf(claims[0]!)} to set`,
    );
  const [owner] = workload ? ownersOf(workload) : [];
  return owner === undefined
    ? undefined
    : refuse(`two owners: ${about} belongs to ${owner} (ownerReferences), which sets its scale`);
};

/** Whether a part of the spec, such as `scaleTargetRef` or `targets[].scaleTargetRef`, refers to the workload. */
const scaledBy = (spec: unknown, who: { kind: string; called: string[] }, depth = 0): boolean => {
  if (typeof spec !== "object" || spec === null || depth > 5) return false;
  return Object.entries(spec).some(([key, value]) => {
    const { kind, name } = recordOf(value);
    const isRef = /^(scaleTargetRef|targetRef|workloadRef|scaleTarget)$/.test(key);
    const isIt = (kind ?? "Deployment") === who.kind && who.called.includes(String(name));
    return (isRef && isIt) || scaledBy(value, who, depth + 1);
  });
};

const ownersOf = ({ written }: Rendered): string[] => {
  const { ownerReferences } = recordOf(written.body.metadata);
  return (Array.isArray(ownerReferences) ? ownerReferences : [])
    .map(recordOf)
    .map(({ kind, name }) => `${String(kind)} ${String(name)}`);
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
export const nearby = (all: Rendered[], { kind, namespace, name }: Target, path = ""): string => {
  const same = all.filter((one) => one.written.kind === kind && isOurs(one));
  const known = same.length > 0 ? same : all.filter(({ written }) => workloads.includes(written.kind));
  const title = `${kind} ${[namespace, name].filter(Boolean).join("/")}`;
  const where = path === "" ? "here" : `in ${path}`;
  return `there is no ${title} ${where}${known.length > 0 ? `; there is ${describe(known)}` : ""}`;
};
