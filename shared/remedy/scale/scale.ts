import { isRefused, type Owner, type Refused, refuse } from "../../yaml/refused.ts";
import { isReleased, unknown } from "./absent.ts";
import { forbidden } from "./admission.ts";
import { effectsOf } from "./effects.ts";
import { besideValues } from "./helm/local-charts.ts";
import type { Release } from "./helm/release.ts";
import { releases } from "./helm/releases.ts";
import { autoscaled, chooseValue, releasesOf, sharedValue } from "./helm/values.ts";
import { clusterAutoscaler } from "./iac/cluster-autoscaler.ts";
import { pulumi } from "./iac/pulumi.ts";
import { terraform } from "./iac/terraform.ts";
import { resolveValue } from "./limits.ts";
import { type Cluster, cluster, type Root, rootsReaching, sameNamespace } from "./manifests/cluster.ts";
import { type FileSet, fileSet, join, mentions, mentionsAll, within, written } from "./manifests/file-set.ts";
import { targetOf } from "./manifests/find-service.ts";
import { kindOf, scalers } from "./manifests/kinds.ts";
import { madeOf } from "./manifests/layers.ts";
import { namespaceOf, type Rendered, titleOf } from "./manifests/rendered.ts";
import { broken } from "./manifests/unreadable.ts";
import {
  findUnique,
  generatorOf,
  locationOfObject,
  type Related,
  refers,
  related,
  relatedTo,
} from "./manifests/workload.ts";
import { type Ask, limits as defaults, type Edited, type Files, type Limits, type Target } from "./model.ts";
import { type OwnLayer, ownLayer } from "./own-layer.ts";
import { type Choice, choose } from "./owner.ts";
import { beyond, outside, sharedBy } from "./reach.ts";
import type { ValueLocation } from "./value-edit.ts";

/**
 * Changes the one value that decides what is asked for, in the file that owns it, or says in one sentence why not. Nothing else of the
 * files changes: the edit is a splice, and both texts are parsed and compared.
 */
export const scale = (files: Files, ask: Ask, limits: Limits = defaults): Edited | Refused => {
  const { target } = ask;
  const any = target?.namespace === "-" ? { ...ask, target: { ...target, namespace: "" } } : ask;
  const found = find(files, any);
  if (isRefused(found)) return found;
  const { choice, own, shared, all } = found;
  const owner = ownerOf(choice);
  const resolved = resolveValue(choice, ask, limits);
  if (isRefused(resolved)) return refuse(resolved.refused, owner);
  const no = all && forbidden(choice, resolved.after, all());
  if (no) return refuse(no.refused, owner);
  if (own && shared) return inOwnLayer(files, any, { ...found, own, shared, after: resolved.after });
  const text = replaceValue(files, choice, resolved.after);
  return isRefused(text) ? refuse(text.refused, owner) : editedOf(found, resolved.after, text);
};

type Own = FoundChoice & { own: OwnLayer; shared: Refused; after: string };

/** The value set in the environment's own kustomization, when everything read anew says that it decides there, and as wanted. */
const inOwnLayer = (files: Files, ask: Ask, { choice, own, after, all, shared }: Own): Edited | Refused => {
  const text = own.with(after);
  const again =
    text === undefined ? undefined : find(new Map([...files, [own.file, text]]), ask, all?.().set);
  if (text === undefined || again === undefined || isRefused(again) || !decides(again, own, after))
    return refuse(shared.refused, ownerOf(choice));
  const { location } = choice;
  const note = `${location.file}:${location.line}: ${location.path} of ${location.value} stays, as others use it too: ${own.file} sets it for this one alone`;
  const effects = [...effectsOf(choice, after), note];
  const edited = editedOf({ choice, ...(all && { all }) }, after, text);
  const { file, line, path } = again.choice.location;
  const owner = { ...ownerOf(choice), file, line, path };
  return { ...edited, owner, effects, ...(all && renderingOf(all(), rootOf(all(), choice), own.file)) };
};

const decides = ({ choice: { location }, own }: FoundChoice, { file }: OwnLayer, after: string): boolean =>
  own === undefined && location.file === file && location.value === after;

