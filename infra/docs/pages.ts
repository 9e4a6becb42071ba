import { approvalPage } from "./approval-page.ts";
import { configurationPage, configurationSchema } from "./configuration-page.ts";
import { environmentPage } from "./environment-page.ts";

/** The files that are generated from schemas, by their path in the repository. */
export const generatedFiles = (): Record<string, string> => ({
  "countersteer.schema.json": `${JSON.stringify(configurationSchema(), null, 2)}\n`,
  "docs/approval.md": approvalPage(),
  "docs/configuration.md": configurationPage(),
  "docs/environment.md": environmentPage(),
});
