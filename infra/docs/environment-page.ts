import { environmentTables } from "../host/settings/environment.ts";
import { type Variable, variablesOf } from "../host/settings/variables.ts";
import { linkPages, table } from "./markdown.ts";

const introduction = `# Environment variables

<!-- Written by \`npm run docs\` from infra/host/settings/environment.ts. Do not edit. -->

The server is set up by environment variables and by one [configuration file](configuration.md). An empty variable counts as not
set. \`npm start -- --help\` prints this list.

Without any credential of GitHub and Slack, the sandbox plays both, so that you can look around. With real credentials, all of
these must be set, or the server refuses to start: a GitHub credential, \`SLACK_BOT_TOKEN\`, \`SLACK_SIGNING_SECRET\`,
\`ALERTMANAGER_TOKEN\` and \`COUNTERSTEER_CONFIG\`. A sandbox can therefore never approve a real merge.
`;

export const environmentPage = (): string =>
  [
    introduction,
    ...environmentTables.map(
      ({ title, note, variables }) =>
        `## ${title}\n\n${linkPages(note)}\n\n${table(["variable", "value", "default", "meaning"], variablesOf(variables).map(row))}`,
    ),
  ].join("\n");

const row = ({ name, type, preset, description }: Variable): string[] => [
  `\`${name}\``,
  type,
  preset === undefined ? "none" : `\`${preset}\``,
  linkPages(description),
];