const ownerOf = ({ kind, name, location: { file, line, path } }: Choice): Owner => ({
  ...{ kind, name, file, line, path },
});

/** The file with the new value, when parsing both texts proves that nothing else changes. */
const replaceValue = (files: Files, { location }: Choice, after: string): string | Refused => {
  const { file, line, start, end, quote } = location;
  const before = files.get(file) ?? "";
  const text = `${before.slice(0, start)}${quote}${after}${quote}${before.slice(end)}`;
  const unproved = location.verifyEdit(before, text, after);
  return unproved
    ? refuse(`${file}:${line}: the edit is not certain to change this value alone: ${unproved}`)
    : text;
};

const editedOf = ({ choice, all }: FoundChoice, after: string, text: string): Edited => {
  const { field, location } = choice;
  const isCount = field !== "memory" && field !== "cpu";
  const value = (written: string) => (isCount ? Number(written) : written);
  return {
    ...{ owner: ownerOf(choice), before: value(location.value), after: value(after), text },
    ...(all && renderingOf(all(), rootOf(all(), choice), location.file)),
    effects: effectsOf(choice, after),
  };
};

/** The kustomization that shows the edit: the object's own, or the one that applies the file of the deployer's layer. */
const renderingOf = (
  { layers, roots }: Cluster,
  root: Root | undefined,
  file: string,
): Pick<Edited, "rendering"> | undefined => {
  if (root === undefined) return undefined;
  const shown = [root, ...rootsReaching(layers, roots, file)]
    .map(({ folder }) => ({ root: folder, of: madeOf(layers, folder) }))
    .find(({ of }) => of.some((part) => within(part, file)));
  return shown && { rendering: shown };
};

/** `own`: the value is set there, as it stands in a layer of several environments. */
const rootOf = ({ roots }: Cluster, { object }: Choice): Root | undefined =>
  object?.root === undefined ? undefined : roots.get(object.root);

/** `own`: the value is set there, as it stands in a layer of several environments; `shared` says so. */
type FoundChoice = { choice: Choice; own?: OwnLayer; shared?: Refused; all?: () => Cluster };

/** `before` is the set of the same files before the edit of one. */
const find = (files: Files, ask: Ask, before?: FileSet): FoundChoice | Refused => {
  const { target, service } = ask;
  if (target && /^pulumi$/i.test(target.kind))
    return elsewhere(
      pulumi(
        fileSet(files, () => true),
        target,
        ask,
      ),
      ask,
    );
  if (target && (/^terraform$/i.test(target.kind) || /^[a-z]+_[a-z_]+$/.test(target.kind)))
    return elsewhere(
      terraform(
        fileSet(files, () => true),
        target,
        ask,
      ),
      ask,
    );
  if (target && /^cluster-?autoscaler$/i.test(target.kind)) return ofNodeGroup(files, target, ask);
  const name = target?.name ?? service ?? "";
  return named(files, ask, { all: [name], ...(before && { before }) });
};

type Names = { all: string[]; before?: FileSet };

/** The choice among the files that say one of the names; those of a target with another name, which a scaler is found to have, are read too. */
const named = (files: Files, ask: Ask, { all, before }: Names): FoundChoice | Refused => {
  const names = [
    ...new Set(all.flatMap((name) => [name, ...written(files, name.replace(/^keda-hpa-/, ""))])),
  ];
  const set = fileSet(files, mentions(names, ask.target?.namespace ?? ""), before);
  const wrong = broken(set);
  if (wrong)
    return refuse(
      `${wrong}; nothing is changed while a file that names it cannot be read, as it may say something else of the target`,
    );
  return inCluster(set, ask, names);
};

/** A value of the autoscaler's own configuration, which may stand in a layer of several environments. */
const ofNodeGroup = (files: Files, target: Target, ask: Ask): FoundChoice | Refused => {
  const about = mentions([target.name], "");
  const set = fileSet(files, about);
  const found = elsewhere(clusterAutoscaler(set, target, ask), ask);
  if (isRefused(found)) return found;
  const all = cluster(set, ask.path);
  return beyond(found.choice, target.name, { all, path: ask.path }) ?? found;
};

