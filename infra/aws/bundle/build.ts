import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../../shared/errors.ts";
import { example } from "../../host/settings/settings.ts";
import { secretsOf } from "../secrets.ts";
import { bundle } from "./bundle.ts";
import { compileReady } from "./ready.ts";

const root = join(import.meta.dirname, "../../..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "allow-example": { type: "boolean", default: false },
    maps: { type: "boolean", default: false },
  },
});

/**
 * Builds every function to `<dist>/<function>/index.cjs`, and the configuration, checked, to `<dist>/countersteer.json`. With
 * CONFIG_BUCKET it is an object of its own, and in no package: `<dist>/config/countersteer.json`. With --maps the source maps lie beside the
 * functions, for reading a stack of the log.
 */
const main = async (dist: string): Promise<number> => {
  const file = process.env.COUNTERSTEER_CONFIG || example;
  let config: string;
  try {
    config = compileReady(file, values["allow-example"]);
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const object = join(dist, process.env.CONFIG_BUCKET ? "config/countersteer.json" : "countersteer.json");
  mkdirSync(dirname(object), { recursive: true });
  writeFileSync(object, config);
  const sizes = await bundle(Object.keys(secretsOf), dist, values);
  for (const [name, bytes] of sizes)
    console.log(`${name.padEnd(10)} ${String(Math.ceil(bytes / 1000)).padStart(4)} KB`);
  if (process.env.CONFIG_BUCKET)
    console.log(`upload ${relative(root, object)} as the object of the configuration before you deploy`);
  const whose = file === example ? " (the example: COUNTERSTEER_CONFIG names yours)" : "";
  console.log(`configuration: ${relative(root, file)}${whose}`);
  return 0;
};

process.exitCode = await main(positionals[0] ?? join(root, "dist"));
