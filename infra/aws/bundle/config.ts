import { writeFileSync } from "node:fs";
import { messageOf } from "../../../shared/errors.ts";
import { readConfigFiles } from "../../host/settings/config-files.ts";
import { compileConfig } from "./compile.ts";

const usage = `usage: npm run --silent config -- FILE [OUT]

Checks a configuration and compiles it to the JSON that functions on AWS read: to OUT, or to the output. Upload it as the object
CONFIG_KEY of CONFIG_BUCKET, and it counts within a minute.

Exit codes: 0 written, 1 the configuration is wrong, 2 wrong usage.`;

const main = ([file, out, ...others]: string[]): number => {
  if (file === undefined || file.startsWith("-") || others.length > 0) {
    console.error(usage);
    return 2;
  }
  try {
    const { text, included } = readConfigFiles(file);
    const json = compileConfig(file, text, included);
    if (out === undefined) process.stdout.write(json);
    else writeFileSync(out, json);
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
};

process.exitCode = main(process.argv.slice(2));
