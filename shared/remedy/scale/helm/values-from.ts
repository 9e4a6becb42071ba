import { isMap } from "yaml";
import { recordOf } from "../../../records.ts";
import { locate, locationOf } from "../../../yaml/locate.ts";
import { isRefused } from "../../../yaml/refused.ts";
import { insideScalar } from "../manifests/embedded-block.ts";
import type { FileSet } from "../manifests/file-set.ts";
import { type Generated, listAt, type Rendered } from "../manifests/rendered.ts";
import { mapOf } from "../manifests/settings.ts";
import type { Values } from "./release.ts";
import { wholeFile } from "./value-files.ts";

/** The values that a HelmRelease takes from maps (`valuesFrom`), the winning ones last. */
export const valuesFrom = (set: FileSet, object: Rendered): Values[] => {
  const { source } = object.written;
  const where = `${locationOf(source, source.node)} takes values from elsewhere (valuesFrom)`;
  const entries = listAt(object, ["spec", "valuesFrom"]);
  if (entries === undefined) return [{ opaque: `${where}: how they are patched cannot be followed` }];
  return entries.map(recordOf).flatMap((entry): Values[] => {
    const { kind, name, valuesKey = "values.yaml", targetPath } = entry;
    const title = `${where}: the ${String(kind)} ${String(name)}`;
    if (typeof targetPath === "string") return [{ opaque: title, at: targetPath }];
    const found =
      kind === "ConfigMap" ? inMap(set, object, { map: String(name), key: String(valuesKey) }) : undefined;
    return found ?? [{ opaque: title }];
  });
};

type Key = { map: string; key: string };

/** The values at a key of a ConfigMap: the file that it is generated of, or the block in its manifest. */
const inMap = (set: FileSet, object: Rendered, { map, key }: Key): Values[] | undefined => {
  const generated = object.generated?.filter((one) => one.map === map) ?? [];
  if (generated.length > 0) return ofFile(set, generated, key);
  const data = mapOf(set, object, { kind: "ConfigMap", name: map });
  const found = data && locate(data, [key]);
  const inside = found && "scalar" in found ? insideScalar(found) : undefined;
  if (inside === undefined || isRefused(inside)) return undefined;
  return inside.flatMap((source): Values[] => (isMap(source.node) ? [{ source, keys: [] }] : []));
};

const ofFile = (set: FileSet, generated: Generated[], key: string): Values[] | undefined => {
  const one = generated.findLast((each) => each.key === key);
  if (one?.file === undefined || generated.some((each) => each.key === undefined)) return undefined;
  return set.files.has(one.file) ? wholeFile(set, one.file) : undefined;
};
