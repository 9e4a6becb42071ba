import { readFileSync } from "node:fs";
import { parse } from "yaml";

/** One call of the table, as IAM sees it: the partition keys of the items that it names, or the index. */
export type Reach = { operation: string; partitions: string[]; index?: string };
/** The permissions of one function's role. */
export type Role = { reaches: (call: Reach) => boolean; secrets: string[]; readsConfig: boolean };

/** A statement that stands only where a condition holds has no action here, but for the first of its `Fn::If`. */
type Statement = {
  "Fn::If"?: [string, { Action?: string | string[] }, unknown];
  Action?: string | string[];
  Resource: string | string[];
  Condition?: { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": string[] } };
};
type Resources = Record<
  string,
  { Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] } }
>;

const template = new URL("../aws/template/access.yml", import.meta.url);

/** Reads the roles from where they are written, so that a function can do here what it can do on AWS, and no more. */
export const readRoles = (text: string = readFileSync(template, "utf8")): Map<string, Role> => {
  const { Resources }: { Resources: Resources } = parse(text, { logLevel: "silent" });
  return new Map(
    Object.entries(Resources).map(([id, { Properties }]) => [
      id.replace(/Role$/, "").toLowerCase(),
      roleOf(Properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)),
    ]),
  );
};

const roleOf = (statements: Statement[]): Role => {
  const granted = (action: string) => statements.filter(({ Action }) => [Action].flat().includes(action));
  const parameters = granted("ssm:GetParameters").flatMap(({ Resource }) => Resource);
  return {
    reaches: ({ operation, partitions, index }) =>
      granted(`dynamodb:${operation}`).some(
        ({ Resource, Condition }) =>
          [Resource].flat().includes(index === undefined ? "Table.Arn" : `\${Table.Arn}/index/${index}`) &&
          partitions.every((partition) => isHeld(partition, Condition)),
      ),
    readsConfig: statements.some((one) => one["Fn::If"]?.[1].Action === "s3:GetObject"),
    secrets: parameters.map((name) => name.slice(name.lastIndexOf("/") + 1)),
  };
};

const isHeld = (partition: string, condition: Statement["Condition"]): boolean => {
  if (condition === undefined) return true;
  const patterns = condition["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
  return patterns.some((pattern) => partition.startsWith(pattern.replace(/\*$/, "")));
};
