import { githubManifest, slackManifest } from "../host/manifests.ts";
import { approvalPage } from "./approval-page.ts";
import { configurationPage, configurationSchema } from "./configuration-page.ts";
import { environmentPage } from "./environment-page.ts";

/** The address in the manifests of the two apps, as in the documentation. */
const address = "https://countersteer.example.com";

/** The files that are generated from schemas, by their path in the repository. */
export const generatedFiles = (): Record<string, string> => ({
  "countersteer.schema.json": `${JSON.stringify(configurationSchema(), null, 2)}\n`,
  "infra/integrations/github-app.json": `${JSON.stringify(githubManifest({ services: [] }, address), null, 2)}\n`,
  "infra/integrations/slack-app.json": `${JSON.stringify(slackManifest(address), null, 2)}\n`,
  "docs/approval.md": approvalPage(),
  "docs/configuration.md": configurationPage(),
  "docs/environment.md": environmentPage(),
});
