import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes a file that imports the files at `urls`, which share its process. Their tests begin once all are imported: a file that awaits
 * something before its first test would else find its `after` hooks run, as the tests of the others have ended.
 */
export const sharedFile = (directory: string, index: number, urls: string[]): string => {
  const all = `together-${index}-files.mjs`;
  writeFileSync(join(directory, all), urls.map((url) => `import ${JSON.stringify(url)};\n`).join(""));
  const path = join(directory, `together-${index}.mjs`);
  writeFileSync(
    path,
    `import { before } from "node:test";
const imported = import("./${all}");
before(() => imported);
await imported;
`,
  );
  return path;
};
