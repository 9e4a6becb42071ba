import type { Resource, Template } from "./packaged.ts";

type Value = unknown;
type Parameters = Record<string, string>;

const isObject = (value: Value): value is Record<string, Value> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const nothing = Symbol("AWS::NoValue");

/** Whether a condition of the template holds with these parameters. */
const holds = (template: Template, parameters: Parameters, condition: Value): boolean => {
  const holding = (one: Value) => holds(template, parameters, one);
  if (typeof condition === "string") return holding(template.Conditions![condition]);
  const [[name, of]] = Object.entries(condition as Record<string, Value>) as [[string, Value[]]];
  const text = (value: Value): string => {
    if (!isObject(value)) return String(value);
    if (typeof value.Ref === "string") return parameters[value.Ref] ?? "";
    return text((value["Fn::Join"] as Value[])[1]);
  };
  switch (name) {
    case "Condition":
      return holding(of);
    case "Fn::Equals":
      return text(of[0]) === text(of[1]);
    case "Fn::Not":
      return !holding(of[0]);
    case "Fn::And":
      return of.every(holding);
    case "Fn::Or":
      return of.some(holding);
    default:
      throw new Error(`there is no ${name} for conditions`);
  }
};

/** The template as CloudFormation makes it with these parameters: the resources whose conditions hold, and the chosen value of each `Fn::If`. */
export const resolved = (template: Template, given: Parameters): Template => {
  const defaults = Object.entries(template.Parameters ?? {}).map(([name, { Default }]) => [name, Default]);
  const parameters = Object.fromEntries(
    [...defaults, ...Object.entries(given)].map(([name, of]) => [name, String(of ?? "x")]),
  );
  const stands = ({ Condition }: { Condition?: string }) =>
    Condition === undefined || holds(template, parameters, Condition);
  const chosen = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(chosen).filter((one) => one !== nothing);
    if (!isObject(value)) return value;
    if (value.Ref === "AWS::NoValue") return nothing;
    if ("Fn::If" in value) {
      const [condition, yes, no] = value["Fn::If"] as Value[];
      return chosen(holds(template, parameters, condition) ? yes : no);
    }
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, of]) => [name, chosen(of)])
        .filter(([, of]) => of !== nothing),
    );
  };
  const left = <One extends { Condition?: string }>(of: Record<string, One>): Record<string, One> =>
    Object.fromEntries(
      Object.entries(of)
        .filter(([, one]) => stands(one))
        .map(([id, one]) => [id, chosen(one) as One]),
    );
  return { ...template, Resources: left<Resource>(template.Resources), Outputs: left(template.Outputs) };
};
