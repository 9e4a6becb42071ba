import type { YAMLMap } from "yaml";
import { isSeq } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapsAt, mapsBelow, nodeAt, plainScalar, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { type Form, imagePin, type Pin, pin } from "./pin.ts";

const lists = ["containers", "initContainers", "ephemeralContainers"];

/** `image:` of every container of an object, wherever its pod template is. */
export const manifest = (doc: Doc): Pin[] => {
  if (doc.kind === "" || doc.api === "") return [];
  return [...mapsBelow(doc.root)].flatMap(({ map, trail }) =>
    lists.flatMap((list) =>
      mapsAt(map, list).flatMap((container) => {
        const name = textAt(container, "name");
        if (name === undefined) return [];
        return imagePin(doc, scalarAt(container, "image"), {
          form: "manifest",
          trail: [...trail, list, name],
        });
      }),
    ),
  );
};

/** `images:` and `helmCharts:` of a kustomization, and the chart of a generator of its own. */
export const kustomize = (doc: Doc): Pin[] => {
  if (doc.kind === "HelmChartInflationGenerator")
    return pin(doc, scalarAt(doc.root, "version"), {
      ...{ form: "kustomize", field: "version", name: textAt(doc.root, "name"), trail: ["chart"] },
    });
  const named = /^kustomization\.ya?ml$|^Kustomization$/.test(doc.base);
  const declared = doc.api.startsWith("kustomize.config.k8s.io/");
  if (!named && !declared) return [];
  const charts = mapsAt(doc.root, "helmCharts").flatMap((chart) =>
    pin(doc, scalarAt(chart, "version"), {
      ...{ form: "kustomize", field: "version", name: textAt(chart, "name") },
      trail: ["helmCharts", textAt(chart, "releaseName") ?? "", textAt(chart, "repo") ?? ""],
    }),
  );
  return [...replaced(doc, doc.root, "kustomize"), ...charts, ...remotes(doc)];
};

/** A file of a release by its address: before, version, after. */
export const fileOfRelease =
  /^(https:\/\/(?:raw\.githubusercontent\.com\/[\w.-]+\/[\w.-]+\/|github\.com\/[\w.-]+\/[\w.-]+\/releases\/download\/))(v?\d[\w.+-]*)(\/.*)$/;

/** The revision of each remote base: `https://github.com/acme/app//deploy?ref=v1.2.3`. */
const remotes = (doc: Doc): Pin[] =>
  ["resources", "bases", "components"].flatMap((list) => {
    const node = nodeAt(doc.root, list);
    return (isSeq(node) ? node.items : []).flatMap((item) => {
      const scalar = plainScalar(item);
      const [, before, ref, after] =
        /^(.*[?&])ref=([\w./-]+)(.*)$/.exec(scalar?.value ?? "") ??
        fileOfRelease.exec(scalar?.value ?? "") ??
        [];
      if (before === undefined || ref === undefined) return [];
      const name = before.replace(/[?&]$|\/releases\/download\/$|\/$/, "");
      const what = {
        form: "kustomize" as const,
        field: "revision" as const,
        name,
        trail: [list, after ?? ""],
      };
      return pin(doc, scalar, what).map((one) => ({ ...one, value: ref }));
    });
  });

/** The `images:` of kustomize and of Flux's Kustomization, which replace names. */
export const replaced = (doc: Doc, at: YAMLMap, form: Form): Pin[] =>
  mapsAt(at, "images").flatMap((image) => {
    const name = textAt(image, "name");
    if (name === undefined) return [];
    const what = { form, name: textAt(image, "newName") ?? name, trail: ["images", name] };
    return [
      ...pin(doc, scalarAt(image, "newTag"), { ...what, field: "tag" }),
      ...pin(doc, scalarAt(image, "digest"), { ...what, field: "digest" }),
    ];
  });

/** The same as a list of `[old=]name:tag`, as Argo CD keeps it. */
export const replacedShort = (
  doc: Doc,
  at: YAMLMap,
  { form, trail }: { form: Form; trail: string[] },
): Pin[] => {
  const list = nodeAt(at, "kustomize", "images");
  return (isSeq(list) ? list.items : []).flatMap((item) => {
    const scalar = plainScalar(item);
    const old = /^([^=]+)=/.exec(scalar?.value ?? "")?.[1] ?? "";
    return imagePin(doc, scalar, { form, trail: [...trail, "kustomize", old] });
  });
};
