import { adviceOnEnvironment } from "../../host/settings/advice.ts";
import { readConfigFiles } from "../../host/settings/config-files.ts";
import { example } from "../../host/settings/settings.ts";
import { readCompiled } from "../compiled.ts";
import { compileConfig } from "./compile.ts";

/** The configuration in `file` as the JSON that functions read. Throws with every problem, and with every lack unless `allowExample`. */
export const compileReady = (file: string, allowExample: boolean): string => {
  const { text, included } = readConfigFiles(file);
  const config = compileConfig(file, text, included);
  const lacks = allowExample ? [] : lacksOf(file, config);
  if (lacks.length > 0)
    throw new Error([...lacks, "nothing is packed; --allow-example packs it all the same"].join("\n"));
  return config;
};

/** The example, or a configuration that can verify nothing, is packed by oversight, and works for nobody. */
const lacksOf = (file: string, config: string): string[] => [
  ...(file === example
    ? ["COUNTERSTEER_CONFIG is not set: it names your configuration, and the example works for nobody"]
    : []),
  ...adviceOnEnvironment(readCompiled(config), process.env, []),
];
