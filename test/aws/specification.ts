import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import type { Template } from "./packaged.ts";

/** Takes a second to load. */
const db = loadAwsServiceSpecSync();

type Property = { type: PropertyType; required?: boolean };
type PropertyType = {
  type: string;
  element?: PropertyType;
  reference?: { $ref: string };
  types?: PropertyType[];
};

/** Properties that AWS's own specification does not know or finds missing, and references to nothing. */
export const problemsOf = (template: Template): string[] => [
  ...Object.entries(template.Outputs).flatMap(([id, output]) =>
    references(output).flatMap((of) => checkReference(template, id, of)),
  ),
  ...Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [resource] = db.lookup("resource", "cloudFormationType", "equals", Type);
    if (resource === undefined) return [`${id}: there is no ${Type}`];
    return [
      ...checkObject(`${id} (${Type})`, Properties, resource.properties as Record<string, Property>),
      ...conditionsIn(Properties).flatMap((name) =>
        template.Conditions?.[name] === undefined ? [`${id}: there is no condition ${name}`] : [],
      ),
      ...references(Properties).flatMap((of) => checkReference(template, id, of)),
    ];
  }),
];

/** The resources that AWS's specification says can be tagged, each with its tags by name. */
export const tagsIn = (template: Template): [string, Record<string, unknown>][] =>
  Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) => {
    const [resource] = db.lookup("resource", "cloudFormationType", "equals", Type);
    const information = resource?.tagInformation;
    if (information === undefined) return [];
    const tags = Properties[information.tagPropertyName] ?? {};
    const pairs = Array.isArray(tags)
      ? tags.map(({ Key, Value }): [string, unknown] => [Key, Value])
      : Object.entries(tags);
    return [[id, Object.fromEntries(pairs)]];
  });

const checkObject = (
  where: string,
  value: Record<string, unknown>,
  properties: Record<string, Property>,
): string[] => [
  ...Object.entries(properties)
    .filter(([name, { required }]) => required && value[name] === undefined)
    .map(([name]) => `${where}: ${name} is missing`),
  ...Object.entries(value).flatMap(([name, of]) => {
    const property = properties[name];
    return property === undefined
      ? [`${where}: there is no ${name}`]
      : check(`${where}.${name}`, of, property.type);
  }),
];

const check = (where: string, value: unknown, type: PropertyType): string[] => {
  if (value === undefined || isIntrinsic(value)) return [];
  switch (type.type) {
    case "string":
      return typeof value === "string" ? [] : [`${where}: a text, not ${JSON.stringify(value)}`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${where}: true or false, not ${JSON.stringify(value)}`];
    case "integer":
    case "number":
      return typeof value === "number" ? [] : [`${where}: a number, not ${JSON.stringify(value)}`];
    case "array":
      if (!Array.isArray(value)) return [`${where}: a list, not ${JSON.stringify(value)}`];
      return value.flatMap((one, place) => check(`${where}[${place}]`, one, type.element!));
    case "ref": {
      const definition = db.get("typeDefinition", type.reference!.$ref);
      const properties = definition.properties as Record<string, Property>;
      return checkObject(where, value as Record<string, unknown>, properties);
    }
    case "union": {
      const tried = type.types!.map((one) => check(where, value, one));
      return tried.some((problems) => problems.length === 0) ? [] : tried[0]!;
    }
    default:
      return [];
  }
};

const isIntrinsic = (value: unknown): boolean =>
  typeof value === "object" && value !== null && /^(Ref|Fn::\w+)$/.test(Object.keys(value)[0] ?? "");

/** The conditions of every `Fn::If`. */
const conditionsIn = (value: unknown): string[] =>
  typeof value !== "object" || value === null
    ? []
    : Object.entries(value).flatMap(([name, of]) => [
        ...(name === "Fn::If" ? [String(of[0])] : []),
        ...conditionsIn(of),
      ]);

/** Every `Ref` and `Fn::GetAtt`, and those within `Fn::Sub`, as [resource, attribute]. */
const references = (value: unknown): [string, string?][] => {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, of]): [string, string?][] => {
    if (name === "Ref" && typeof of === "string") return [[of]];
    if (name === "Fn::GetAtt") return [of as [string, string]];
    if (name !== "Fn::Sub") return references(of);
    const [text, values = {}] = [of].flat() as [string, Record<string, unknown>?];
    const named = [...text.matchAll(/\$\{([^}!]+)\}/g)].map(([, name]) => name!.split("."));
    const others = named.filter(([id]) => !(id! in values));
    return [
      ...others.map(([id, attribute]): [string, string?] =>
        attribute === undefined ? [id!] : [id!, attribute],
      ),
      ...references(values),
    ];
  });
};

const checkReference = (template: Template, id: string, [to, attribute]: [string, string?]): string[] => {
  if (/^AWS::(Region|AccountId|Partition|StackName|URLSuffix|NoValue)$/.test(to)) return [];
  if (template.Parameters?.[to] !== undefined) return [];
  const resource = template.Resources[to];
  if (resource === undefined) return [`${id}: refers to ${to}, which is not there`];
  if (attribute === undefined) return [];
  const [known] = db.lookup("resource", "cloudFormationType", "equals", resource.Type);
  if (known !== undefined && attribute in { ...known.attributes, ...known.properties }) return [];
  return [`${id}: ${to} (${resource.Type}) has no attribute ${attribute}`];
};
