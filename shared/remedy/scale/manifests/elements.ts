import { isMap, isSeq } from "yaml";
import { matchesGlob } from "../../../policy/globs.ts";
import { isRecord, recordOf } from "../../../records.ts";
import type { Key, Source, Written } from "../../../yaml/document.ts";
import { type Found, locate, locationOf } from "../../../yaml/locate.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import { type FileSet, folderOf, isYaml } from "./file-set.ts";
import { list } from "./layers.ts";

/** An ApplicationSet, with its title. */
type Made = { written: Written; title: string };
/** The parameters that an ApplicationSet makes one application of: an element of a list, or a file that its git generator reads. */
export type Element = {
  /** The map with the parameters. */
  source: Source;
  set: Made;
  /** `FILE:LINE` of the map. */
  where: string;
  /** The same of every element of the ApplicationSet. */
  every: string[];
  /** The folder of a git generator's file. */
  folder?: string;
  /** Another ApplicationSet that reads the file and has the parameter in its template. */
  alsoIn: (parameter: string) => string | undefined;
};

/** The elements of an ApplicationSet; undefined where a generator cannot be read here, or something changes its template. */
export const elementsOf = (files: FileSet, one: Made & { overrides: unknown[] }): Element[] | undefined => {
  const { body, source } = one.written;
  const spec = recordOf(body.spec);
  if (one.overrides.length > 0 || spec.templatePatch !== undefined) return undefined;
  const found = list(spec.generators).map((generator, at) =>
    generated(files, one, recordOf(generator), ["spec", "generators", at]),
  );
  const elements = found.flatMap((each) => each ?? []);
  if (found.includes(undefined) || elements.length === 0 || !isMap(source.node)) return undefined;
  const every = elements.map(({ where }) => where);
  return elements.map((element) => ({ ...element, every }));
};

const generated = (
  files: FileSet,
  set: Made,
  generator: Record<string, unknown>,
  keys: Key[],
): Element[] | undefined => {
  const [kind, another] = Object.keys(generator);
  if (another !== undefined) return undefined;
  const said = recordOf(generator[kind ?? ""]);
  if (said.template !== undefined) return undefined;
  if (kind === "list")
    return said.elementsYaml === undefined ? listed(set, [...keys, kind, "elements"]) : undefined;
  const isPlain =
    kind === "git" && ["directories", "values", "pathParamPrefix"].every((key) => said[key] === undefined);
  return isPlain ? inFiles(files, set, patternsOf(said)) : undefined;
};

const listed = (set: Made, keys: Key[]): Element[] | undefined => {
  const { source } = set.written;
  const items = keys.reduce<unknown>(
    (node, key) => (isMap(node) || isSeq(node) ? node.get(key, true) : undefined),
    source.node,
  );
  if (!isSeq(items) || !items.items.every((item) => isMap(item))) return undefined;
  return items.items.map((node, at) => ({
    ...{ source: { ...source, keys: [...source.keys, ...keys, at], node }, set },
    where: locationOf(source, node),
    every: [],
    alsoIn: () => undefined,
  }));
};

const patternsOf = (git: Record<string, unknown>): string[] =>
  list(git.files).map((file) => String(recordOf(file).path));

const inFiles = (files: FileSet, set: Made, patterns: string[]): Element[] | undefined => {
  const paths = [...files.files.keys()].filter((path) => isYaml(path) && matchesAny(path, patterns));
  const made = paths.map((path): Element | undefined => {
    const parsed = files.parsed(path);
    const node = parsed?.documents[0]?.contents;
    if (!parsed || !isMap(node) || parsed.documents.length > 1 || parsed.errors.length > 0) return undefined;
    const source: Source = { parsed, document: 0, keys: [], node };
    const alsoIn = (parameter: string) => otherReader(files, set, { path, parameter });
    return { source, set, where: locationOf(source, node), every: [], folder: folderOf(path), alsoIn };
  });
  return made.includes(undefined) || made.length === 0 ? undefined : made.flatMap((each) => each ?? []);
};

const matchesAny = (path: string, patterns: string[]): boolean =>
  patterns.some((pattern) => matchesGlob(path, pattern.includes("/") ? pattern : `/${pattern}`));

