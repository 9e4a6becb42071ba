import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../../shared/errors.ts";
import { adviceOnEnvironment } from "../../host/settings/advice.ts";
import { readConfigFiles } from "../../host/settings/config-files.ts";
import { example } from "../../host/settings/settings.ts";
import { readCompiled } from "../compiled.ts";
import { secretsOf } from "../secrets.ts";
import { bundle } from "./bundle.ts";
import { compileConfig } from "./compile.ts";

const root = join(import.meta.dirname, "../../..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { "allow-example": { type: "boolean", default: false } },
});

/** Builds every function to `<dist>/<function>/index.cjs`, and the configuration, checked, to `<dist>/countersteer.json`. */
const main = async (dist: string): Promise<number> => {
  const file = process.env.COUNTERSTEER_CONFIG || example;
  let config: string;
  try {
    const { text, included } = readConfigFiles(file);
    config = compileConfig(file, text, included);
    refuseUnready(file, config);
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

/** A package of the example, or one that can verify nothing, is made by oversight, and works for nobody. */
const refuseUnready = (file: string, config: string): void => {
  if (values["allow-example"]) return;
  const lacks = [
    ...(file === example
      ? ["COUNTERSTEER_CONFIG is not set: it names your configuration, and the example works for nobody"]
      : []),
    ...adviceOnEnvironment(readCompiled(config), process.env, []),
  ];
  if (lacks.length > 0)
    throw new Error([...lacks, "nothing is packed; --allow-example packs it all the same"].join("\n"));
};

process.exitCode = await main(positionals[0] ?? join(root, "dist"));
