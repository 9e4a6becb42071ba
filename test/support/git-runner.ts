import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GitOptions, gitEnvironment } from "../../infra/host/git.ts";
import type { Ran, RunGit } from "../../infra/sandbox/git.ts";

/**
 * Commands that a shell starts in place of the process of the tests: a start copies the page tables of the process that
 * asks for it, which takes 10 ms from the 200 MB of many tests and half a millisecond from a shell.
 */
type Shell = {
  process: ChildProcess;
  /** Its standard input, to which commands are written at once. */
  input: number;
  /** Where it writes the exit code of a command that is waited for. */
  answers: number;
  /** Where commands read and write. */
  folder: string;
};
type Command = {
  words: string[];
  env: Record<string, string>;
  cwd?: string;
  input?: string | Uint8Array | undefined;
};
type Waiting = { resolve: (ran: Ran) => void; reject: (error: Error) => void };

const waiting = new Map<number, Waiting>();
let asked = 0;
let open: Shell | undefined;

/** Runs git for the sandbox. */
export const runGit: RunGit = (args, env, input) =>
  new Promise((resolve, reject) => {
    const shell = running();
    const id = ++asked;
    waiting.set(id, { resolve, reject });
    hold(shell, true);
    const line = lineOf(shell, id, { words: ["git", ...args], env, input });
    writeAll(shell.input, `{ ${line}; echo ${id} $?; } &\n`);
  });

/** Runs git in `directory` while everything waits and returns its output. Throws when it exits other than 0. */
export const gitSync = (directory: string, args: string[], { env, input }: GitOptions = {}): Buffer =>
  runSync({ words: ["git", ...args], cwd: directory, env: { ...gitEnvironment(), ...env }, input });

/** The same with a script of the shell and its arguments. */
export const shellSync = (directory: string, script: string, args: string[], env: Record<string, string>) =>
  runSync({
    words: ["sh", "-ec", script, "sh", ...args],
    cwd: directory,
    env: { ...gitEnvironment(), ...env },
  });

const runSync = (command: Command): Buffer => {
  const shell = running();
  const id = ++asked;
  writeAll(shell.input, `${lineOf(shell, id, command)}; echo $? >&3\n`);
  const code = Buffer.alloc(16);
  const length = readSync(shell.answers, code);
  if (length === 0) throw new Error("the shell that runs git ended");
  const ran = resultOf(shell, id, Number(code.subarray(0, length)));
  if (ran.code === 0) return ran.stdout;
  const said = ran.stderr.trim();
  throw Object.assign(new Error(`${command.words.join(" ")}: ${ran.code} ${said}`), {
    status: ran.code,
    stderr: said,
  });
};

const running = (): Shell => {
  open ??= start();
  return open;
};

const lineOf = (shell: Shell, id: number, { words, env, cwd, input }: Command): string => {
  const [stdin, stdout, stderr] = filesOf(shell, id);
  if (input !== undefined) writeFileSync(stdin, input);
  const variables = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const place = cwd === undefined ? [] : ["cd", quoted(cwd), "&&"];
  const streams = [`<${quoted(input === undefined ? "/dev/null" : stdin)}`, `>${quoted(stdout)}`, "3>&-"];
  return [
    "( exec",
    `2>${quoted(stderr)};`,
    ...place,
    ...variables,
    ...words.map(quoted),
    ...streams,
    ")",
  ].join(" ");
};

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const filesOf = ({ folder }: Shell, id: number): [stdin: string, stdout: string, stderr: string] => [
  join(folder, `${id}.in`),
  join(folder, `${id}.out`),
  join(folder, `${id}.err`),
];

const resultOf = (shell: Shell, id: number, code: number): Ran => {
  const [stdin, stdout, stderr] = filesOf(shell, id);
  const ran = { code, stdout: outputOf(stdout), stderr: outputOf(stderr).toString() };
  for (const file of [stdin, stdout, stderr]) rmSync(file, { force: true });
  return ran;
};
/** A command that could not be started has no output. */
const outputOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
};

const writeAll = (file: number, text: string): void => {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
};

/** The shell has the other ends of both pipes to itself: when one of the two processes ends, the other one notices. */
const start = (): Shell => {
  const folder = mkdtempSync(join(tmpdir(), "countersteer-shell-"));
  const [commands, answers] = [join(folder, "commands"), join(folder, "answers")];
  execFileSync("mkfifo", [commands, answers]);
  const both = [openSync(commands, "r+"), openSync(answers, "r+")];
  const [stdin, codes] = [openSync(commands, "r"), openSync(answers, "w")];
  const child = spawn("sh", [], {
    env: { PATH: process.env.PATH ?? "" },
    stdio: [stdin, "pipe", "inherit", codes],
  });
  const shell = { process: child, folder, input: openSync(commands, "w"), answers: openSync(answers, "r") };
  for (const file of [...both, stdin, codes]) closeSync(file);
  listen(shell);
  return shell;
};

const listen = (shell: Shell): void => {
  let text = "";
  shell.process.stdout?.on("data", (chunk) => {
    const lines = `${text}${chunk}`.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) answer(shell, line);
  });
  shell.process.once("exit", () => {
    if (open === shell) open = undefined;
    for (const { reject } of waiting.values()) reject(new Error("the shell that runs git ended"));
    waiting.clear();
  });
  process.once("exit", () => rmSync(shell.folder, { recursive: true, force: true }));
  hold(shell, false);
};

const answer = (shell: Shell, line: string): void => {
  const [id = 0, code = 1] = line.split(" ").map(Number);
  const one = waiting.get(id);
  waiting.delete(id);
  if (waiting.size === 0) hold(shell, false);
  one?.resolve(resultOf(shell, id, code));
};

/** A shell that has nothing to do keeps no process alive. */
const hold = ({ process: child }: Shell, held: boolean): void => {
  const { stdout } = child;
  if (held) child.ref();
  else child.unref();
  if (stdout instanceof Socket) held ? stdout.ref() : stdout.unref();
};
