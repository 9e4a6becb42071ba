import { type FileSet, folderOf, isYaml, join } from "./file-set.ts";
import { type Layers, reaching } from "./layers.ts";

/** The same files, of which those deployers are relevant too that apply a folder with something relevant in it. */
export const withDeployers = (set: FileSet, all: Layers): FileSet => {
  const deployers = [...set.files].filter(([file, text]) => isYaml(file) && deploys.test(text));
  if (deployers.length === 0) return set;
  const chosen = new Set([...set.files.keys()].filter((file) => isYaml(file) && set.relevant(file)));
  const folders = new Set<string>();
  // A set grows while it is gone through: a deployer may be applied by another.
  for (const file of chosen) {
    const fresh = foldersAbove(all, file).filter((folder) => !folders.has(folder));
    for (const folder of fresh) folders.add(folder);
    if (fresh.length === 0) continue;
    for (const [path, text] of deployers) if (!chosen.has(path) && applies(text, folders)) chosen.add(path);
  }
  return { ...set, relevant: (file) => chosen.has(file) || set.relevant(file) };
};

const deploys = /kustomize\.toolkit\.fluxcd\.io|\bkind["']?\s*:\s*["']?Application(?:Set)?\b/;

/** The folders that apply the file, and all above those and the file itself. */
const foldersAbove = (all: Layers, file: string): string[] => {
  const above = new Set<string>();
  for (const start of [folderOf(file), ...reaching(all, file)])
    for (let folder = start; !above.has(folder); folder = folderOf(folder)) above.add(folder);
  return [...above];
};

const applies = (text: string, folders: Set<string>): boolean => {
  const paths = [...text.matchAll(/\bpath["']?\s*:\s*["']?([^\s"'#,}]+)/g)].map(([, path = ""]) => path);
  return (
    /ApplicationSet\b/.test(text) ||
    paths.length === 0 ||
    paths.some((path) => folders.has(join("", path) ?? "-"))
  );
};