type Elsewhere =
  | ReturnType<typeof terraform>
  | ReturnType<typeof pulumi>
  | ReturnType<typeof clusterAutoscaler>;

const elsewhere = (found: Elsewhere, { field }: Ask): FoundChoice | Refused => {
  if (isRefused(found)) return found;
  const { min, desired, max, notes } = {
    ...{ min: undefined, desired: undefined, max: undefined, notes: [] },
    ...found,
  };
  const where = `${found.location.file}`;
  return {
    choice: {
      ...{ kind: found.kind, name: found.name, location: found.location, field, notes },
      ...(min !== undefined && { min: { value: min, where } }),
      ...(desired !== undefined && { desired: { value: desired, where } }),
      ...(max !== undefined && { max: { value: max, where } }),
    },
  };
};

const inCluster = (set: FileSet, ask: Ask, names: string[]): FoundChoice | Refused => {
  const all = cluster(set, ask.path);
  const target = targetIn(all, ask);
  if (isRefused(target)) return target;
  const every = releases(all.set, all.rendered, undefined);
  const mine = releasesOf(releases(all.set, withSets(all), ask.path), target);
  const released = mine.length > 0 ? mine : releasesOf(every, target);
  const found = isReleased(target) ? undefined : kubernetes(all, target, ask.path);
  if (isRefused(found)) return found;
  const unread = found?.called.filter((name) => !names.includes(name)) ?? [];
  if (unread.length > 0) return named(set.files, ask, { all: [...names, ...unread], before: set });
  if (found === undefined) {
    if (released.length === 0 || isElsewhere(all, released, target)) return unknown(all, target, ask);
    return ofReleases(all, every, { released, ask });
  }
  const twice = conflictingOwners(found, released, ask.path);
  if (twice) return twice;
  const choice = choose(found, ask, all);
  if (isRefused(choice)) return choice;
  const shared = sharedBy(choice, all);
  const own = shared && ownLayer(choice, all);
  const elsewhere = own ? undefined : (shared ?? outside(choice, aboutOf(found), { all, path: ask.path }));
  if (elsewhere) return elsewhere;
  return {
    choice,
    ...(own && shared && { own, shared }),
    all: () => whole(set, all, { names, namespace: found.namespace, path: ask.path }),
  };
};

/** A chart that nothing releases is in no namespace: it is not the target where manifests make one of that name in another. */
const isElsewhere = ({ chosen }: Cluster, released: Release[], { kind, name }: Target): boolean =>
  released.every((one) => one.kind === "Chart") &&
  chosen.some(({ written, names }) => written.kind === kind && names.includes(name));

/** The chosen objects, and every ApplicationSet: it decides values of charts that stand elsewhere. */
const withSets = ({ chosen, rendered }: Cluster): Rendered[] => [
  ...new Set([...chosen, ...rendered.filter(({ written }) => written.kind === "ApplicationSet")]),
];

const aboutOf = ({ workload, called, kind }: Related): string =>
  workload ? `${titleOf(workload)} (${locationOfObject(workload)})` : `${kind} ${called.at(-1)}`;

/** Everything of the namespace where a quota rules over it, and else what is known already. */
const whole = (
  set: FileSet,
  all: Cluster,
  { names, namespace, path }: { names: string[]; namespace: string; path: string | undefined },
): Cluster => {
  const ruled = all.rendered.some(
    (one) => one.written.kind === "ResourceQuota" && sameNamespace(namespaceOf(one), namespace),
  );
  return ruled ? cluster(fileSet(set.files, mentionsAll(names, namespace)), path) : all;
};

const targetIn = (all: Cluster, { target, service = "" }: Ask): Target | Refused => {
  if (!target) return targetOf(all.chosen, service) ?? { kind: "", namespace: "", name: service };
  const kind = kindOf(target.kind) ?? target.kind;
  return { ...target, kind };
};

