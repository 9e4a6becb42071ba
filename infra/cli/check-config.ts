import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { readConfig } from "../host/settings.ts";

const help = `usage: npm run --silent cli -- check-config FILE

Checks a configuration file, starts nothing. Exit codes: 0 right, 1 wrong, 2 wrong usage.`;

/** `check-config FILE`: 0 and a summary when it is right; 1 and every problem with its line and path when not. */
export const checkConfig = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand(
    { name: "check-config", help, options: {}, positionals: true },
    { argv, io },
    ({ positionals }) => {
      const [file, ...others] = positionals;
      if (file === undefined || others.length > 0) throw new UsageError("give one file");
      for (const { name, repository, branch, environments, policy } of readConfig(file).services)
        io.out(`${name}: ${repository} ${branch}, ${environments.join(" ")}, ${policy.mode}\n`);
      return 0;
    },
  );
