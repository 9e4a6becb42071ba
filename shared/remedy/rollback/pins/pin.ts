import type { Scalar } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { parseImage, versionOf } from "../image.ts";

/** The form of file in which a version is pinned, as the tool that reads it calls the file. */
export type Form =
  | "kustomize"
  | "helm-values"
  | "manifest"
  | "argo-application"
  | "argocd-source"
  | "flux-helmrelease"
  | "flux-source"
  | "flux-marker"
  | "chart"
  | "helmfile"
  | "resource"
  | "keyed"
  | "pipeline"
  | "lines";
export type Field = "image" | "tag" | "digest" | "version" | "revision";

/** One scalar of a file that says which version of something runs. */
export type Pin = {
  form: Form;
  field: Field;
  /** The image, the chart or the repository; absent where the file does not say. */
  name?: string;
  /** The tag, digest, `tag@digest`, chart version or revision. */
  value: string;
  /** Names the pin and does not change with the version. */
  key: string;
  /** Of a whole image reference: its place, which does not change with the image's name either. */
  place?: string;
  /** Several pins of the file have its name: only their turn tells it apart. */
  turned?: true;
  /** The version of a tool or of the chart's own file: no commit of the application is behind it. */
  aside?: true;
  /** The range of the scalar in the text, quotes included. */
  range: [number, number];
  /** The Flux ImagePolicy that a marker on its line names: `namespace:name`. */
  policy?: string;
};

type What = { form: Form; field: Field; name: string | undefined; trail: string[] };

/** A scalar that holds the version and nothing else. */
export const pin = (doc: Doc, scalar: Scalar<string> | undefined, what: What): Pin[] => {
  if (!scalar?.range) return [];
  const [from, to] = scalar.range;
  const { form, field, name, trail } = what;
  return [
    {
      ...{ form, field, value: scalar.value, range: [from + doc.skipped, to + doc.skipped] },
      key: [doc.id, ...trail, field, name ?? ""].join("\0"),
      ...(name !== undefined && { name }),
    },
  ];
};

/** A scalar that is a whole image reference, with `prefix` before it; nothing when it pins no version. */
export const imagePin = (
  doc: Doc,
  scalar: Scalar<string> | undefined,
  { form, trail }: Pick<What, "form" | "trail">,
): Pin[] => {
  const text = scalar?.value ?? "";
  const image = parseImage(text.slice(text.indexOf("=") + 1).replace(/^oci:\/\//, ""));
  if (!scalar || !image || (image.tag === undefined && image.digest === undefined)) return [];
  const pins = pin(doc, scalar, { form, field: "image", name: image.name, trail });
  const isListed = trail.some((step) => /^\d+$/.test(step));
  const place = isListed ? {} : { place: [doc.id, ...trail].join("\0") };
  return pins.map((one) => ({ ...one, ...place, value: versionOf(image) }));
};
