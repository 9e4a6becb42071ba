import { parseYaml, type Source } from "../../../yaml/document.ts";
import { locate } from "../../../yaml/locate.ts";
import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { type FileSet, within } from "../manifests/file-set.ts";
import type { Ask, Field, Target } from "../model.ts";
import { type ValueLocation, valueLocationOf } from "../value-edit.ts";
import { type Attribute, readHcl } from "./hcl.ts";

/** Attributes that mean a scale, by field; anything else in Terraform is not touched. */
const allowed: Record<"replicas" | "min" | "max", RegExp> = {
  max: /^max_(size|capacity|count|node_count|nodes|instances|instance_count|replicas)$|_max(_size|_capacity|_count|_nodes|_instances|_replicas)?$|(^|_)max_(size|capacity|count|node_count|nodes|instances|instance_count|replicas)$/,
  min: /^min_(size|capacity|count|node_count|nodes|instances|instance_count|replicas)$|_min(_size|_capacity|_count|_nodes|_instances|_replicas)?$|(^|_)min_(size|capacity|count|node_count|nodes|instances|instance_count|replicas)$/,
  replicas:
    /(^|_)(desired_(size|capacity|count|nodes|instances)|node_count|instance_count|replicas|replica_count|desired)$|^(provisioned|reserved)_concurrent_executions$/,
};

type LocatedAttribute = { file: string; attribute: Attribute };
/** The value to change and its sibling attributes. */
export type Terraform = {
  location: ValueLocation;
  kind: string;
  name: string;
  min?: number;
  desired?: number;
  max?: number;
};

/** Terraform and OpenTofu, and the inputs of Terragrunt. */
const isTerraform = (file: string): boolean =>
  /\.(tf|tofu)$|\.tfvars(\.json)?$|(^|\/)terragrunt\.hcl$/.test(file);

/** The value for `Terraform/-/NAME`: a variable of a tfvars file, or an attribute of `TYPE.NAME` or `module.NAME`. */
export const terraform = (set: FileSet, target: Target, ask: Ask): Terraform | Refused => {
  const { field } = ask;
  if (field === "memory" || field === "cpu") return refuse(`Terraform has no --${field}`);
  const files = [...set.files.keys()].filter((file) => isTerraform(file) && within(ask.path ?? "", file));
  const attributes = readAttributes(set, files);
  if (isRefused(attributes)) return attributes;
  const [resource, another] = attributes.filter(
    ({ file, attribute: { path } }) =>
      /\.(tf|tofu)$/.test(file) && isIn(path, target) && allowed[field].test(path.at(-1) ?? ""),
  );
  if (resource && another)
    return refuse(
      `two owners: ${locationOf(resource)} and ${locationOf(another)} both hold a --${field} of ${target.name}`,
    );
  const name = resource === undefined ? target.name : /^var\.(\w+)$/.exec(resource.attribute.value)?.[1];
  const variable = name === undefined ? undefined : variableOf(set, files, { attributes, name });
  const location = variable ?? (resource && valueLocation(resource));
  if (location === undefined) return unknown(set, target, field, attributes.filter(isVariable));
  if (isRefused(location)) return location;
  const names = location.path.split(".").slice(-2);
  if (!names.some((one) => allowed[field].test(one) || allowed[field].test(one.replace(/s$/, ""))))
    return refuse(
      `${location.file}:${location.line}: ${location.path} is no attribute for --${field} that may be changed`,
    );
  return { location, kind: "Terraform", name: target.name, ...siblings(attributes, location, field) };
};

const readAttributes = (set: FileSet, files: string[]): LocatedAttribute[] | Refused => {
  const attributes: LocatedAttribute[] = [];
  for (const file of files.filter((one) => !one.endsWith(".json"))) {
    const read = readHcl(set.files.get(file) ?? "");
    if ("wrong" in read) return refuse(`${file}:${read.line}: ${read.wrong}`);
    attributes.push(...read.attributes.map((attribute) => ({ file, attribute })));
  }
  return attributes;
};

const isVariable = ({ file, attribute }: LocatedAttribute): boolean =>
  file.endsWith(".tfvars") || (file.endsWith("terragrunt.hcl") && attribute.path[0] === "inputs");

/** The name of a variable, by the path of the attribute that sets it. */
const variableName = ({ file, attribute: { path } }: LocatedAttribute): string =>
  (file.endsWith("terragrunt.hcl") ? path.slice(1) : path).join(".");

