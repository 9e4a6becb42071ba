import { parseArgs } from "node:util";
import { ConfigurationError, readConfig } from "../host/settings.ts";

const usage = "usage: npm run --silent cli -- check-config FILE";

/** `check-config FILE`: 0 and a summary when it is right; 1 and every problem with its line and path when not. */
export const checkConfig = async (argv: string[]): Promise<number> => {
  let file: string | undefined;
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { help: { type: "boolean", short: "h" } },
    });
    if (values.help) {
      console.log(
        `${usage}\n\nChecks a configuration file, starts nothing. Exit codes: 0 right, 1 wrong, 2 wrong usage.`,
      );
      return 0;
    }
    [file] = positionals;
    if (file === undefined || positionals.length > 1) throw new Error("give one file");
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    return 2;
  }
  try {
    const { services } = readConfig(file);
    for (const { name, repository, branch, environments, policy } of services)
      console.log(`${name}: ${repository} ${branch}, ${environments.join(" ")}, ${policy.mode}`);
    return 0;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
};
