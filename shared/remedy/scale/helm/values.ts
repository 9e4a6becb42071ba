import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { sameNamespace } from "../manifests/cluster.ts";
import type { Ask, Field, Target } from "../model.ts";
import type { Bound, Choice } from "../owner.ts";
import { type ValueLocation, valueLocationOf } from "../value-edit.ts";
import { keyFor, type Scaler } from "./chart.ts";
import { holds, type Known } from "./condition.ts";
import { type Release, valueAt } from "./release.ts";
import { scalingKeys } from "./switches.ts";

/** The releases that have the target: an object that their templates make, the release itself, or the service. */
export const releasesOf = (all: Release[], target: Target): Release[] =>
  all.filter((one) => isTarget(one, target) || isMade(one, target));

const isTarget = (one: Release, { kind, namespace, name }: Target): boolean =>
  (kind === one.kind || kind === "") &&
  one.name === name &&
  (sameNamespace(one.namespace, namespace) || sameNamespace(one.own, namespace));

const isMade = ({ keys, called, namespace: space }: Release, { kind, namespace, name }: Target): boolean => {
  const scaling = [keys.scaler, ...(keys.scalers ?? []).map((one) => one.kind)];
  const makes =
    kind === "" || kind === keys.workload || keys.workload === "" || scaling.some((each) => each === kind);
  return makes && called.includes(name) && sameNamespace(space, namespace);
};

/** The release with the keys of the one autoscaler that its values turn on; refused where more than one may be on, or a chart is not here. */
const settled = (release: Release): Release | Refused => {
  const { keys, where } = release;
  if (keys.unseen !== undefined) return unseen(release, keys.unseen);
  const { scalers = [] } = keys;
  const states = scalers.map((scaler) => ({ scaler, on: isOn(release, scaler) }));
  const open = states.filter(({ on }) => on !== false);
  const [one, another] = open;
  if (another)
    return refuse(
      `${where}: two owners: ${open.map(({ scaler }) => scaler.file).join(" and ")} may both make an autoscaler with these values`,
    );
  // The switch of a single part tells more than a condition that cannot be told: its position.
  const isPlain = scalers.length === 1 && scalers[0]?.conditions.join().split(".Values").length === 2;
  if (scalers.length === 0 || isPlain || (scalers.length === 1 && one?.on === undefined && one))
    return release;
  if (one && one.on === undefined)
    return refuse(`${where}: whether ${one.scaler.file} makes an autoscaler cannot be told from its values`);
  const { min: _, max: __, enabled: ___, ...others } = keys;
  if (one === undefined) return { ...release, keys: { ...others, scales: false } };
  const { kind, min, max } = one.scaler;
  const bounds = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  return { ...release, keys: { ...others, ...bounds, scaler: kind, scales: true } };
};

const isOn = (release: Release, { conditions }: Scaler): boolean | undefined => {
  const look = (key: string): Known => {
    const found = valueAt(release, key);
    if (isRefused(found)) return undefined;
    return { is: "absent" in found ? undefined : found.scalar.value };
  };
  const all = conditions.map((one) => (one === undefined ? undefined : holds(one, look)));
  return all.includes(false) ? false : all.includes(undefined) ? undefined : true;
};

/** A chart that is not here and that many do not use: only its scaffold's own switch is understood. */
const unseen = (release: Release, chart: string): Release | Refused => {
  const others = scalingKeys(release).filter((key) => key !== `${release.prefix}${release.keys.enabled}`);
  return others.length === 0
    ? release
    : refuse(
        `${release.where}: the templates of the chart ${chart} are not here, and ${others.slice(0, 3).join(", ")} may scale it: which value decides cannot be told`,
      );
};

/** Whether the chart scales by itself, by its own condition; undefined where it has none. */
export const autoscaled = (given: Release): { on: boolean; where: string } | Refused | undefined => {
  const release = settled(given);
  return isRefused(release) ? release : scaling(release);
};

const scaling = (release: Release): { on: boolean; where: string } | Refused | undefined => {
  const { enabled, scales, onByDefault = false } = release.keys;
  if (scales !== undefined) return { on: scales, where: release.where };
  if (enabled === undefined)
    return release.keys.max === undefined ? undefined : { on: true, where: release.where };
  const found = valueAt(release, enabled);
  if (isRefused(found)) return found;
  if ("absent" in found) return { on: onByDefault, where: release.where };
  const location = valueLocationOf(found);
  const where = isRefused(location) ? release.where : `${location.file}:${location.line}`;
  return { on: /^true$/i.test(String(found.scalar.value)), where };
};