/** The title of another ApplicationSet whose template has the parameter, and which may read the file. */
const otherReader = (
  files: FileSet,
  set: Made,
  { path, parameter }: { path: string; parameter: string },
): string | undefined => {
  for (const [file, text] of files.files) {
    if (!isYaml(file) || !/\bkind["']?\s*:\s*["']?ApplicationSet\b/.test(text)) continue;
    for (const { kind, name, body, source } of files.objects(file)) {
      const isOwn = file === set.written.source.parsed.file && name === set.written.name;
      if (kind !== "ApplicationSet" || isOwn || usesOf(body, parameter) === 0) continue;
      if (gitPatterns(body).some((pattern) => matchesAny(path, [pattern])))
        return `ApplicationSet ${name} (${locationOf(source, source.node)})`;
    }
  }
  return undefined;
};

/** Every path below a git generator, also one within a matrix or merge. */
const gitPatterns = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(gitPatterns);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "git" ? patternsOf(recordOf(inner)) : gitPatterns(inner),
  );
};

const whole = /^\s*\{\{-?\s*\.?([\w.-]+?)\s*-?\}\}\s*$/;

/** The times that a template has the parameter. */
const usesOf = (body: Record<string, unknown>, parameter: string): number => {
  const name = parameter.replace(/[^\w]/g, "\\$&");
  return [...JSON.stringify(recordOf(body.spec).template ?? {}).matchAll(/\{\{.*?\}\}/g)].filter(([text]) =>
    new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text),
  ).length;
};

/** The value of a parameter: under its whole name, or by the maps that its parts name. */
const parameterOf = ({ source }: Element, name: string): Found | Refused | undefined => {
  const flat = locate(source, [name]);
  const found = "absent" in flat ? locate(source, name.split(".")) : flat;
  return "absent" in found ? undefined : found;
};

/** The text with the element's parameters in it; undefined where one is not said there. */
export const filled = (text: string, element: Element): string | undefined => {
  const parts = text.split(/(\{\{[^{}]*\}\})/).map((part) => {
    const name = whole.exec(part)?.[1];
    if (!part.startsWith("{{")) return part;
    return name === undefined ? undefined : (ofPath(name, element) ?? saidOf(name, element));
  });
  return parts.includes(undefined) ? undefined : parts.join("");
};

const ofPath = (name: string, { folder }: Element): string | undefined => {
  if (name === "path" || name === "path.path") return folder;
  return name === "path.basename" ? folder?.split("/").at(-1) : undefined;
};

const saidOf = (name: string, element: Element): string | undefined => {
  const found = parameterOf(element, name);
  return found && "scalar" in found ? String(found.scalar.value) : undefined;
};

/** A plain value with the parameters in each of its texts that they fill. */
export const filledIn = (value: unknown, element: Element): unknown => {
  if (typeof value === "string") return filled(value, element) ?? value;
  if (Array.isArray(value)) return value.map((one) => filledIn(one, element));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner, element)]));
};

/** The element's own value in the place of `{{parameter}}` of the template. A value of the template itself is that of every application. */
export const inElement = (found: Found, element: Element): Found | Refused => {
  const { source } = element.set.written;
  const outer = found.source.inside?.source ?? found.source;
  const isTemplate =
    outer.parsed.file === source.parsed.file &&
    outer.document === source.document &&
    !outer.keys.includes("generators");
  if (!isTemplate || String(found.scalar.type).startsWith("BLOCK")) return found;
  const text = String(found.scalar.value);
  const title = `${element.set.title} (${source.parsed.file})`;
  const name = whole.exec(text)?.[1];
  const at = locationOf(found.source, found.scalar);
  if (name === undefined)
    return refuse(
      text.includes("{{")
        ? `${at} is ${text.slice(0, 60)}, which ${title} makes of the parameters at ${element.every.slice(0, 3).join(", ")}`
        : `${title} sets it for every application that it makes (${locationOf(source, source.node)})`,
    );
  const own = parameterOf(element, name);
  if (own === undefined)
    return refuse(`${at} is the parameter ${name} of ${title}, which ${element.where} does not say`);
  const uses = usesOf(element.set.written.body, name);
  const other = uses > 1 ? `the template has ${uses} times` : also(element.alsoIn(name));
  return other === undefined
    ? own
    : refuse(
        `${at} is the parameter ${name} (${element.where}), which ${other}: set it for this one alone first`,
      );
};

const also = (title: string | undefined): string | undefined => title && `${title} has too`;
