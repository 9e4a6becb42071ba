import { plain } from "../packaged.ts";
import { type Named, one } from "./template.ts";

export const named = <T>(name: string, of: (properties: Named) => T): [string, T] => [
  name,
  of(one(`${name[0]!.toUpperCase()}${name.slice(1)}LambdaFunction`)),
];

export const ofEach = <T>(names: string[], of: (properties: Named) => T) =>
  Object.fromEntries(names.map((name) => named(name, of)));

/** `DiagnoseLambdaFunction.Arn` → diagnose */
export const functionOf = (target: unknown): string =>
  plain(target).replace(
    /^([A-Z])(\w+)LambdaFunction(\.Arn)?$/,
    (_, first, rest) => first.toLowerCase() + rest,
  );