/** The one file that sets a variable; undefined when none does. */
const variableOf = (
  set: FileSet,
  files: string[],
  { attributes, name }: { attributes: LocatedAttribute[]; name: string },
): ValueLocation | Refused | undefined => {
  const found = [
    ...attributes
      .filter((located) => isVariable(located) && variableName(located) === name)
      .map(valueLocation),
    ...files
      .filter((file) => file.endsWith(".tfvars.json"))
      .flatMap((file) => inJson(file, set.files.get(file) ?? "", name)),
  ];
  if (found.length < 2) return found[0];
  const owners = found.map((one) => (isRefused(one) ? one.refused : `${one.file}:${one.line}`));
  return refuse(`two owners: ${owners.join(" and ")} both set ${name}; say which with --path`);
};

const locationOf = ({ file, attribute }: LocatedAttribute): string => `${file}:${attribute.line}`;

/** `resource TYPE NAME`, `module NAME`, and blocks inside of them. */
const isIn = (path: string[], { kind, name }: Target): boolean => {
  const [type, ...labels] = path;
  const wanted = /^terraform$/i.test(kind) ? name : `${kind}.${name}`;
  if (type === "module") return wanted === `module.${labels[0]}`;
  return (type === "resource" || type === "data") && wanted === `${labels[0]}.${labels[1]}`;
};

const valueLocation = ({ file, attribute }: LocatedAttribute): ValueLocation | Refused => {
  const { value, path, line, start, end } = attribute;
  if (!/^(\d+|"\d+")$/.test(value))
    return refuse(
      `${file}:${line}: ${path.at(-1)} is an expression (${value.split("\n", 1).join("").slice(0, 60)}), not a plain number`,
    );
  const quote = value.startsWith('"') ? '"' : "";
  return {
    ...{ file, line, start, end, quote, path: path.join("."), value: value.replaceAll('"', "") },
    verifyEdit: (before, after, now) =>
      verifyHclEdit(file, before, after, { path: path.join("."), now: `${quote}${now}${quote}` }),
  };
};

const verifyHclEdit = (
  file: string,
  before: string,
  after: string,
  { path, now }: { path: string; now: string },
) => {
  const [a, b] = [readHcl(before), readHcl(after)];
  if ("wrong" in a || "wrong" in b || a.attributes.length !== b.attributes.length)
    return `${file} would not be HCL any more`;
  const changed = b.attributes.filter(
    ({ path, value }, at) =>
      a.attributes[at]?.value !== value || a.attributes[at]?.path.join(".") !== path.join("."),
  );
  const [only, another] = changed;
  return only && !another && only.path.join(".") === path && only.value === now
    ? undefined
    : `${changed.length} attributes of ${file} would change`;
};

const inJson = (file: string, text: string, name: string): (ValueLocation | Refused)[] => {
  const parsed = parseYaml(file, text);
  const [wrong] = parsed.errors;
  if (wrong) return [refuse(`${file}:${wrong.line}: ${wrong.message}`)];
  const source: Source = { parsed, document: 0, keys: [], node: parsed.documents[0]?.contents };
  const found = locate(source, name.split("."));
  if ("absent" in found) return [];
  return [isRefused(found) ? found : valueLocationOf(found)];
};

const siblings = (
  attributes: LocatedAttribute[],
  { file, path }: ValueLocation,
  field: "replicas" | "min" | "max",
) => {
  const beside = (word: "min" | "max" | "desired") => {
    const wanted = path.replace(/(max|min|desired)(?!.*(?:max|min|desired))/, word);
    const found = attributes.find((one) => one.file === file && one.attribute.path.join(".") === wanted);
    const number = Number(found?.attribute.value.replaceAll('"', ""));
    return found && Number.isSafeInteger(number) && wanted !== path ? number : undefined;
  };
  const known = { min: beside("min"), desired: beside("desired"), max: beside("max") };
  const own = field === "replicas" ? "desired" : field;
  return Object.fromEntries(
    Object.entries(known).filter(([name, value]) => value !== undefined && name !== own),
  );
};

const unknown = (set: FileSet, { name }: Target, field: Field, variables: LocatedAttribute[]): Refused => {
  const near = [...set.files.keys()].filter(isTerraform).length;
  const some = variables.slice(0, 5).map((one) => `${one.attribute.path.join(".")} (${locationOf(one)})`);
  return refuse(
    `no ${name} with a --${field} in the ${near} Terraform files${some.length > 0 ? `; there is ${some.join(", ")}` : ""}`,
  );
};
