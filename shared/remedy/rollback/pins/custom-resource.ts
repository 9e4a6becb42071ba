import { isMap, isScalar, isSeq, type YAMLMap } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapAt, mapsBelow, nodeAt, plainScalar, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { isImageName } from "../image.ts";
import { imagePin, type Pin, pin } from "./pin.ts";

/** Groups whose objects have forms of their own, or no version that a bump moves. */
const others =
  /^(apps|batch|autoscaling|policy|rbac|networking|storage|admissionregistration|apiextensions|argoproj|kustomize|helm|source)\b|\.k8s\.io\/|toolkit\.fluxcd\.io\//;

/** Versions in the objects that operators read: `spec.version`, `spec.image` or `imageName`, an OLM channel, the images of a Kargo freight. */
export const customResource = (doc: Doc): Pin[] => {
  const isKargo = doc.api.startsWith("kargo.akuity.io/");
  if (doc.kind === "" || !doc.api.includes("/") || (others.test(doc.api) && !isKargo)) return [];
  const spec = mapAt(doc.root, "spec");
  return [...(isKargo ? freight(doc) : []), ...(spec ? [...olm(doc, spec), ...run(doc, spec)] : [])];
};

const run = (doc: Doc, spec: YAMLMap): Pin[] => {
  const what = {
    form: "resource" as const,
    name: textAt(spec, "image") ?? `${doc.api.split("/", 1).join("")}/${doc.kind}`,
  };
  const named = ["version", "tag", "imageTag"].flatMap((key) =>
    pin(doc, scalarAt(spec, key), {
      ...what,
      field: key === "version" ? "version" : "tag",
      trail: ["spec", key],
    }),
  );
  return [
    ...named.filter(({ value }) => /\d/.test(value)),
    ...versionsBelow(doc, spec),
    ...imagesBelow(doc, spec),
  ];
};

/** Every `version` deeper in the spec that is a number: `spec.kubernetes.version`. */
const versionsBelow = (doc: Doc, spec: YAMLMap): Pin[] =>
  [...mapsBelow(spec)].flatMap(({ map, trail }) =>
    trail.length === 0 || !/^v?\d+(\.\d+)+/.test(textAt(map, "version") ?? "")
      ? []
      : pin(doc, scalarAt(map, "version"), {
          ...{ form: "resource", field: "version", trail: ["spec", ...trail, "version"] },
          name: textAt(map, "name") ?? `${doc.kind}.${trail.at(-1)}`,
        }),
  );

/** Every `image`, `imageName`, `package` or `url: oci://…` that is a whole reference, outside of the containers of pods. */
const imagesBelow = (doc: Doc, spec: YAMLMap): Pin[] =>
  [...mapsBelow(spec)].flatMap(({ map, trail }) =>
    /^(?:init|ephemeral)?containers$/i.test(trail.at(-2) ?? "")
      ? []
      : map.items.flatMap(({ key }) => {
          const called = isScalar(key) ? String(key.value) : "";
          const isImage =
            /^(image|imageName|package)$|[a-z]Image$/.test(called) ||
            (called === "url" && textAt(map, called)?.startsWith("oci://"));
          if (!isImage) return [];
          return imagePin(doc, scalarAt(map, called), {
            form: "resource",
            trail: ["spec", ...trail, called],
          });
        }),
  );

const olm = (doc: Doc, spec: YAMLMap): Pin[] =>
  doc.kind === "Subscription" && doc.api.startsWith("operators.coreos.com/")
    ? ["channel", "startingCSV"].flatMap((key) =>
        pin(doc, scalarAt(spec, key), {
          ...{ form: "resource", field: "version", name: textAt(spec, "name"), trail: ["spec", key] },
        }),
      )
    : [];

/** `repoURL` with `tag`, `digest` or `version` beside it. */
const freight = (doc: Doc): Pin[] =>
  [...mapsBelow(doc.root)].flatMap(({ map, trail }) => {
    const name = textAt(map, "repoURL");
    if (name === undefined) return [];
    return (["tag", "digest", "version"] as const).flatMap((field) =>
      pin(doc, scalarAt(map, field), { form: "resource", field, name, trail: [...trail, name] }),
    );
  });

/** JSON 6902 operations that set an image: `path: …/image` with `value: name:tag`. */
export const operations = (doc: Doc): Pin[] =>
  [...mapsBelow(doc.root)].flatMap(({ map }) => {
    const path = textAt(map, "path");
    const isImage = path !== undefined && /\/image$/.test(path) && textAt(map, "op") !== undefined;
    return isImage ? imagePin(doc, scalarAt(map, "value"), { form: "kustomize", trail: ["op", path] }) : [];
  });

/** `literals:` of a generator: `API_IMAGE=acme/api:1.2`, `API_VERSION=1.2`. */
export const literals = (doc: Doc): Pin[] =>
  ["configMapGenerator", "secretGenerator"].flatMap((generator) => {
    const list = nodeAt(doc.root, generator);
    return (isSeq(list) ? list.items : []).flatMap((one) => {
      const given = isMap(one) ? one.get("literals", true) : undefined;
      return (isSeq(given) ? given.items : []).flatMap((item) => literal(doc, item));
    });
  });

const literal = (doc: Doc, item: unknown): Pin[] => {
  const scalar = isScalar(item) ? plainScalar(item) : undefined;
  const [, key = "", value = ""] = /^([\w.-]+)=(.+)$/.exec(scalar?.value ?? "") ?? [];
  if (!scalar || key === "" || value.length > 256) return [];
  if (/image$/i.test(key)) return imagePin(doc, scalar, { form: "kustomize", trail: ["literals", key] });
  if (!/(version|tag)$/i.test(key) || !/^[\w.+-]*\d[\w.+-]*$/.test(value) || isImageName(scalar.value))
    return [];
  const what = { form: "kustomize" as const, field: "tag" as const, name: key, trail: ["literals", key] };
  return pin(doc, scalar, what).map((one) => ({ ...one, value }));
};
