import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedFiles } from "./pages.ts";

// npm run docs: writes the generated pages and the JSON schema of the configuration.

const root = join(import.meta.dirname, "../..");
for (const [path, text] of Object.entries(generatedFiles())) {
  writeFileSync(join(root, path), text);
  console.log(path);
}
