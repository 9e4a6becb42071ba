import { isMap } from "yaml";
import { recordOf } from "../../../records.ts";
import type { Source, Written } from "../../../yaml/document.ts";
import { type FileSet, folderOf, isYaml } from "./file-set.ts";
import { list } from "./layers.ts";
import { namespaceOf, type Rendered, type Settings } from "./rendered.ts";

/** The maps that a Flux Kustomization takes variables from (`postBuild.substituteFrom`). */
export const settingsOf = (set: FileSet, deployer: Rendered): Settings[] => {
  const { substituteFrom } = recordOf(recordOf(deployer.written.body.spec).postBuild);
  return list(substituteFrom).flatMap((entry): Settings[] => {
    const { kind, name, optional } = recordOf(entry);
    const wanted = { kind: String(kind), name: String(name) };
    if (optional === true && written(set, deployer, wanted).length === 0) return [];
    const data = mapOf(set, deployer, wanted);
    return [{ title: `the ${kind} ${name}`, secret: kind !== "ConfigMap", ...(data && { data }) }];
  });
};

/** The data of the map that an object means by its name, where that is here once and no kustomization says something of it. */
export const mapOf = (set: FileSet, user: Rendered, wanted: Wanted): Source | undefined => {
  const [only, another] = written(set, user, wanted);
  const isPatched = only !== undefined && patches(set, wanted.name, only);
  return only && !another && !isPatched ? dataOf(only) : undefined;
};

type Wanted = { kind: string; name: string };

/** The objects of the name; of several, as clusters have them, those beside the deployer. */
const written = (set: FileSet, deployer: Rendered, { kind, name }: Wanted): Written[] => {
  const files = [...set.files].filter(
    ([file, text]) => isYaml(file) && text.includes(kind) && text.includes(name),
  );
  const found = files
    .flatMap(([file]) => set.objects(file))
    .filter((one) => one.kind === kind && one.name === name && isNear(one, deployer));
  const home = folderOf(deployer.written.source.parsed.file);
  const beside = found.filter(({ source }) => folderOf(source.parsed.file) === home);
  return found.length > 1 && beside.length > 0 ? beside : found;
};

const isNear = ({ namespace }: Written, deployer: Rendered): boolean =>
  namespace === undefined || (namespaceOf(deployer) ?? namespace) === namespace;

/** Whether a kustomization says something of a map of the name, by a patch or a generator. */
const patches = (set: FileSet, name: string, { kind }: Written): boolean =>
  [...set.files].some(
    ([file, text]) =>
      /(^|\/)kustomization\.ya?ml$/i.test(file) &&
      text.includes(name) &&
      (text.includes("Generator") || text.includes(`kind: ${kind}`)),
  );

/** The variables of a map; those of a Secret only tell which it has. */
const dataOf = ({ source, body }: Written): Source | undefined => {
  const key = body.data === undefined ? "stringData" : "data";
  const node = isMap(source.node) ? source.node.get(key, true) : undefined;
  return isMap(node) ? { ...source, node, keys: [...source.keys, key] } : undefined;
};
