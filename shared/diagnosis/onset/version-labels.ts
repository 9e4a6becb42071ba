import { ownValue } from "../../records.ts";
import type { Series } from "../model.ts";

/** Labels that tell which version a series is of, those that say it best first. `pod` tells its ReplicaSet. */
const versionLabels = [
  ...["version", "app_version", "app_kubernetes_io_version", "release", "image_tag", "tag", "revision"],
  ...["commit", "sha", "build", "rollouts_pod_template_hash", "pod_template_hash", "replicaset", "pod"],
];
/** Labels of copies: one version may run several times. */
const copyLabels = ["pod", "instance", "node", "host", "container_id", "uid"];
/** Longer names of metrics are taken as they are. */
const maxLength = 4096;

/**
 * A metric as it may be written, `http_errors_total{code="5xx",version="v42"}`: the labels that tell versions, apart from its name with
 * all others. A name with anything else in its braces than labels is taken as it is.
 */
export const readMetric = (text: string): Pick<Series, "metric" | "versions"> => {
  const open = text.indexOf("{");
  if (open < 0 || !text.endsWith("}") || text.length > maxLength) return { metric: text };
  const labels = labelsOf(text.slice(open + 1, -1));
  const versions = labels === undefined ? undefined : versionsIn(Object.fromEntries(labels));
  if (labels === undefined || versions === undefined) return { metric: text };
  const rest = labels
    .filter(([label]) => !Object.hasOwn(versions, label) && !copyLabels.includes(label))
    .map(([label, value]) => `${label}="${value}"`);
  const name = text.slice(0, open);
  return { metric: rest.length === 0 ? name : `${name}{${rest.join(",")}}`, versions };
};

const labelsOf = (inside: string): [string, string][] | undefined => {
  const found: [string, string][] = [];
  const label = /\s*([A-Za-z_][A-Za-z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/gy;
  while (label.lastIndex < inside.length) {
    const [, name, value] = label.exec(inside) ?? [];
    if (name === undefined || value === undefined) return undefined;
    found.push([name, value]);
  }
  return found;
};

/** The labels of a series that may tell its version, with their values; undefined when there are none. `also` is a label from the configuration. */
export const versionsIn = (
  labels: Record<string, string>,
  also?: string,
): Record<string, string> | undefined => {
  const found = [...new Set([...(also === undefined ? [] : [also]), ...versionLabels])].flatMap((label) => {
    const value = ownValue(labels, label) ?? "";
    const version = label === "pod" ? replicaSetOf(value) : value;
    return version === undefined || version === "" ? [] : [[label, version]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
};

/** The characters of Kubernetes' generated names (apimachinery, `util/rand`). */
const generated = "[bcdfghjklmnpqrstvwxz2456789]";
const pod = new RegExp(`^(.+-${generated}{6,10})-${generated}{5}$`);

/** The ReplicaSet that a pod's name begins with; undefined for one that belongs to none, such as a StatefulSet's. */
export const replicaSetOf = (name: string): string | undefined =>
  name.length > 253 ? undefined : pod.exec(name)?.[1];

/** The label by which series are told apart: the first of them that has several values. */
export const distinguishingLabel = (series: Series[]): string | undefined => {
  const all = [...new Set(series.flatMap(({ versions = {} }) => Object.keys(versions)))];
  return all
    .filter((label) => new Set(series.flatMap(({ versions = {} }) => versions[label] ?? [])).size > 1)
    .sort((a, b) => priorityOf(a) - priorityOf(b))[0];
};
/** A label from the configuration is not in the list: it comes first. */
const priorityOf = (label: string): number => versionLabels.indexOf(label);

/** A version with the kind that the label names, such as `commit 1a2b3c`. */
export const called = (label: string, version: string): string => {
  const what = /^(pod|replicaset)$|pod_template_hash/.test(label)
    ? "ReplicaSet"
    : /^(commit|sha)$/.test(label)
      ? "commit"
      : "version";
  return `${what} ${version.length > 60 ? `${version.slice(0, 59)}…` : version}`;
};
