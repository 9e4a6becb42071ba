import { type ExecFileException, execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { devNull } from "node:os";

type Env = Record<string, string>;
export type GitOptions = { env?: Env; input?: string | Uint8Array };

/** Settings that win over those of the repository itself. Output is UTF-8, and no signature program of a repository runs. */
const settings = {
  "user.name": "GitHub",
  "user.email": "noreply@github.com",
  "safe.directory": "*",
  "core.quotePath": "false",
  "i18n.logOutputEncoding": "UTF-8",
  "log.showSignature": "false",
};

const settingsAsEnv = (values: Record<string, string>): Env => {
  const entries = Object.entries(values);
  const pairs = entries.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(entries.length), ...Object.fromEntries(pairs) };
};

/** The environment of every git process: the configuration of the user and of the machine does not apply. */
export const gitEnvironment = (more: Record<string, string> = {}): Env => ({
  PATH: process.env.PATH ?? "",
  GIT_NO_REPLACE_OBJECTS: "1",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_TERMINAL_PROMPT: "0",
  GIT_COMMITTER_NAME: "GitHub",
  GIT_COMMITTER_EMAIL: "noreply@github.com",
  ...settingsAsEnv({ ...settings, ...more }),
});

const maxBuffer = 1 << 30;

/** Runs git in `directory` and returns its output as bytes. Throws an Error with git's own words when it fails. */
export const gitBytes = (directory: string, args: string[], { env, input }: GitOptions = {}) =>
  new Promise<Buffer>((resolve, reject) => {
    const options = {
      cwd: directory,
      env: { ...gitEnvironment(), ...env },
      maxBuffer,
      encoding: "buffer",
    } as const;
    const child = execFile("git", args, options, (error, stdout, stderr) =>
      error ? reject(failed(directory, args, error, stderr.toString())) : resolve(stdout),
    );
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });

/** The same as text, without space at its end. */
export const git = async (directory: string, args: string[], options?: GitOptions): Promise<string> =>
  (await gitBytes(directory, args, options)).toString().trimEnd();

/** The same, while everything waits: for a script that builds a repository step by step. */
export const gitSync = (directory: string, args: string[], { env, input = "" }: GitOptions = {}): Buffer =>
  execFileSync("git", args, {
    ...{ cwd: directory, input, maxBuffer, stdio: ["pipe", "pipe", "pipe"] },
    env: { ...gitEnvironment(), ...env },
  });

/** Node reports a folder that is not there as if git were not. */
const failed = (directory: string, args: string[], error: ExecFileException, stderr: string): Error => {
  if (error.code === "ENOENT" && !existsSync(directory))
    return new Error(`the folder ${directory} does not exist`, { cause: error });
  if (error.code === "ENOTDIR") return new Error(`${directory} is not a folder`, { cause: error });
  if (stderr.includes("not a git repository"))
    return new Error(`${directory} is not a clone of git`, { cause: error });
  if (stderr.includes("does not have any commits yet"))
    return new Error(`${directory} has no commit yet`, { cause: error });
  return new Error(`git ${args.join(" ")}: ${stderr.trim() || error.message}`, { cause: error });
};
