import { ownValue } from "../../records.ts";
import { dotted, type Step, type Variable } from "../../yaml/locate.ts";
import { isRefused, type Refused, refuse } from "../../yaml/refused.ts";
import type { Cluster } from "./manifests/cluster.ts";
import { container, containers } from "./manifests/container.ts";
import { formerly, kinds, unscalable } from "./manifests/kinds.ts";
import { effective, nameOf, type Rendered, textAt, titleOf } from "./manifests/rendered.ts";
import { locationOfObject, policiesOf, type Related, sizes } from "./manifests/workload.ts";
import type { Ask, Field } from "./model.ts";
import { type ValueLocation, valueLocationOf } from "./value-edit.ts";

/** A bound beside the value, with its location. */
export type Bound = { value: number; where: string };
/** The one value that is to be changed, and what it has to fit. */
export type Choice = {
  kind: string;
  name: string;
  field: Field;
  location: ValueLocation;
  min?: Bound;
  desired?: Bound;
  max?: Bound;
  /** The way to the value in its object. */
  steps?: Step[];
  /** The variable by which it comes to its object. */
  variable?: Variable;
  /** Other objects that take it from the same place. */
  others?: string[];
  /** The object it stands in and all that belongs to it, where that is in the directory. */
  object?: Rendered;
  related?: Related;
  notes: string[];
};

/** The value of a field of what belongs together, in the object that really decides it. */
export const choose = (related: Related, ask: Ask, all: Cluster): Choice | Refused => {
  const { workload, scalers, vpas } = related;
  if (ask.field === "memory" || ask.field === "cpu") return size(related, ask.field, all);
  const object = scalers[0] ?? workload ?? vpas[0];
  if (!object) return refuse("nothing decides its scale here");
  const stopped = paused(object);
  if (stopped) return refuse(stopped);
  const fields = ownValue(kinds, object.written.kind)?.fields;
  if (fields === undefined) return unscalable(object.written.kind);
  const field =
    ask.field === "replicas" && fields.replicas === undefined ? redirected(object, ask) : ask.field;
  if (isRefused(field)) return field;
  const steps = stepsIn(object, field);
  if (steps === undefined) return refuse(without(object, field));
  const made = chosen(object, field, steps, all);
  if (isRefused(made)) return made;
  const decides =
    object !== workload && workload !== undefined
      ? [`${titleOf(object)} decides the replicas of ${titleOf(workload)}, so nothing is set there`]
      : [];
  const unseen = object.remote
    ? [`its base ${object.remote} is not here, so an autoscaler in it would not be seen`]
    : [];
  return { ...made, related, notes: [...made.notes, ...decides, ...unseen] };
};

/** A wanted number of replicas of an autoscaled workload is a floor when it lies below the maximum, and else a higher maximum. */
const redirected = (object: Rendered, ask: Ask): "min" | "max" | Refused => {
  if (ask.by !== undefined) return "max";
  const max = boundOf(object, "max");
  return max !== undefined && /^\d+$/.test(ask.to ?? "") && Number(ask.to) <= max.value ? "min" : "max";
};

/** The field of the object, by its former name where it stands under that. */
const stepsIn = (object: Rendered, field: Field): Step[] | undefined => {
  const steps = ownValue(kinds, object.written.kind)?.fields[field];
  const former = steps && formerly(steps);
  if (!steps || !former || !("absent" in effective(object, steps))) return steps;
  return "absent" in effective(object, former) ? steps : former;
};

const without = (object: Rendered, field: Field): string =>
  object.written.kind === "VerticalPodAutoscaler"
    ? `${locationOfObject(object)}: ${titleOf(object)} sizes pods and does not count them: ask for --memory or --cpu`
    : `${locationOfObject(object)}: ${titleOf(object)} has no ${field === "replicas" ? "replicas" : `${field}imum`} of its own${field === "min" || field === "max" ? ", as nothing scales it by itself: ask for --to" : ""}`;

/** The annotations by which KEDA leaves off. */
const paused = (object: Rendered): string | undefined => {
  if (object.written.kind !== "ScaledObject") return undefined;
  const key = ["autoscaling.keda.sh/paused-replicas", "autoscaling.keda.sh/paused"].find((name) => {
    const value = textAt(object, ["metadata", "annotations", name]);
    return value !== undefined && value !== "false";
  });
  return (
    key && `${locationOfObject(object)}: ${titleOf(object)} is paused (${key}), so its bounds decide nothing`
  );
};

export const boundOf = (object: Rendered, field: "min" | "max" | "replicas"): Bound | undefined => {
  const steps = stepsIn(object, field);
  const found = steps && effective(object, steps);
  if (!found || isRefused(found) || "absent" in found) return undefined;
  const value = Number(found.scalar.value);
  const location = valueLocationOf(found);
  return Number.isSafeInteger(value) && !isRefused(location)
    ? { value, where: `${location.file}:${location.line}` }
    : undefined;
};

