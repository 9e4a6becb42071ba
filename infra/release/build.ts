import { globSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
/** The tree of the npm package, as package.json names it. */
const target = join(root, "dist/npm");
/** Node strips no types of files below node_modules, so the package holds JavaScript: file by file, at the same paths. */
const sources = [
  "shared",
  "functions",
  "infra/cli",
  "infra/demo",
  "infra/drill",
  "infra/host",
  "infra/local",
  "infra/sandbox",
  "infra/train",
];
const readsBesides = /\.(ts|js|json|ya?ml|css|mbox)$/;
const sourcePath = /(["'])(\.{1,2}\/[^"'\n]*)\.ts\1/g;

const launcher = `#!/usr/bin/env node
import "./node-version.js";

// Only now: an older Node cannot read the rest.
await import("./cli.js");
`;

const toJavaScript = (text: string): string =>
  stripTypeScriptTypes(text).replaceAll(sourcePath, (_, quote, path) => `${quote}${path}.js${quote}`);

const write = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(target, path)), { recursive: true });
  await writeFile(join(target, path), text);
};

const copy = async (path: string): Promise<void> => {
  if (path.endsWith(".ts"))
    return write(path.replace(/ts$/, "js"), toJavaScript(await readFile(join(root, path), "utf8")));
  await cp(join(root, path), join(target, path), { recursive: true });
};

/** Writes the tree of the npm package anew and returns its folder. */
export const buildPackage = async (): Promise<string> => {
  await rm(target, { recursive: true, force: true });
  const files = sources.flatMap((folder) => globSync(`${folder}/**/*`, { cwd: root }));
  for (const file of files.filter((path) => readsBesides.test(path))) await copy(file);
  const { name, version, type } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  await write("package.json", `${JSON.stringify({ name, version, type })}\n`);
  await write("infra/cli/countersteer.js", launcher);
  await chmod(join(target, "infra/cli/countersteer.js"), 0o755);
  return target;
};

if (import.meta.main) await buildPackage();