/** The objects of the target in the manifests; undefined when there are none. */
const kubernetes = (all: Cluster, target: Target, path = ""): Related | Refused | undefined => {
  const maker = generatorOf(all.chosen, target);
  const one =
    maker ?? (target.kind === "" ? scalerCalled(all.chosen, target) : findUnique(all.chosen, target));
  if (isRefused(one)) return one;
  if (one) return relatedTo(one, all, path);
  if (scalers.includes(target.kind) || target.kind === "") return undefined;
  const roots = [...new Set(all.chosen.map(({ root }) => root))];
  const referring = roots
    .map((root) =>
      related(
        all.chosen.filter((each) => each.root === root),
        { kind: target.kind, called: [target.name], namespace: target.namespace },
      ),
    )
    .filter((each) => isRefused(each) || each.scalers.length + each.vpas.length > 0);
  const [first, another] = referring;
  if (another && first)
    return refuse(
      `two owners: autoscalers of ${target.kind} ${target.name} in ${roots
        .map((root) => root ?? ".")
        .slice(0, 3)
        .join(" and ")}; say which with --path`,
    );
  return first;
};

const scalerCalled = (all: Rendered[], target: Target): Rendered | Refused | undefined => {
  const kind = scalers.find((each) =>
    all.some((one) => one.written.kind === each && one.names.includes(target.name)),
  );
  return kind === undefined ? undefined : findUnique(all, { ...target, kind });
};

/** A chart that makes an autoscaler or the workload of its own beside what the manifests say; one that nothing releases only within the path. */
const conflictingOwners = (found: Related, released: Release[], path = ""): Refused | undefined => {
  const [scaler] = found.scalers;
  for (const release of released.filter((one) => one.kind !== "Chart" || within(path, one.where))) {
    const scales = autoscaled(release);
    const both = isRefused(scales) || (scaler ? scales?.on : found.workload !== undefined);
    const how = release.kind === "Chart" ? "; say which with --path" : "";
    if (both)
      return refuse(
        `two owners: ${(scaler ?? found.workload)?.written.source.parsed.file} and the chart of ${release.where} both decide the scale of ${found.called.at(-1)}${how}`,
      );
  }
  return undefined;
};

type Asked = { released: Release[]; ask: Ask };

const ofReleases = (all: Cluster, every: Release[], { released, ask }: Asked): FoundChoice | Refused => {
  const chosen = chooseValue(released, ask);
  if (isRefused(chosen)) return chosen;
  const { choice, release } = chosen;
  const { location } = choice;
  const others = [
    ...sharedValue(every, choice, release),
    ...unusedValues(all.set, every, { release, location }),
  ];
  if (others.length > 0)
    return refuse(
      `${location.file}:${location.line}: ${location.path} is also the value of ${others.slice(0, 3).join(", ")}: set it for this one alone first`,
    );
  const scaler = scalerOf(all, choice, release);
  if (scaler)
    return refuse(
      `two owners: ${location.file}:${location.line} (${location.path}) and ${titleOf(scaler)} (${locationOfObject(scaler)}), which scales what the chart makes`,
    );
  const title = `${release.kind} ${release.name}`;
  const elsewhere = beyond(choice, title, { all, path: ask.path });
  return elsewhere ?? { choice };
};

/** An autoscaler in the manifests over a workload that the release makes, where a number of replicas is to be changed. */
const scalerOf = ({ rendered }: Cluster, { field }: Choice, release: Release): Rendered | undefined =>
  field === "replicas"
    ? rendered.find(
        (one) =>
          scalers.includes(one.written.kind) &&
          (release.called.includes(refers(one).name) || isOpen(one, release)) &&
          sameNamespace(namespaceOf(one), release.namespace),
      )
    : undefined;

/** Whether a variable that nothing here sets names the target, among what is applied with the release. */
const isOpen = (one: Rendered, { object }: Release): boolean =>
  refers(one).name.includes("${") && one.root !== undefined && one.root === object?.root;

/** The values files of other environments beside a chart's own file, where that is to be edited. */
const unusedValues = (
  set: FileSet,
  every: Release[],
  { release, location }: { release: Release; location: ValueLocation },
): string[] => {
  const { chart } = release;
  if (chart === undefined || location.file !== join(chart, "values.yaml")) return [];
  const known = every.flatMap(({ values }) =>
    values.flatMap((one) => ("source" in one ? [one.source.parsed.file] : [])),
  );
  return besideValues(set, chart).filter((file) => !known.includes(file));
};
