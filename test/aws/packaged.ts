import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { oslsCache } from "../../infra/aws/bundle/pack-template.ts";
import { quickly } from "./quickly.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

export type Resource = {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
};
export type Template = {
  Parameters?: Record<string, { Type: string; Default: unknown }>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, Resource>;
  Outputs: Record<string, { Value: unknown; Condition?: string }>;
  Rules?: unknown;
};
/** The output of `npm run build` and `npm run package`, in a directory of its own. `dist` and `zips` are directories. */
export type Packaged = { dist: string; zips: string; template: Template; text: string; close(): void };

/** Builds and packages as the npm scripts do, with nothing in the environment but `env` and caches: no account, no home. */
export const packaged = async (env: Record<string, string>): Promise<Packaged> => {
  const place = mkdtempSync(join(tmpdir(), "countersteer-package-"));
  const dist = join(place, "dist");
  const zips = join(place, ".serverless");
  for (const part of ["serverless.yml", "infra/aws"])
    cpSync(join(root, part), join(place, part), {
      recursive: true,
      filter: (from) => /\/http-edge\.ts$/.test(from) || !/\.ts$|\/local$/.test(from),
    });
  const bare = { PATH: process.env.PATH ?? "", HOME: join(place, "nobody"), ...oslsCache, ...quickly };
  const options = { cwd: place, env: { ...bare, ...env } };
  await run(process.execPath, [join(root, "infra/aws/bundle/build.ts"), dist, "--allow-example"], options);
  await run(process.execPath, [join(root, "node_modules/osls/bin/serverless.js"), "package"], options);
  const text = readFileSync(join(zips, "cloudformation-template-update-stack.json"), "utf8");
  const close = () => rmSync(place, { recursive: true, force: true });
  return { dist, zips, text, template: JSON.parse(text) as Template, close };
};

/** A value as it is where its condition holds. */
export const whereTrue = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "Fn::If" in value
    ? (value["Fn::If"] as unknown[])[1]
    : value;

/** A value of a template as text: a reference stands by its name, attributes after a dot. */
export const plain = (value: unknown): string => {
  if (typeof value !== "object" || value === null) return String(value);
  const [[name, of]] = Object.entries(value) as [[string, unknown]];
  if (name === "Ref" || name === "Fn::Sub") return String([of].flat()[0]);
  if (name === "Fn::GetAtt") return (of as string[]).join(".");
  if (name === "Fn::Join") return (of as [string, unknown[]])[1].map(plain).join((of as [string])[0]);
  return JSON.stringify(value);
};

/** The names of the files in a zip, by its central directory: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT §4.3.12 */
export const filesIn = (zip: string): string[] => {
  const bytes = readFileSync(zip);
  const names: string[] = [];
  for (
    let at = bytes.readUInt32LE(bytes.lastIndexOf("PK\x05\x06") + 16);
    bytes.readUInt32LE(at) === 0x02014b50;
  ) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset));
    names.push(bytes.toString("utf8", at + 46, at + 46 + name!));
    at += 46 + name! + extra! + comment!;
  }
  return names.sort();
};

/** The libraries that a function loads when they are first called. */
const late: Record<string, string[]> = { alerts: ["re2"], diagnose: ["re2", "yaml"], propose: ["yaml"] };

/** The files of a function's code, in the order of its package. */
export const filesOf = (name: string): string[] =>
  ["index", ...(late[name] ?? [])].map((file) => `dist/${name}/${file}.cjs`);