/** The value of the object, unless it is not written. */
export const chosen = (object: Rendered, field: Field, steps: Step[], all: Cluster): Choice | Refused => {
  const owner = { kind: object.written.kind, name: nameOf(object) };
  const found = effective(object, steps);
  const path = dotted(steps.map((step) => (typeof step === "object" ? step.is : step)));
  if (isRefused(found)) return refuse(found.refused);
  if ("absent" in found)
    return refuse(
      `${locationOfObject(object)}: ${titleOf(object)} does not say ${path}${defaulted(object, field)}: write it there first`,
    );
  const location = valueLocationOf(found);
  if (isRefused(location)) return location;
  const others = objectsSharing(object, steps, location, all);
  const [min, max] = [boundOf(object, "min"), boundOf(object, "max")];
  return {
    ...{ ...owner, field, location, object, steps, others },
    ...(found.variable && { variable: found.variable }),
    ...(min && field !== "min" && { min }),
    ...(max && field !== "max" && { max }),
    notes: [],
  };
};

const defaulted = ({ written: { kind } }: Rendered, field: Field): string => {
  if (kind === "ScaledObject")
    return field === "max" ? ", so KEDA's default of 100 holds" : ", so KEDA's default of 0 holds";
  return kind === "HorizontalPodAutoscaler" || ownValue(kinds, kind)?.fields[field]?.at(-1) === "replicas"
    ? ", so the default of 1 holds"
    : "";
};

/** Other objects whose value stands at the very same place. */
const objectsSharing = (
  object: Rendered,
  steps: Step[],
  location: ValueLocation,
  { rendered }: Cluster,
): string[] => {
  const same = rendered.filter((other) => {
    if (other === object || (other.written === object.written && other.root === object.root)) return false;
    const found = effective(other, steps);
    if (isRefused(found) || "absent" in found) return false;
    const there = valueLocationOf(found);
    return !isRefused(there) && there.file === location.file && there.start === location.start;
  });
  return [
    ...new Set(
      same.map(
        (other) =>
          `${titleOf(other)}${other.root === undefined || other.root === object.root ? "" : ` of ${other.root || "."}`}`,
      ),
    ),
  ];
};

/** Memory and CPU: a VPA's upper bound where one sizes the pods, and else the container's limit. */
const size = (related: Related, field: "memory" | "cpu", all: Cluster): Choice | Refused => {
  const { workload, vpas, kind, called } = related;
  const steps = workload && ownValue(kinds, workload.written.kind)?.fields[field];
  if (workload && steps) return withNote(related, chosen(workload, field, steps, all));
  const name = workload && container(workload);
  if (isRefused(name)) return name;
  const vpa = vpas.find((one) => sizes(one, field));
  if (vpa) return sizeByVpa(related, field, { all, vpa, name });
  if (!workload || !name) return refuse(`the pods of ${kind} ${called.at(-1)} are not described here`);
  const limit = [...containers, { by: "name", is: name }, "resources", "limits", field];
  return withNote(related, chosen(workload, field, limit, all), "the pods start anew with it");
};

const withNote = (related: Related, made: Choice | Refused, ...notes: string[]): Choice | Refused =>
  isRefused(made) ? made : { ...made, related, notes: [...made.notes, ...notes] };

/** The VPA's upper bound for the container, or for all containers. */
const sizeByVpa = (
  related: Related,
  field: "memory" | "cpu",
  { all, vpa, name }: { all: Cluster; vpa: Rendered; name: string | undefined },
): Choice | Refused => {
  const known = policiesOf(vpa);
  const policy =
    known.find(({ containerName }) => containerName === name) ??
    known.find(({ containerName }) => containerName === "*") ??
    (name === undefined && known.length === 1 ? known[0] : undefined);
  if (!policy && name === undefined && known.length > 1)
    return refuse(
      `${locationOfObject(vpa)}: ${titleOf(vpa)} has several containerPolicies, and its pods are not described here: which one is meant cannot be told`,
    );
  if (!policy)
    return refuse(
      `${locationOfObject(vpa)}: ${titleOf(vpa)} sizes the pods and has no containerPolicies with a maxAllowed: write one there first`,
    );
  const bound = [...policies, { by: "containerName", is: String(policy.containerName) }, "maxAllowed", field];
  const note = `${titleOf(vpa)} sizes the pods, so its upper bound is what is raised`;
  return withNote(related, chosen(vpa, field, bound, all), note);
};

const policies = ["spec", "resourcePolicy", "containerPolicies"];
