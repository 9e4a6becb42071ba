import { isMap, isScalar, type YAMLMap } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapsAt, mapsBelow, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { isImageName } from "../image.ts";
import { type Form, imagePin, type Pin, pin } from "./pin.ts";
import { isPipeline } from "./pipeline.ts";

/** A values file: by its name, or by `repository` and `tag` side by side, or `image.tag`. Manifests, dot-files and settings of tools are none. */
export const valuesFile = (doc: Doc): Pin[] => {
  if (doc.kind !== "" || doc.api !== "" || isPipeline(doc.path) || doc.base.startsWith(".")) return [];
  if (/^(kustomization|Chart|requirements|helmfile)\b/.test(doc.base)) return [];
  const named = /values|compose|serverless/i.test(doc.path);
  return values(doc, doc.root, { form: "helm-values", trail: [], named });
};

type Where = { form: Form; trail: string[]; named: boolean };

/**
 * The conventions of charts: `image.repository` with `image.tag` or `image.digest` (and `registry` before it), `image:` as one
 * reference, `imageTag` beside `image`. Without a name that says values, only the first.
 */
export const values = (doc: Doc, at: YAMLMap, { form, trail: before, named }: Where): Pin[] =>
  [...mapsBelow(at)].flatMap(({ map, trail: below }) => {
    const trail = [...before, ...below];
    const last = below.at(-1) ?? "";
    const name = nameOf(map);
    const called = /image$/i.test(last) && (named || /\d/.test(textAt(map, "tag") ?? ""));
    const what = { form, trail, name };
    const split =
      name !== undefined || called
        ? [
            ...pin(doc, scalarAt(map, "tag"), { ...what, field: "tag" }),
            ...pin(doc, scalarAt(map, "digest"), { ...what, field: "digest" }),
          ]
        : [];
    return [...split, ...beside(doc, map, { form, trail }), ...oneLine(doc, map, { form, trail, named })];
  });

/** A version beside an image that has none: `image: acme/api` with `version`, `image_version` or `tag`; `repository` with `version`. */
const beside = (doc: Doc, map: YAMLMap, { form, trail }: Pick<Where, "form" | "trail">): Pin[] => {
  const image = textAt(map, "image");
  const name = image !== undefined && isImageName(image) ? image : nameOf(map);
  if (name === undefined) return [];
  const keys =
    image === undefined ? ["version"] : ["tag", "version", "image_version", "imageVersion", "digest"];
  return keys.flatMap((key) =>
    pin(doc, scalarAt(map, key), {
      ...{ form, field: key === "digest" ? "digest" : "tag", name, trail: [...trail, key] },
    }),
  );
};

/** The image that `repository` (or Istio's `hub`) and `registry` make together. */
const nameOf = (map: YAMLMap): string | undefined => {
  const repository = textAt(map, "repository") ?? textAt(map, "hub");
  if (repository === undefined || !isImageName(repository)) return undefined;
  const registry = textAt(map, "registry");
  const whole = registry === undefined ? repository : `${registry}/${repository}`;
  return isImageName(whole) ? whole : repository;
};

/** A file that is not called values has only references with a path, which are hardly anything else. */
const oneLine = (doc: Doc, map: YAMLMap, { form, trail, named }: Where): Pin[] =>
  map.items.flatMap(({ key, value }) => {
    const called = isScalar(key) ? String(key.value) : "";
    if (isMap(value)) return [];
    if (/image$/i.test(called)) {
      const scalar = scalarAt(map, called);
      const isClear = named || (scalar?.value.includes("/") ?? false);
      return isClear ? imagePin(doc, scalar, { form, trail: [...trail, called] }) : [];
    }
    if (!named) return [];
    const [, before] = /^(.*image)_?tag$/i.exec(called) ?? [];
    if (before === undefined) return [];
    const name = textAt(map, before);
    return pin(doc, scalarAt(map, called), {
      ...{ form, field: "tag", trail: [...trail, called] },
      name: name !== undefined && isImageName(name) ? name : undefined,
    });
  });

/** The chart's own version, the version of what it runs, and the charts that it depends on. */
export const chart = (doc: Doc): Pin[] => {
  if (!/^(Chart|requirements)\.ya?ml$/.test(doc.base)) return [];
  const own = { form: "chart" as const, field: "version" as const, name: textAt(doc.root, "name") };
  const dependencies = mapsAt(doc.root, "dependencies").flatMap((one) =>
    pin(doc, scalarAt(one, "version"), {
      ...{ form: "chart", field: "version", name: textAt(one, "name") },
      trail: ["dependencies", textAt(one, "alias") ?? "", textAt(one, "repository") ?? ""],
    }),
  );
  const name = textAt(doc.root, "name");
  const itself = pin(doc, scalarAt(doc.root, "version"), {
    ...{ form: "chart", field: "version", name: name && `chart ${name}`, trail: ["version"] },
  }).map((one): Pin => ({ ...one, aside: true }));
  return [
    ...itself,
    ...pin(doc, scalarAt(doc.root, "appVersion"), { ...own, trail: ["appVersion"] }),
    ...dependencies,
  ];
};

/** The releases of a helmfile, whatever it is called: the form in which Jenkins X promotes. */
export const helmfile = (doc: Doc): Pin[] =>
  doc.kind === "" && doc.api === ""
    ? mapsAt(doc.root, "releases").flatMap((one) =>
        pin(doc, scalarAt(one, "version"), {
          ...{ form: "helmfile", field: "version", name: textAt(one, "chart") },
          trail: ["releases", textAt(one, "namespace") ?? "", textAt(one, "name") ?? ""],
        }),
      )
    : [];
