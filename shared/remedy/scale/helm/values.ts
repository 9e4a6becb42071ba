import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { sameNamespace } from "../manifests/cluster.ts";
import type { Ask, Field, Target } from "../model.ts";
import type { Bound, Choice } from "../owner.ts";
import { type ValueLocation, valueLocationOf } from "../value-edit.ts";
import { keyFor } from "./chart.ts";
import { type Release, valueAt } from "./release.ts";

/** The releases that have the target: an object that their templates make, the release itself, or the service. */
export const releasesOf = (all: Release[], { kind, namespace, name }: Target): Release[] => {
  const makes = (one: Release) =>
    kind === "" ||
    kind === one.kind ||
    kind === one.keys.scaler ||
    kind === one.keys.workload ||
    one.keys.workload === "";
  return all.filter(
    (one) => one.called.includes(name) && sameNamespace(one.namespace, namespace) && makes(one),
  );
};

/** Whether the chart scales by itself, by its own condition; undefined where it has none. */
export const autoscaled = (release: Release): { on: boolean; where: string } | Refused | undefined => {
  const { enabled } = release.keys;
  if (enabled === undefined)
    return release.keys.max === undefined ? undefined : { on: true, where: release.where };
  const found = valueAt(release, enabled);
  if (isRefused(found)) return found;
  if ("absent" in found) return { on: false, where: release.where };
  const location = valueLocationOf(found);
  const where = isRefused(location) ? release.where : `${location.file}:${location.line}`;
  return { on: /^true$/i.test(String(found.scalar.value)), where };
};

/** The value of the release that the chart's own condition makes the one that counts. */
export const chooseValue = (found: Release[], ask: Ask): Choice | Refused => {
  const choices = found.map((release) => ofRelease(release, ask));
  const [first, another] = choices;
  if (first === undefined) return refuse("no release has it");
  if (another === undefined) return first;
  const said = [
    ...new Set(
      choices.map((one) => (isRefused(one) ? one.refused : `${one.location.file}:${one.location.line}`)),
    ),
  ];
  return refuse(
    said.length > 1
      ? `two owners: ${said.slice(0, 4).join(" and ")} for ${found
          .map(({ where }) => where)
          .slice(0, 4)
          .join(" and ")}; say which with --path`
      : `${said[0]} is the value of ${found
          .map(({ where }) => where)
          .slice(0, 4)
          .join(" and ")} alike: set it for one of them first`,
  );
};

const ofRelease = (release: Release, ask: Ask): Choice | Refused => {
  const scales = autoscaled(release);
  if (isRefused(scales)) return scales;
  const field = fieldOf(release, ask, scales);
  if (isRefused(field)) return field;
  const key = keyFor(release.keys, field);
  if (key === undefined) return refuse(`${release.where}: the chart's templates read no value for ${field}`);
  const found = valueAt(release, key);
  if (isRefused(found)) return found;
  if ("absent" in found)
    return refuse(`${release.where}: ${release.prefix}${key} is not set: write it there first`);
  const location = valueLocationOf(found);
  if (isRefused(location)) return location;
  return {
    ...{ location, field, kind: ownerKind(release, field), name: release.name },
    ...(field !== "min" && bound(release, "min", scales)),
    ...(field !== "max" && bound(release, "max", scales)),
    notes:
      field === "memory" || field === "cpu"
        ? ["the pods start anew with it"]
        : scales?.on
          ? [
              `${release.keys.enabled ?? "the chart"} is on (${scales.where}), so the chart sets no replicas of its own`,
            ]
          : [],
  };
};

/** A chart that is here says what it makes; of one from elsewhere only the release is known. */
const ownerKind = ({ kind, keys }: Release, field: Field): string => {
  if (kind !== "Chart") return kind;
  return field === "min" || field === "max" ? keys.scaler : keys.workload;
};

const fieldOf = (
  release: Release,
  { field, to, by }: Ask,
  scales: { on: boolean; where: string } | undefined,
): Field | Refused => {
  if (field === "memory" || field === "cpu") return field;
  const { enabled = "autoscaling" } = release.keys;
  if (field !== "replicas")
    return scales?.on
      ? field
      : refuse(
          `${scales?.where ?? release.where}: ${enabled} is off, so the chart makes no autoscaler and its ${field}imum decides nothing: ask for --to`,
        );
  if (!scales?.on) return field;
  const max = bound(release, "max", scales).max;
  return by === undefined && max && /^\d+$/.test(to ?? "") && Number(to) <= max.value ? "min" : "max";
};

const bound = (
  release: Release,
  field: "min" | "max",
  scales: { on: boolean } | undefined,
): { min?: Bound; max?: Bound } => {
  const key = release.keys[field];
  const found = scales?.on && key !== undefined ? valueAt(release, key) : undefined;
  if (!found || isRefused(found) || "absent" in found) return {};
  const location = valueLocationOf(found);
  const value = Number(found.scalar.value);
  return isRefused(location) || !Number.isSafeInteger(value)
    ? {}
    : { [field]: { value, where: `${location.file}:${location.line}` } };
};

export const sharedValue = (
  all: Release[],
  { location, field }: { location: ValueLocation; field: Field },
  chosen: Release,
): string[] =>
  all
    .filter((other) => other !== chosen)
    .filter((other) => {
      const key = keyFor(other.keys, field);
      const found = key === undefined ? undefined : valueAt(other, key);
      const there = found && !isRefused(found) && !("absent" in found) ? valueLocationOf(found) : undefined;
      return there && !isRefused(there) && there.file === location.file && there.start === location.start;
    })
    .map(({ where }) => where);
