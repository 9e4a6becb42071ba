import { isRecord, recordOf } from "../records.ts";

type Path = PropertyKey[];
/** The place of a value as people wrote it: the number of the file, the first being 0, and the path in it. */
export type Source = { file: number; path: Path };
/** A fault of the writing itself, before any schema is asked. */
type Fault = Source & { message: string };
type Entry = { value: unknown; source: Source };

export type Expanded = {
  /** The configuration with every service written out. */
  content: Record<string, unknown>;
  /** The place in the files of the value at a path of `content`. */
  sourceOf: (path: Path) => Source;
  faults: Fault[];
};

/**
 * Writes out what a configuration says once for many services: the services of included files, `each`, and `defaults`. Top-level keys
 * that begin with `x-` hold YAML anchors and are left out. `included` are the contents of the included files.
 */
export const expand = (written: Record<string, unknown>, included: unknown[]): Expanded => {
  const [main, ...others] = [withMergeKeys(written), ...included.map(withMergeKeys)] as [
    typeof written,
    ...unknown[],
  ];
  const { defaults = {}, include, ...rest } = main;
  const content = Object.fromEntries(Object.entries(rest).filter(([key]) => !key.startsWith("x-")));
  const faults: Fault[] = [];
  const names: unknown[] = [include].flat();
  if (include !== undefined && !names.every((one) => typeof one === "string"))
    faults.push({
      file: 0,
      path: ["include"],
      message: "must be a path or a list of paths, such as include: services/*.yaml",
    });
  if (!isRecord(defaults))
    faults.push({ file: 0, path: ["defaults"], message: "must hold keys of a service, such as channel" });
  const shared = isRecord(defaults) ? defaults : {};
  const own = entriesOf(main.services, { file: 0, path: ["services"] });
  const elsewhere = others.flatMap((other, index) => includedEntries(other, index + 1, faults));
  const entries = [...own, ...elsewhere].flatMap((entry) => eachOf(entry, faults));
  const isList = main.services === undefined ? others.length > 0 : Array.isArray(main.services);
  if (isList)
    content.services = entries.map(({ value }) => (isRecord(value) ? merged(shared, value) : value));
  const sourceOf = (path: Path): Source => {
    const [first, index, ...below] = path;
    const entry = first === "services" && typeof index === "number" ? entries[index] : undefined;
    if (entry === undefined) return { file: 0, path };
    if (!holds(entry.value, below) && holds(shared, below.slice(0, 1)))
      return { file: 0, path: ["defaults", ...below] };
    return { file: entry.source.file, path: [...entry.source.path, ...below] };
  };
  return { content, sourceOf, faults };
};

/**
 * Rebuilds a value by `change`, which is given each list and map before those below it. Aliases share their value, and a cycle ends at the
 * value itself: a file of a few lines must not become an endless one.
 */
const rebuilt = (
  value: unknown,
  change: (value: unknown) => unknown,
  seen = new Map<unknown, unknown>(),
): unknown => {
  const changed = change(value);
  if (typeof changed !== "object" || changed === null) return changed;
  if (seen.has(value)) return seen.get(value);
  seen.set(value, value);
  const result = Array.isArray(changed)
    ? changed.map((one) => rebuilt(one, change, seen))
    : Object.fromEntries(Object.entries(changed).map(([key, one]) => [key, rebuilt(one, change, seen)]));
  seen.set(value, result);
  return result;
};

const withMergeKeys = (value: unknown): unknown =>
  rebuilt(value, (one) => (isRecord(one) && "<<" in one ? mergeKeysOf(one) : one));

/** Deeper than any configuration: aliases that lie in themselves end here. */
const deepest = 20;

/** A map with the keys of the maps that its merge key `<<` names (YAML 1.1) below its own. */
const mergeKeysOf = (map: Record<string, unknown>, depth = 0): Record<string, unknown> => {
  const { "<<": shared, ...own } = map;
  if (shared === undefined || depth > deepest) return own;
  const below = [shared].flat().filter(isRecord).reverse();
  return Object.assign({}, ...below.map((one) => mergeKeysOf(one, depth + 1)), own);
};

const entriesOf = (list: unknown, { file, path }: Source): Entry[] =>
  Array.isArray(list)
    ? list.map((value, index) => ({ value, source: { file, path: [...path, index] } }))
    : [];

/** An included file is a list of services, or a map with `services` and keys that begin with `x-`. */
const includedEntries = (content: unknown, file: number, faults: Fault[]): Entry[] => {
  if (Array.isArray(content)) return entriesOf(content, { file, path: [] });
  if (isRecord(content) && Array.isArray(content.services)) {
    for (const key of Object.keys(content))
      if (key !== "services" && !key.startsWith("x-"))
        faults.push({
          file,
          path: [key],
          message:
            "is not for an included file, which holds services only: write it into the file that includes this one",
        });
    return entriesOf(content.services, { file, path: ["services"] });
  }
  faults.push({ file, path: [], message: "must be a list of services, or hold the key services" });
  return [];
};

/** One entry for each name of `each`, with the name in place of every `{name}`. */
const eachOf = (entry: Entry, faults: Fault[]): Entry[] => {
  const { value, source } = entry;
  if (!isRecord(value) || !("each" in value)) return [entry];
  const { each: names, ...rest } = value;
  if ("name" in rest) {
    const message = "stands beside name: give each for several services, or name for one";
    faults.push({ file: source.file, path: [...source.path, "each"], message });
    return [];
  }
  if (!Array.isArray(names) || names.length === 0 || !names.every((name) => typeof name === "string")) {
    const message = "must be a list of names, such as [cart, search]";
    faults.push({ file: source.file, path: [...source.path, "each"], message });
    return [];
  }
  return names.map((name) => ({ value: { name, ...withName(rest, name) }, source }));
};

const withName = (entry: Record<string, unknown>, name: string): Record<string, unknown> =>
  recordOf(rebuilt(entry, (one) => (typeof one === "string" ? one.replaceAll("{name}", name) : one)));

/** The keys of a map are joined; any other value of the service takes the place of the default. */
const merged = (
  defaults: Record<string, unknown>,
  own: Record<string, unknown>,
  depth = 0,
): Record<string, unknown> => {
  const all: Record<string, unknown> = { ...defaults, ...own };
  if (depth > deepest) return all;
  for (const [key, value] of Object.entries(own)) {
    const preset = defaults[key];
    if (isRecord(value) && isRecord(preset)) all[key] = merged(preset, value, depth + 1);
  }
  return all;
};

const holds = (value: unknown, path: Path): boolean => {
  const [key, ...below] = path;
  if (key === undefined) return true;
  if (Array.isArray(value)) return typeof key === "number" && key < value.length && holds(value[key], below);
  return isRecord(value) && Object.hasOwn(value, key) && holds(value[String(key)], below);
};
