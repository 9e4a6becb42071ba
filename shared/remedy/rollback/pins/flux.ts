import { isMap, isScalar, isSeq, type Scalar } from "yaml";
import { ownValue } from "../../../records.ts";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapAt, plainScalar, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { values } from "./helm.ts";
import { replaced } from "./kubernetes.ts";
import { imagePin, type Pin, pin } from "./pin.ts";

/** The chart's version and the image of the values of a HelmRelease. */
export const helmRelease = (doc: Doc): Pin[] => {
  if (doc.kind !== "HelmRelease" || !doc.api.startsWith("helm.toolkit.fluxcd.io/")) return [];
  const chart = mapAt(doc.root, "spec", "chart", "spec");
  const given = mapAt(doc.root, "spec", "values");
  return [
    ...(chart
      ? pin(doc, scalarAt(chart, "version"), {
          ...{ form: "flux-helmrelease", field: "version", name: textAt(chart, "chart") },
          trail: ["chart", textAt(chart, "sourceRef", "name") ?? ""],
        })
      : []),
    ...(given ? values(doc, given, { form: "flux-helmrelease", trail: ["values"], named: true }) : []),
  ];
};

const sources: Record<string, [string, Pin["field"]][]> = {
  OCIRepository: [
    ["tag", "tag"],
    ["digest", "digest"],
    ["semver", "version"],
  ],
  GitRepository: [
    ["tag", "revision"],
    ["commit", "revision"],
    ["semver", "version"],
  ],
};

/** The revision that a source follows, where it is not a branch, and the images of a Flux Kustomization. */
export const fluxSource = (doc: Doc): Pin[] => {
  if (!/\.toolkit\.fluxcd\.io\//.test(doc.api)) return [];
  const spec = mapAt(doc.root, "spec");
  if (!spec) return [];
  if (doc.kind === "Kustomization") return replaced(doc, spec, "kustomize");
  if (doc.kind === "HelmChart")
    return pin(doc, scalarAt(spec, "version"), {
      ...{ form: "flux-source", field: "version", name: textAt(spec, "chart"), trail: ["chart"] },
    });
  const name = textAt(spec, "url")?.replace(/^oci:\/\//, "");
  return (ownValue(sources, doc.kind) ?? []).flatMap(([key, field]) =>
    pin(doc, scalarAt(spec, "ref", key), { form: "flux-source", field, name, trail: ["ref", key] }),
  );
};

const marker = /\{\s*"\$imagepolicy"\s*:\s*"([\w.-]+:[\w.-]+?)(?::(tag|name|digest))?"\s*\}/;

/** Scalars that Flux's image automation is told to rewrite, by the marker on their line. `field` is the whole image by default. */
export function* marked(node: unknown): Generator<{ scalar: Scalar; policy: string; field: string }> {
  if (isScalar(node)) {
    const [, policy, field = "image"] = marker.exec(node.comment ?? "") ?? [];
    if (policy !== undefined) yield { scalar: node, policy, field };
  }
  if (isMap(node)) for (const { value } of node.items) yield* marked(value);
  if (isSeq(node)) for (const item of node.items) yield* marked(item);
}

/** The pins that markers tell of: each names the policy, those that no form knows are added. */
export const withMarkers = (doc: Doc, pins: Pin[]): Pin[] => {
  const found = [...marked(doc.root)];
  const policies = new Map(found.map(({ scalar, policy }) => [scalar.range?.[0], policy]));
  const named = pins.map((one) => {
    const policy = policies.get(one.range[0] - doc.skipped);
    return policy === undefined ? one : { ...one, policy };
  });
  const known = new Set(pins.map(({ range }) => range[0]));
  const more = found.flatMap(({ scalar, policy, field }) => {
    const plain = plainScalar(scalar);
    if (!plain || known.has((plain.range?.[0] ?? 0) + doc.skipped) || field === "name") return [];
    const what = { form: "flux-marker" as const, trail: [policy] };
    const made =
      field === "image"
        ? imagePin(doc, plain, what)
        : pin(doc, plain, { ...what, field: field as "tag" | "digest", name: undefined });
    return made.map((one) => ({ ...one, policy }));
  });
  return [...named, ...more];
};
