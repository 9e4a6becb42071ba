import { recordOf } from "../../../records.ts";
import { type Parsed, plain } from "../../../yaml/document.ts";
import { isSimple } from "./fast-path.ts";
import { type FileSet, folderOf, join, kustomizations } from "./file-set.ts";

/** A kustomization as its file has it. */
export type Kustomization = Record<string, unknown> & { kind?: string };
type Folder = { file: string; isComponent: boolean; below: string[]; patches: string[] };
/**
 * The folders with a kustomization and what each is made of, which of them others use, every file one of them names, and the folders that
 * use a folder or name a file.
 */
export type Layers = {
  folders: Map<string, Folder>;
  used: Set<string>;
  named: Set<string>;
  users: Map<string, string[]>;
};

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const texts = (value: unknown): string[] =>
  list(value).filter((item): item is string => typeof item === "string");

export const layers = (set: FileSet): Layers => {
  const folders = new Map([...kustomizations(set.files)].map(([path, file]) => [path, folderIn(set, file)]));
  const [used, named] = [new Set<string>(), new Set<string>()];
  const users = new Map<string, string[]>();
  for (const [folder, { below, patches }] of folders)
    for (const entry of [...below, ...patches]) {
      const path = join(folder, entry);
      if (path === undefined) continue;
      (set.files.has(path) || patches.includes(entry) ? named : used).add(path);
      users.set(path, [...(users.get(path) ?? []), folder]);
    }
  return { folders, used, named, users };
};

/** The folders that apply one of the files, directly or through others: that of a kustomization itself, and all that use it. */
export const reaching = ({ folders, users }: Layers, ...files: string[]): Set<string> => {
  const own = files.flatMap((file) => (folders.get(folderOf(file))?.file === file ? [folderOf(file)] : []));
  const reached = new Set([...own, ...files.flatMap((file) => users.get(file) ?? [])]);
  // A set grows while it is gone through.
  for (const folder of reached) for (const user of users.get(folder) ?? []) reached.add(user);
  return reached;
};

const folderIn = (set: FileSet, file: string): Folder => {
  const text = set.files.get(file) ?? "";
  if (isSimple(text)) return { file, ...glanced(text) };
  const { body } = kustomization(set, file);
  return {
    file,
    isComponent: body.kind === "Component",
    below: [...texts(body.resources), ...texts(body.bases), ...texts(body.components)],
    patches: patchFiles(body),
  };
};

/** The same, of a file so simple that its lines tell it: parsing thousands of them takes seconds. */
const glanced = (text: string): Omit<Folder, "file"> => {
  const [below, patches]: [string[], string[]] = [[], []];
  let section = "";
  for (const line of text.split("\n")) {
    const [, key, inline = ""] = /^([\w"']+) *: *(?:\[(.*)\])?/.exec(line) ?? [];
    if (key !== undefined) section = key.replace(/["']/g, "");
    const item = /^ *- +(.*)$/.exec(line)?.[1];
    const items = key !== undefined ? inline.split(",") : item !== undefined ? [item] : [];
    const named = items.map(unquoted).filter((one) => one !== "");
    if (["resources", "bases", "components"].includes(section)) below.push(...named);
    if (section === "patchesStrategicMerge") patches.push(...named);
    if (isGenerator.test(section)) patches.push(...named.filter((one) => !one.includes(": ")).map(fileOf));
    const path = /^[- ]*path *: *(.*)$/.exec(line)?.[1];
    if (path !== undefined) patches.push(unquoted(path));
  }
  return { isComponent: /^kind: *["']?Component\b/m.test(text), below, patches };
};

/** Maps that are made of files, each of them `file` or `key=file`. */
const isGenerator = /^(configMap|secret)Generator$/;
const fileOf = (said: string): string => said.slice(said.indexOf("=") + 1);

const unquoted = (text: string): string =>
  text
    .replace(/(^|\s)#.*$/, "")
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2");

export const kustomization = (set: FileSet, file: string): { parsed: Parsed; body: Kustomization } => {
  const parsed = set.parsed(file)!;
  const [document] = parsed.documents;
  return { parsed, body: recordOf(document && plain(document, document)) as Kustomization };
};

const patchFiles = (body: Kustomization): string[] => [
  ...texts(body.patchesStrategicMerge),
  ...[...list(body.patches), ...list(body.patchesJson6902)].flatMap((one) => texts([recordOf(one).path])),
  ...[...list(body.configMapGenerator), ...list(body.secretGenerator)].flatMap((one) =>
    texts(recordOf(one).files).map(fileOf),
  ),
];

/** The roots: folders with a kustomization that no other uses and that is not a component. */
export const rootsOf = ({ folders, used }: Layers): string[] =>
  [...folders]
    .filter(([folder, { isComponent }]) => !used.has(folder) && !isComponent)
    .map(([folder]) => folder);

/** Whether a kustomization in this file's folder or above it, up to below `top`, decides what is applied there. */
export const governed = ({ folders }: Pick<Layers, "folders">, file: string, top?: string): boolean => {
  for (let folder = folderOf(file); folder !== top; folder = folderOf(folder)) {
    if (folders.has(folder)) return true;
    if (folder === "") return false;
  }
  return false;
};

/** The folders and files that a root is made of, its own first. */
export const madeOf = ({ folders }: Pick<Layers, "folders">, root: string): string[] => {
  const known = new Set([root]);
  // A set grows while it is gone through.
  for (const path of known) {
    const found = folders.get(path);
    for (const entry of found ? [...found.below, ...found.patches] : []) {
      const below = join(path, entry);
      if (below !== undefined) known.add(below);
    }
  }
  return [...known];
};
