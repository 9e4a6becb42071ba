import { ownValue } from "../../records.ts";
import { isRefused, type Refused, refuse } from "../../yaml/refused.ts";
import { type Cluster, isPart } from "./manifests/cluster.ts";
import { charts, type FileSet, isYaml } from "./manifests/file-set.ts";
import { kinds, neverScaled, unscalable } from "./manifests/kinds.ts";
import { type Rendered, titleOf } from "./manifests/rendered.ts";
import { unlisted } from "./manifests/unlisted.ts";
import { findUnique, locationOfObject, nearby } from "./manifests/workload.ts";
import type { Ask, Target } from "./model.ts";

/** Whether the target is the release of a chart. */
export const isReleased = ({ kind }: Target): boolean => kind === "HelmRelease" || kind === "Application";

/** The sentence about a target that has no scale here: its nearest names, or the reason why it cannot be told. */
export const unknown = (all: Cluster, target: Target, { service, path }: Ask): Refused => {
  const where = path === undefined || path === "" ? "" : ` in ${path}`;
  const scaleless = all.chosen.find(
    ({ written, names }) =>
      names.includes(target.name) && neverScaled(written.kind) && runs.test(written.kind),
  );
  if (service !== undefined && target.kind === "")
    return scaleless
      ? unscalable(scaleless.written.kind)
      : refuse(`nothing here${where} is called ${service} or labelled so and has a scale`);
  if (ownValue(kinds, target.kind) === undefined && !isReleased(target)) return unscalable(target.kind);
  const plain = isReleased(target) ? findUnique(all.chosen, target) : undefined;
  if (plain && !isRefused(plain))
    return refuse(
      `${locationOfObject(plain)}: ${titleOf(plain)} has no values of a chart here: name the workload that it applies`,
    );
  const broken = templated(all.set, target);
  return refuse(
    broken ?? unlisted(all, target, path) ?? nearby([...all.chosen, ...others(all, target)], target, path),
  );
};

const runs = /^(DaemonSet|CronJob|Job|Pod)$/;

/** A few objects of the kind that are called otherwise. */
const others = ({ set, chosen }: Cluster, { kind }: Target): Rendered[] => {
  const known = new Set(chosen.map(({ written }) => written));
  const files = [...set.files]
    .filter(([file, text]) => isYaml(file) && new RegExp(`\\bkind["']?\\s*:\\s*["']?${kind}\\b`).test(text))
    .slice(0, shownFiles);
  return files
    .flatMap(([file]) => set.objects(file))
    .filter((one) => !known.has(one))
    .map((one) => ({
      written: one,
      names: [one.name],
      namespaces: one.namespace === undefined ? [] : [one.namespace],
      overrides: [],
    }));
};
const shownFiles = 5;

/** A file that says the target's kind and name but is not YAML before its template is run. */
const templated = (set: FileSet, { kind, name }: Target): string | undefined => {
  const folders = charts(set.files);
  const file = [...set.files.keys()].find((each) => {
    const text = set.files.get(each) ?? "";
    return (
      isYaml(each) &&
      !isPart(folders, each) &&
      set.relevant(each) &&
      text.includes("{{") &&
      text.includes(kind) &&
      (set.parsed(each)?.errors.length ?? 0) > 0
    );
  });
  const line =
    file === undefined
      ? undefined
      : (set.files.get(file) ?? "").split("\n").findIndex((text) => text.includes("{{")) + 1;
  return (
    file && `${file}:${line}: the file is templated ({{ … }}), so ${kind} ${name} cannot be told from it`
  );
};
