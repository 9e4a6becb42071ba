import { isScalar, type YAMLMap } from "yaml";
import type { Doc } from "../../../yaml/manifests.ts";
import { mapsBelow, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { parseImage } from "../image.ts";
import { isVersionKey } from "../version-key.ts";
import { imagePin, type Pin, pin } from "./pin.ts";
import { isPipeline } from "./pipeline.ts";

/** Versions that nothing but their own key names: `image_tag`, `k3s_version`, a label, `{ name: API_VERSION, value: … }`, `ami`. */
export const keyed = (doc: Doc): Pin[] =>
  doc.kind === "CustomResourceDefinition"
    ? []
    : [
        ...[...mapsBelow(doc.root)].flatMap(({ map, trail }) => [
          ...pairs(doc, map, trail),
          ...variable(doc, map, trail),
        ]),
        ...listed(doc),
      ];

const pairs = (doc: Doc, map: YAMLMap, trail: string[]): Pin[] =>
  map.items.flatMap(({ key }) => {
    const called = isScalar(key) ? String(key.value) : "";
    const value = textAt(map, called) ?? "";
    const own = called === "version" && isValues(doc, trail) && isDotted(value);
    if (own) return [...one(doc, map, { called, trail, name: trail.at(-1) ?? doc.base })];
    if (isReference(value)) return referred(doc, map, { called, trail });
    if (called === "helm.sh/chart") return ofChart(doc, map, trail);
    return isKeyed(called, value) ? one(doc, map, { called, trail, name: called }) : [];
  });

/** A whole image with its digest is an image, whatever its key: `sink: registry.example/sink@sha256:…`. */
const isReference = (value: string): boolean => {
  const image = parseImage(value);
  return image?.digest !== undefined && image.name.includes("/");
};

const referred = (doc: Doc, map: YAMLMap, { called, trail }: Omit<Called, "name">): Pin[] =>
  imagePin(doc, scalarAt(map, called), { form: "keyed", trail: [...trail, called] }).map(asideIn(doc));

/** The chart that rendered manifests say that they are of: `helm.sh/chart: istiod-1.29.1`. */
const ofChart = (doc: Doc, map: YAMLMap, trail: string[]): Pin[] => {
  const called = "helm.sh/chart";
  const name = /^(.+?)-v?\d+\.\d/.exec(textAt(map, called) ?? "")?.[1];
  return name === undefined
    ? []
    : one(doc, map, { called, trail, name }).map((pin): Pin => ({ ...pin, aside: true }));
};

const asideIn =
  (doc: Doc) =>
  (found: Pin): Pin =>
    isPipeline(doc.path) ? { ...found, aside: true } : found;

const isKeyed = (key: string, value: string): boolean =>
  (isVersionKey(key) && isVersionLike(value)) || (/(^|[_-])ami([_-]?id)?$/i.test(key) && isAmi(value));

/** `name: API_IMAGE` with `value:` beside it, as environments and parameters are listed. */
const variable = (doc: Doc, map: YAMLMap, trail: string[]): Pin[] => {
  const name = textAt(map, "name") ?? "";
  const value = textAt(map, "value") ?? "";
  const where = [...trail, name];
  if (/image$/i.test(name) && /[:@]/.test(value))
    return imagePin(doc, scalarAt(map, "value"), { form: "keyed", trail: where });
  return isKeyed(name, value) ? one(doc, map, { called: "value", trail: where, name }) : [];
};

/** A file that lists versions, by its path: `versions.yaml`, `helm-versions/prod`, the manifest of release-please. */
const listed = (doc: Doc): Pin[] =>
  doc.kind !== "" ||
  !/(^|[/_-])versions?(\/|\.ya?ml$|\.json$|$)|\.release-please-manifest\.json$/i.test(doc.path)
    ? []
    : doc.root.items.flatMap(({ key }) => {
        const called = isScalar(key) ? String(key.value) : "";
        const name = called.split(/\s+/).at(-1) ?? "";
        return isDotted(textAt(doc.root, called) ?? "")
          ? one(doc, doc.root, { called, trail: [], name })
          : [];
      });

type Called = { called: string; trail: string[]; name: string };

const one = (doc: Doc, map: YAMLMap, { called, trail, name }: Called): Pin[] =>
  pin(doc, scalarAt(map, called), {
    ...{ form: "keyed" as const, field: "tag" as const, name, trail: [...trail, called] },
  }).map(asideIn(doc));

/** A file of values, or those of a release or an application. */
const isValues = ({ path, kind, api }: Doc, trail: string[]): boolean =>
  kind === "" && api === ""
    ? /values/i.test(path)
    : /^values(Object)?$/.test(trail.find((step) => step !== "spec") ?? "");
const isVersionLike = (value: string): boolean => /^(?=[\w.+@:-]*\d)[\w.+@:-]{1,200}$/.test(value);
const isDotted = (value: string): boolean => /^(?=\S*\d[.-]\d)[\w.+@:-]{3,200}$/.test(value);
const isAmi = (value: string): boolean => /^ami-[0-9a-f]{8,17}$/.test(value);
