import { type ParseArgsConfig, parseArgs } from "node:util";
import { UpstreamError } from "../../shared/errors.ts";
import { visible } from "../../shared/text/controls.ts";
import { ConfigurationError, UsageError } from "./errors.ts";

/**
 * `data` is for bytes that another program reads as they are, such as a patch; without it they go to `out`. `progress` shows on a terminal
 * how far a command is, each time in the place of the text before it.
 */
export type Io = {
  out(text: string): void;
  err(text: string): void;
  data?(text: string): void;
  progress?(text: string): void;
};
type Options = NonNullable<ParseArgsConfig["options"]>;
type WithHelp<O extends Options> = O & { help: { type: "boolean"; short: "h" } };
export type Parsed<O extends Options> = ReturnType<
  typeof parseArgs<{ options: WithHelp<O>; allowPositionals: true }>
>;
export type CommandLine<O extends Options> = {
  name: string;
  help: string;
  options: O;
  /** Whether it takes arguments that are not options. */
  positionals?: boolean;
};

/** The npm package holds JavaScript, and its command is `countersteer`; a checkout has its npm scripts. */
const isPackage = import.meta.url.endsWith(".js");

/** A help text with its commands as one types them here. */
export const asTyped = (help: string): string =>
  isPackage
    ? help
        .replaceAll("npm run --silent cli -- ", "countersteer ")
        .replaceAll("npm run --silent demo --", "countersteer demo")
        .replaceAll("npm start -- ", "countersteer start ")
        .replaceAll("npm start [-- --pretty]", "countersteer start [--pretty]")
        .replaceAll("npm start", "countersteer start")
    : help;

/** The terminal. A reader of a pipe that closes it has seen enough: the process ends with 0. */
export const standardIo = (): Io => {
  process.stdout.once("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  return {
    out: (text) => process.stdout.write(visible(text)),
    err: (text) => process.stderr.write(visible(text)),
    data: (text) => process.stdout.write(process.stdout.isTTY ? visible(text) : text),
    ...(process.stderr.isTTY && { progress: (text) => process.stderr.write(`\r\u001b[K${visible(text)}`) }),
  };
};

/** Runs a command and returns its exit code: 0 for `--help`, 2 for wrong usage, 1 for what a person can mend, else what `run` returns. */
export const runCommand = async <const O extends Options>(
  { name, help, options, positionals = false }: CommandLine<O>,
  { argv, io }: { argv: string[]; io: Io },
  run: (parsed: Parsed<O>) => number | Promise<number>,
): Promise<number> => {
  try {
    const parsed = parse({ ...options, help: { type: "boolean", short: "h" } }, argv, positionals);
    if (Reflect.get(parsed.values, "help") === true) {
      io.out(`${asTyped(help).trimEnd()}\n`);
      return 0;
    }
    return await run(parsed);
  } catch (error) {
    if (error instanceof UsageError) {
      io.err(`${name}: ${error.message} (see --help)\n`);
      return 2;
    }
    if (!(error instanceof ConfigurationError || error instanceof UpstreamError)) throw error;
    io.err(`${error.message}\n`);
    return 1;
  }
};

const parse = <O extends Options>(options: WithHelp<O>, args: string[], positionals: boolean): Parsed<O> => {
  try {
    const parsed = parseArgs({ args, options, allowPositionals: true });
    if (!positionals && parsed.positionals.length > 0)
      throw new Error(`Unexpected argument '${parsed.positionals[0]}'`);
    return parsed;
  } catch (error) {
    throw new UsageError(firstSentence(error));
  }
};

/** Node's own words without its advice. */
const firstSentence = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!.replace(/\. .*$|\.$/, "");

/** The whole number, from `least` on, that an option is given. Throws UsageError. */
export const wholeNumber = (option: string, given: string, least = 1): number => {
  const number = Number(given);
  if (/^\d+$/.test(given) && Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`${option} is a whole number from ${least} on, not ${JSON.stringify(given)}`);
};

/** The number above 0, such as `0.06`, that an option is given. Throws UsageError. */
export const decimal = (option: string, given: string): number => {
  const number = Number(given);
  if (/^\d+(\.\d+)?$/.test(given) && Number.isFinite(number) && number > 0) return number;
  throw new UsageError(`${option} is a number above 0, not ${JSON.stringify(given)}`);
};

/** Resolves at SIGINT or SIGTERM, or when `stop` aborts. */
export const untilStopped = (stop?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop?.aborted) return resolve();
    const end = (): void => {
      for (const name of signals) process.off(name, end);
      stop?.removeEventListener("abort", end);
      resolve();
    };
    for (const name of signals) process.on(name, end);
    stop?.addEventListener("abort", end);
  });

const signals = ["SIGINT", "SIGTERM"] as const;
