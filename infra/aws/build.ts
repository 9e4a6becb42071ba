import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { messageOf } from "../../shared/errors.ts";
import { codeOf } from "../host/errors.ts";
import { example } from "../host/settings.ts";
import { bundle } from "./bundle.ts";
import { compileConfig } from "./compile.ts";
import { secretsOf } from "./secrets.ts";

const root = join(import.meta.dirname, "../..");

/** Builds every function to `<dist>/<function>/index.cjs`, and the configuration, checked, to `<dist>/countersteer.json`. */
const main = async (dist: string): Promise<number> => {
  const file = process.env.COUNTERSTEER_CONFIG || example;
  let config: string;
  try {
    config = compileConfig(file, textOf(file));
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "countersteer.json"), config);
  const sizes = await bundle(Object.keys(secretsOf), dist);
  for (const [name, bytes] of sizes)
    console.log(`${name.padEnd(10)} ${String(Math.ceil(bytes / 1000)).padStart(4)} KB`);
  const whose = file === example ? " (the example: COUNTERSTEER_CONFIG names yours)" : "";
  console.log(`configuration: ${relative(root, file)}${whose}`);
  return 0;
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`the configuration ${file} cannot be read: ${codeOf(error)}`);
  }
};

process.exitCode = await main(process.argv[2] ?? join(root, "dist"));
