import { objectsOf, type Parsed, parseYaml, type Written } from "../../../yaml/document.ts";
import type { Files } from "../model.ts";

/** The files with what was read of them so far: each is parsed once, and only when it is asked for. */
export type FileSet = {
  files: Files;
  /** Whether a file may hold something that matters. */
  relevant: (file: string) => boolean;
  parsed: (file: string) => Parsed | undefined;
  objects: (file: string) => Written[];
};

/** `relevant` is asked of a file's text. `before` is a set of the same files, but for one, whose texts are not parsed again. */
export const fileSet = (files: Files, relevant: (text: string) => boolean, before?: FileSet): FileSet => {
  const parsed = new Map<string, Parsed>();
  const objects = new Map<string, Written[]>();
  const matters = new Map<string, boolean>();
  const once = <T>(known: Map<string, T>, file: string, make: () => T): T => {
    const before = known.get(file);
    if (before !== undefined || known.has(file)) return before ?? make();
    const made = make();
    known.set(file, made);
    return made;
  };
  const parse = (file: string) => {
    const text = files.get(file);
    if (text === undefined) return undefined;
    const isKnown = text.length <= large && before?.files.get(file) === text;
    return once(
      parsed,
      file,
      () => (isKnown && before?.parsed(file)) || parseManifests(file, text, relevant),
    );
  };
  const read = (file: string) => {
    const one = parse(file);
    return one === undefined ? [] : objectsOf(one);
  };
  return {
    files,
    relevant: (file) => once(matters, file, () => relevant(files.get(file) ?? "")),
    parsed: parse,
    objects: (file) => once(objects, file, () => read(file)),
  };
};

/**
 * Documents that say nothing of the target are read as a text in their place: definitions of kinds, which are long and in every Flux
 * repository, and those of a large file, such as a vendored release, that nothing asks for.
 */