/** The value of the release that the chart's own condition makes the one that counts. */
export const chooseValue = (found: Release[], ask: Ask): { choice: Choice; release: Release } | Refused => {
  const tried = found.map((release) => ({ release, choice: ofRelease(release, ask) }));
  const unnamed = partsUnnamed(tried, ask);
  if (unnamed) return unnamed;
  const choices = standing(tried);
  const [first, another] = choices;
  if (first === undefined) return refuse("no release has it");
  if (another === undefined)
    return isRefused(first.choice) ? first.choice : { ...first, choice: first.choice };
  const said = [
    ...new Set(
      choices.map(({ choice }) =>
        isRefused(choice) ? choice.refused : `${choice.location.file}:${choice.location.line}`,
      ),
    ),
  ];
  const alike = choices.every(({ choice }) => isRefused(choice)) && said.length === 1;
  if (alike && isRefused(first.choice)) return first.choice;
  const places = [...new Set(choices.map(({ release }) => release.where))].slice(0, 4).join(" and ");
  return refuse(
    said.length > 1
      ? `two owners: ${said.slice(0, 4).join(" and ")} for ${places}; say which with --path`
      : `${said[0]} is the value of ${places} alike: set it for one of them first`,
  );
};

type Tried = { release: Release; choice: Choice | Refused };

/** The parts of one release whose value is set. */
const standing = (all: Tried[]): Tried[] => {
  const set = all.filter(({ choice }) => !isRefused(choice));
  return areParts(all) && set.length > 0 ? set : all;
};

const areParts = (all: Tried[]): boolean =>
  all.length > 1 && new Set(all.map(({ release }) => release.where)).size === 1;

const isOff = (release: Release): boolean => {
  const key = release.keys.offUnless;
  const found = key === undefined ? undefined : valueAt(release, key);
  return (
    found !== undefined && !isRefused(found) && ("absent" in found || String(found.scalar.value) === "false")
  );
};

/** A number of one part says nothing of the part that lacks capacity, where the release alone is named. */
const partsUnnamed = (tried: Tried[], { target, service, field }: Ask): Refused | undefined => {
  const name = target?.name ?? service ?? "";
  const all = tried.filter(({ release, choice }) => !isRefused(choice) || !isOff(release));
  const other = all.find(({ release, choice }) => !isRefused(choice) && !release.called.includes(name));
  if (!areParts(all) || other === undefined) return undefined;
  const parts = all.map(({ release: { keys, prefix, called } }) => {
    const key = keyFor(keys, field) ?? keys.replicas;
    return `${called.at(-1)}${key === undefined ? "" : ` (${prefix}${key})`}`;
  });
  return refuse(
    `${other.release.where}: ${name} has several parts: name the workload that is meant, one of ${parts.slice(0, 8).join(", ")}`,
  );
};

const scalingNote = ({ keys }: Release, scales: { on: boolean; where: string } | undefined): string[] => {
  if (!scales?.on) return [];
  const why = keys.enabled === undefined ? `the chart makes a ${keys.scaler}` : `${keys.enabled} is on`;
  return [`${why} (${scales.where}), so the chart sets no replicas of its own`];
};

const ofRelease = (given: Release, ask: Ask): Choice | Refused => {
  const isSize = ask.field === "memory" || ask.field === "cpu";
  const release = isSize ? given : settled(given);
  if (isRefused(release)) return release;
  const scales = isSize ? undefined : scaling(release);
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
    ...(release.object && { object: release.object }),
    ...(field !== "min" && bound(release, "min", scales)),
    ...(field !== "max" && bound(release, "max", scales)),
    notes: isSize ? ["the pods start anew with it"] : scalingNote(release, scales),
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

/** Whether it is one release, also that of one element as it was made twice. */
const isSame = (a: Release, b: Release): boolean =>
  a.where === b.where &&
  (a.object === b.object ||
    (a.object?.element !== undefined &&
      a.object.element.source.node === b.object?.element?.source.node &&
      a.object.written === b.object?.written &&
      a.object.root === b.object?.root));

/** Other releases whose value stands at the same place, and values files beside a chart's own that it does not know of. */
export const sharedValue = (
  all: Release[],
  { location, field }: { location: ValueLocation; field: Field },
  chosen: Release,
): string[] =>
  all
    .filter((other) => !isSame(other, chosen))
    .filter((other) => {
      const key = keyFor(other.keys, field);
      const found = key === undefined ? undefined : valueAt(other, key);
      const there = found && !isRefused(found) && !("absent" in found) ? valueLocationOf(found) : undefined;
      return there && !isRefused(there) && there.file === location.file && there.start === location.start;
    })
    .map(({ where }) => where);
