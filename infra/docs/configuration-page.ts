import { z } from "zod";
import { configuration } from "../../shared/config/schema.ts";
import { linkPages, table } from "./markdown.ts";

type Schema = z.core.JSONSchema.BaseSchema;
/** `either`: exactly one of the keys must be there. */
type Section = { path: string; schema: Schema; either?: boolean };

/** The input of the configuration file as a JSON schema of draft 2020-12, as it is checked: every service is written out. */
const checkedSchema = (): Schema => z.toJSONSchema(configuration, { io: "input" });

/** The same as people write it: `defaults` and `each` give what an entry lacks, and `x-` keys hold anchors. */
export const configurationSchema = (): Schema => {
  const { properties = {}, required: _, ...schema } = checkedSchema();
  const { services = {}, defaults = {} } = properties as Record<string, Schema>;
  const { required: __, ...entry } = services.items as Schema;
  return {
    ...schema,
    properties: {
      ...properties,
      defaults: { ...defaults, ...entry, description: defaults.description ?? "" },
      services: { ...services, items: entry },
    },
    patternProperties: { "^x-": {} },
  };
};

const introduction = `# Configuration

<!-- Written by \`npm run docs\` from shared/config. Do not edit. -->

One YAML file says which alerts are about which service, where its code is, who decides, and how far Countersteer may go.
The variable \`COUNTERSTEER_CONFIG\` names it; [environment.md](environment.md) lists all variables. Start from the commented
[example](../infra/host/countersteer.example.yaml), or from the smallest file that is valid:

\`\`\`yaml
# yaml-language-server: $schema=countersteer.schema.json
services:
  - name: checkout
    match: ['service="checkout"']
    repository: acme/checkout
    environments: [production]
    channel: C024BE91L
\`\`\`

It observes: it diagnoses every alert whose label \`service\` is \`checkout\`, reports in Slack, and changes nothing.

Check a file before you use it. Each mistake is reported with its line and its path:

\`\`\`
npm run --silent cli -- check-config countersteer.yaml
\`\`\`

The first line of the example above makes editors with a YAML language server (VS Code, Neovim, IntelliJ) complete keys and
show these descriptions. It is the path, seen from your file, to [countersteer.schema.json](../countersteer.schema.json).

Durations are numbers with units, the largest first: \`500ms\`, \`30s\`, \`5m\`, \`1h30m\`, \`1d\`, \`2w\`. Unknown keys are refused, so that a typing
error cannot switch a limit off. Each file may have at most 16,777,216 characters.

## Many services

Say once what many services share, and say services that differ by their name in one entry:

\`\`\`yaml
include: services/*.yaml
defaults:
  environments: [production]
  channel: C024BE91L
  policy: { mode: approve }
  approvers: [U024BE7LH]
services:
  - each: [cart, search, payment]
    match: ['service="{name}"']
    repository: acme/{name}
  - name: fraud
    match: ['service="fraud"']
    repository: acme/fraud
    policy: { mode: observe }
\`\`\`

A key of a service counts before the key of \`defaults\`. The keys of a map, such as \`policy\`, are joined. An included file is a list of services. YAML anchors may
stand under keys of the whole file that begin with \`x-\`. Problems are told where they are written, with the file and the line.
`;

const rules = `## Rules across keys

\`check-config\` also refuses a file in which
- two services have the same name,
- \`dependsOn\` names the service itself or a service that is not in the file,
- \`verify.hold\` is not shorter than \`policy.verifyTimeout\`,
- a service in mode \`approve\` or \`auto\` has no approver,
- a quorum is higher than the number of people who may approve, or four eyes are kept with one approver whose account is not known,
- all approvers are accounts on GitHub and \`people\` maps nobody, or two people have the same account,
- an entry of \`deploys\` names no tool, several tools, or an environment that nothing tells,
- \`environments\` has a name that no service uses, or one name for two environments,
- a rule asks for nothing, or names an environment that the service does not have,
- a rule of \`scaling\` raises memory or CPU without \`to\`, or the replicas of an object that is not an HPA without \`to\` or \`current\`.
`;

export const configurationPage = (): string => {
  const sections = sectionsOf({ path: "", schema: checkedSchema() });
  return `${[introduction, ...sections.map(sectionText), rules].join("\n")}`;
};

/** The object itself, then the objects below it, in the order of their keys. */
const sectionsOf = (section: Section): Section[] => [
  section,
  ...propertiesOf(section.schema).flatMap(({ key, schema }) =>
    objectsIn(schema).flatMap((object) => sectionsOf({ path: join(section.path, key), ...object })),
  ),
];

const propertiesOf = ({ properties = {} }: Schema): { key: string; schema: Schema }[] =>
  Object.entries(properties).flatMap(([key, schema]) =>
    typeof schema === "object" ? [{ key, schema }] : [],
  );

/** The objects that a value may be: the value itself, the items of a list, the members of a union. */
const objectsIn = (schema: Schema): Omit<Section, "path">[] => {
  const { items, anyOf = [] } = schema;
  if (schema.properties !== undefined) return [{ schema }];
  if (typeof items === "object" && !Array.isArray(items)) return objectsIn(items);
  const objects = anyOf.filter((one) => Object.keys(shapeOf(one)).length > 0);
  if (objects.length < 2) return objects.flatMap((one) => (typeof one === "object" ? [{ schema: one }] : []));
  return [{ schema: { properties: Object.assign({}, ...objects.map(shapeOf)) }, either: true }];
};

const shapeOf = (schema: z.core.JSONSchema._JSONSchema) =>
  typeof schema === "object" ? (schema.properties ?? {}) : {};

const sectionText = ({ path, schema, either = false }: Section): string => {
  const { required = [] } = schema;
  const rows = propertiesOf(schema).map(({ key, schema: property }) => [
    `\`${key}\``,
    typeText(join(path, key), property),
    required.includes(key) ? "**required**" : either ? "**one of these**" : presetText(property),
    linkPages(property.description ?? ""),
  ]);
  return `## ${path === "" ? "The file" : path}\n\n${table(["key", "value", "default", "meaning"], rows)}`;
};

const typeText = (path: string, schema: Schema): string => {
  const { items, title, type } = schema;
  if (type === "array" && typeof items === "object" && !Array.isArray(items)) {
    return `list: ${typeText(path, items)}`;
  }
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (objectsIn(schema).length > 0) return `[${path}](#${path.replaceAll(".", "").toLowerCase()})`;
  return title ?? String(type);
};

const presetText = ({ default: preset }: Schema): string => {
  if (preset === undefined) return "none";
  if (typeof preset !== "object" || preset === null) return `\`${preset}\``;
  if (!Array.isArray(preset)) return "as below";
  return preset.length === 0 ? "empty" : preset.map((one) => `\`${one}\``).join(", ");
};

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
