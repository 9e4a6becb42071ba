import { z } from "zod";
import { ownValue } from "../records.ts";

type Schema = z.core.$ZodType;
type Layers = {
  shape?: Record<string, Schema>;
  element?: Schema;
  valueType?: Schema;
  options?: Schema[];
  innerType?: Schema;
  in?: Schema;
};

/** The schemas that a schema is made of: zod has a type of its own for each kind. */
const partsOf = (schema: Schema): Layers => schema._zod.def as Layers;

/** A schema with all that it wraps, such as an optional one, one with a default, or one of several. */
const layersOf = (schema: Schema): Schema[] => {
  const def = partsOf(schema);
  const inner = [def.innerType, def.in, ...(def.options ?? [])].filter((one) => one !== undefined);
  return [schema, ...inner.flatMap(layersOf)];
};

const below = (schema: Schema, key: PropertyKey): Schema[] => {
  const { shape, element, valueType } = partsOf(schema);
  const next = shape === undefined ? (element ?? valueType) : ownValue(shape, String(key));
  return next === undefined ? [] : [next];
};

/** Every schema that may describe the value at `path` of a value that `root` describes. */
export const schemasAt = (root: Schema, path: PropertyKey[]): Schema[] =>
  path.reduce<Schema[]>(
    (found, key) => found.flatMap((schema) => below(schema, key)).flatMap(layersOf),
    layersOf(root),
  );

/** The keys that a map at `path` may have. */
export const keysAt = (root: Schema, path: PropertyKey[]): string[] => [
  ...new Set(schemasAt(root, path).flatMap((schema) => Object.keys(partsOf(schema).shape ?? {}))),
];

/** A value as one would write it at `path`, where the schema has an example. */
export const exampleAt = (root: Schema, path: PropertyKey[]): unknown =>
  schemasAt(root, path)
    .map((schema) => exampleOf(schema))
    .find((example) => example !== undefined);

const exampleOf = (schema: Schema): unknown => {
  const [own] = (z.globalRegistry.get(schema)?.examples ?? []) as unknown[];
  if (own !== undefined) return own;
  const { element, shape } = partsOf(schema);
  if (shape !== undefined) return exampleOfKeys(shape);
  const one = element && exampleWithin(element);
  return one === undefined ? undefined : [one];
};

const exampleWithin = (schema: Schema): unknown =>
  layersOf(schema)
    .map(exampleOf)
    .find((example) => example !== undefined);

/** A map of the keys that must be there, if each has an example. */
const exampleOfKeys = (shape: Record<string, Schema>): Record<string, unknown> | undefined => {
  const needed = Object.entries(shape).filter(([, schema]) => schema._zod.optin === undefined);
  const examples = needed.map(([key, schema]) => [key, exampleWithin(schema)] as const);
  const isWhole = examples.length > 0 && examples.every(([, example]) => example !== undefined);
  return isWhole ? Object.fromEntries(examples) : undefined;
};

/** The places of the configuration, by the names of their keys, that have a key of this name. */
export const placesOf = (root: Schema, key: string): string[] => {
  const found = new Set<string>();
  const walk = (schema: Schema, place: string[]): void => {
    for (const layer of layersOf(schema)) {
      const { shape = {}, element } = partsOf(layer);
      if (element !== undefined) walk(element, [...place.slice(0, -1), `${place.at(-1)}[]`]);
      if (Object.hasOwn(shape, key)) found.add(place.join("."));
      for (const [name, inner] of Object.entries(shape)) walk(inner, [...place, name]);
    }
  };
  walk(root, []);
  return [...found];
};
