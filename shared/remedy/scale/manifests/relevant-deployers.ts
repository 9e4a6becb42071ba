import { ofGenerator } from "./deployers.ts";
import { deploys, type FileSet, folderOf, isYaml, join } from "./file-set.ts";
import { type Layers, reaching } from "./layers.ts";

/** The same files, of which those deployers are relevant too that apply a folder with something relevant in it. */
export const withDeployers = (set: FileSet, all: Layers): FileSet => {
  const texts = [...set.files].filter(([file, text]) => isYaml(file) && deploys.test(text));
  if (texts.length === 0) return set;
  const said = parametersBeside(set);
  const deployers = new Map(texts.map(([file, text]) => [file, foldersIn(text, said)]));
  const chosen = new Set([...set.files.keys()].filter((file) => set.relevant(file) && isYaml(file)));
  const folders = new Set<string>();
  // A set grows while it is gone through: a deployer may be applied by another.
  for (const file of chosen) {
    const fresh = foldersAbove(all, file).filter((folder) => !folders.has(folder));
    for (const folder of fresh) folders.add(folder);
    if (fresh.length === 0) continue;
    for (const [path, applies] of deployers) if (!chosen.has(path) && fresh.some(applies)) chosen.add(path);
  }
  return { ...set, relevant: (file) => chosen.has(file) || set.relevant(file) };
};

/** The folders that apply the file, and all above those and the file itself. */
const foldersAbove = (all: Layers, file: string): string[] => {
  const above = new Set<string>();
  for (const start of [folderOf(file), ...reaching(all, file)])
    for (let folder = start; !above.has(folder); folder = folderOf(folder)) above.add(folder);
  return [...above];
};

/** Whether the deployers of a text may apply a folder: one that says no path may apply any. */
const foldersIn = (text: string, beside: Beside): ((folder: string) => boolean) => {
  const paths = pathsIn(text);
  if (paths.length === 0) return () => true;
  const plain = new Set(paths.filter((path) => !path.includes("{{")).map((path) => join("", path) ?? "-"));
  const patterns = paths.filter((path) => path.includes("{{")).map((path) => patternOf(path, text, beside));
  return (folder) => plain.has(folder) || patterns.some((pattern) => pattern.test(folder));
};

const pathsIn = (text: string): string[] =>
  [...text.matchAll(/\bpath["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|((?:\{\{[^{}]*\}\}|[^\s"'#,{}])+))/g)].map(
    ([, double, single, unquoted = ""]) => double ?? single ?? unquoted,
  );

/** The texts that files other than whole ApplicationSets may give a parameter. */
type Beside = (parameter: string) => string[];

/** The folders that a templated path may mean: a parameter is any text that is said of it, and anything where nothing is. */
const patternOf = (path: string, text: string, beside: Beside): RegExp => {
  const parts = path.split(/\{\{\s*([^{}]*?)\s*\}\}/).map((part, at) => {
    if (at % 2 === 0) return literal(part);
    const key = part.split(".").at(-1) ?? "";
    const said = ofGenerator.test(part) ? [] : [...new Set([...saidIn(text, key), ...beside(key)])];
    const isOpen = said.length === 0 || said.length > mostSaid || said.some((one) => /[{$]/.test(one));
    return isOpen ? ".*" : `(?:${said.map(literal).join("|")})`;
  });
  return new RegExp(`^(?:\\./)?${parts.join("").replace(/\/+$/, "")}/*$`);
};
const mostSaid = 50;

const literal = (text: string): string => text.replace(/[.*+?^${"$"}{}()|[\]\\]/g, "\\$&");

const saidIn = (text: string, key: string): string[] =>
  [...text.matchAll(new RegExp(`\\b${literal(key)}["']?\\s*:\\s*["']?([^\\s"'#,}]*)`, "g"))].map(
    ([, value = ""]) => value,
  );

/** Patches, and files of a generator, may set it. */
const parametersBeside = ({ files }: FileSet): Beside => {
  const isWhole = (text: string) => /\bApplicationSet\b/.test(text) && /\btemplate["']?\s*:/.test(text);
  const known = new Map<string, string[]>();
  return (key) => {
    const said =
      known.get(key) ??
      [...files]
        .filter(([file, text]) => text.includes(key) && isYaml(file) && !isWhole(text))
        .flatMap(([, text]) => [...saidIn(text, key), ...saidIn(text, "value")]);
    known.set(key, said);
    return said;
  };
};