const parseManifests = (file: string, text: string, relevant: (text: string) => boolean): Parsed => {
  const isLarge = text.length > large && relevant(text);
  if ((!isLarge && !definition.test(text)) || /^(\uFEFF|%)/m.test(text)) return parseYaml(file, text);
  const isRead = (document: string) =>
    !holdsSomething.test(document) ||
    (!definition.test(document) && (!isLarge || relevant(document) || deploys.test(document)));
  const short = text
    .split(divider)
    .map((part, at) => (at % 2 === 1 || isRead(part) ? part : emptied(part)))
    .join("");
  return { ...parseYaml(file, short), text };
};
const holdsSomething = /^[^#\s]/m;
/** A quoted text of as many letters and lines, which parses ten times as fast as empty lines. */
const emptied = (part: string): string => {
  const blank = part.replace(/[^\r\n]/g, " ");
  const [from, to] = [blank.indexOf(" "), blank.lastIndexOf(" ")];
  return from === to ? part : `${blank.slice(0, from)}"${blank.slice(from + 1, to)}"${blank.slice(to + 1)}`;
};
const definition = /^kind: CustomResourceDefinition\b/m;
const divider = /^(---(?:[ \t].*)?\r?\n)/m;
/** Letters from which on the documents of a file are looked at one by one. */
const large = 32_768;
const documentsOf = (text: string): string[] => text.split(divider).filter((_, at) => at % 2 === 0);

/** Whether a text may have a deployer: a Flux Kustomization, an Application or an ApplicationSet. */
export const deploys = /kustomize\.toolkit\.fluxcd\.io|\bkind["']?\s*:\s*["']?Application(?:Set)?\b/;

/** Whether a text may define an object of these names: it contains one of them, or governs their namespace. */
export const mentions = (names: string[], namespace: string): ((text: string) => boolean) => {
  const word = wordOf(names);
  const space = namespace === "" ? undefined : wordOf([namespace]);
  const release = new RegExp(
    `\\b[nN]ame(?:Override)?["']?\\s*:\\s*["']?${wordOf(names.flatMap(beginnings)).source}`,
  );
  return (text) =>
    word.test(text) ||
    (scaling.test(text) && text.includes("${") && documentsOf(text).some(isOpenScaler)) ||
    (ruling.test(text) && isIn(text, space)) ||
    (templating.test(text) && /\bhelm["']?\s*:/.test(text)) ||
    (releasing.test(text) && release.test(text));
};

/** The possible release names of an object name: `a-b-c` may belong to `a`, `a-b` or `a-b-c`. */
const beginnings = (name: string): string[] =>
  name.split("-").map((_, at, parts) => parts.slice(0, at + 1).join("-"));

/** The same, and every workload and autoscaler of the namespace. */
export const mentionsAll = (names: string[], namespace: string): ((text: string) => boolean) => {
  const some = mentions(names, namespace);
  const space = namespace === "" ? undefined : wordOf([namespace]);
  return (text) => some(text) || (running.test(text) && isIn(text, space));
};

const isIn = (text: string, space: RegExp | undefined): boolean =>
  space === undefined || space.test(text) || !/^\s+namespace:/m.test(text);
/** An autoscaler whose target may be named by a variable of Flux. */
const isOpenScaler = (document: string): boolean => scaling.test(document) && document.includes("${");
const scaling = /\bkind["']?\s*:\s*["']?(?:HorizontalPodAutoscaler|ScaledObject)\b/;
const ruling = /\bkind["']?\s*:\s*["']?(?:ResourceQuota|LimitRange|PodDisruptionBudget)\b/;
/** Makers of applications, whose names and charts may be parameters. */
const templating = /\bkind["']?\s*:\s*["']?ApplicationSet\b/;
const releasing = /\bkind["']?\s*:\s*["']?(?:HelmRelease|Application)\b/;
const running =
  /\bkind["']?\s*:\s*["']?(?:Deployment|StatefulSet|ReplicaSet|Rollout|HorizontalPodAutoscaler|ScaledObject)\b/;
const wordOf = (names: string[]): RegExp =>
  new RegExp(
    `(?<![\\w-])(?:${names.map((name) => name.replace(/[.*+?^${"$"}{}()|[\]\\]/g, "\\$&")).join("|")})(?![\\w-])`,
  );

/** The names that a rendered object may have in its file: without the prefixes and suffixes that kustomizations add. */
export const written = (files: Files, name: string): string[] => {
  const affixes = { namePrefix: new Set<string>(), nameSuffix: new Set<string>() };
  for (const file of kustomizations(files).values())
    for (const [, field, affix = ""] of (files.get(file) ?? "").matchAll(
      /^(namePrefix|nameSuffix):[ \t]*["']?([\w.-]+)/gm,
    ))
      (field === "namePrefix" ? affixes.namePrefix : affixes.nameSuffix).add(affix);
  const names = new Set([name]);
  // A set grows while it is gone through, so what was put on twice comes off twice.
  for (const one of names) {
    for (const prefix of affixes.namePrefix)
      if (one.startsWith(prefix) && one !== prefix) names.add(one.slice(prefix.length));
    for (const suffix of affixes.nameSuffix)
      if (one.endsWith(suffix) && one !== suffix) names.add(one.slice(0, -suffix.length));
  }
  return [...names];
};

export const isYaml = (file: string): boolean =>
  /\.(ya?ml|json)$/i.test(file) && !file.endsWith(".tfvars.json");
export const folderOf = (file: string): string => file.slice(0, Math.max(0, file.lastIndexOf("/")));
const isKustomization = (file: string): boolean => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file);

/** The same of the same files, computed once: repositories have thousands, and each deployer asks. */
const onceFor = <T>(compute: (files: Files) => T): ((files: Files) => T) => {
  const known = new WeakMap<Files, T>();
  return (files) => {
    const made = known.get(files) ?? compute(files);
    known.set(files, made);
    return made;
  };
};

/** The kustomization file of each folder that has one. */
export const kustomizations = onceFor(
  (files): Map<string, string> =>
    new Map([...files.keys()].filter(isKustomization).map((file) => [folderOf(file), file])),
);

export const charts = onceFor((files): string[] =>
  [...files.keys()].filter((file) => /(^|\/)Chart\.ya?ml$/.test(file)).map(folderOf),
);

/** Every folder that a file is in, directly or below. */
export const foldersOf = onceFor((files): Set<string> => {
  const folders = new Set<string>();
  for (const file of files.keys())
    for (let folder = folderOf(file); !folders.has(folder); folder = folderOf(folder)) folders.add(folder);
  return folders;
});

export const within = (folder: string, path: string): boolean =>
  folder === "" || path === folder || path.startsWith(`${folder}/`);

/** `a/b` and `../c` make `a/c`; undefined outside of the directory. */
export const join = (folder: string, relative: string): string | undefined => {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of relative.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
};
