import type { YAMLMap } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapAt, mapsAt, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { values } from "./helm.ts";
import { replacedShort } from "./kubernetes.ts";
import { type Form, type Pin, pin } from "./pin.ts";

/** The sources of an Argo CD Application, or of an ApplicationSet's template. */
export const application = (doc: Doc): Pin[] => {
  if (!doc.api.startsWith("argoproj.io/")) return [];
  const spec =
    doc.kind === "Application"
      ? mapAt(doc.root, "spec")
      : doc.kind === "ApplicationSet"
        ? mapAt(doc.root, "spec", "template", "spec")
        : undefined;
  if (!spec) return [];
  const single = mapAt(spec, "source");
  return [...(single ? [single] : []), ...mapsAt(spec, "sources")].flatMap((source) => {
    const repository = textAt(source, "repoURL") ?? "";
    const chart = textAt(source, "chart");
    const trail = ["source", repository, textAt(source, "path") ?? "", textAt(source, "ref") ?? ""];
    return [
      ...pin(doc, scalarAt(source, "targetRevision"), {
        ...{ form: "argo-application", field: chart === undefined ? "revision" : "version" },
        ...{ name: chart ?? repository, trail },
      }),
      ...parameters(doc, source, { form: "argo-application", trail }),
    ];
  });
};

/** The overrides that Image Updater writes back: of one application, or of all from the folder. */
export const argocdSource = (doc: Doc): Pin[] => {
  if (!/^\.argocd-source(-.+)?\.ya?ml$/.test(doc.base)) return [];
  return parameters(doc, doc.root, { form: "argocd-source", trail: [] });
};

type Where = { form: Form; trail: string[] };

const parameters = (doc: Doc, source: YAMLMap, where: Where): Pin[] => {
  const given = mapsAt(source, "helm", "parameters");
  const parameter = (name: string) => {
    const found = given.find((one) => textAt(one, "name") === name);
    return found && textAt(found, "value");
  };
  const tags = given.flatMap((one) => {
    const name = textAt(one, "name") ?? "";
    const [, before, part] = /^((?:.*\.)?\w*image\w*)\.(tag|digest)$/i.exec(name) ?? [];
    if (before === undefined) return [];
    return pin(doc, scalarAt(one, "value"), {
      ...{ ...where, field: part?.toLowerCase() === "tag" ? "tag" : "digest" },
      name: parameter(`${before}.repository`) ?? parameter(`${before}.name`),
      trail: [...where.trail, "helm", name],
    });
  });
  const object = mapAt(source, "helm", "valuesObject");
  return [
    ...tags,
    ...replacedShort(doc, source, where),
    ...(object ? values(doc, object, { ...where, named: true }) : []),
  ];
};
