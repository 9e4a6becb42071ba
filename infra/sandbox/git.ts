import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { gitEnvironment } from "../host/git.ts";

export type GitObject = { sha: string; type: string; content: Buffer };
export type Ran = { code: number; stdout: Buffer; stderr: string };
export type RunOptions = { input?: string | Uint8Array; env?: Record<string, string> };
/** Runs git with exactly this environment. Rejects when it cannot be started. */
export type RunGit = (
  args: string[],
  env: Record<string, string>,
  input?: string | Uint8Array,
) => Promise<Ran>;

/** One bare repository, driven by the git binary. Nothing of the user's git configuration applies. */
export type Git = {
  dir: string;
  run(args: string[], options?: RunOptions): Promise<Ran>;
  /** Standard output, trimmed at the end. Throws when git exits other than 0. */
  text(args: string[], options?: RunOptions): Promise<string>;
  /** The object a revision names, or undefined. */
  object(revision: string): Promise<GitObject | undefined>;
  /** Writes an object and returns its id. */
  write(type: "blob" | "commit", content: Uint8Array): Promise<string>;
  spawn(args: string[], env?: Record<string, string>): ChildProcessWithoutNullStreams;
  close(): void;
};

const environment = gitEnvironment({
  "uploadpack.allowFilter": "true",
  "uploadpack.allowAnySHA1InWant": "true",
});

const immutableQueries = new Set(["diff", "diff-tree", "ls-tree", "merge-base", "rev-list"]);
const maxCached = 200;
const maxCachedBytes = 256 * 1024;
const maxKnown = 1000;

/** Whether the answer can never change: every argument is an object id, never a name that moves. */
const isImmutable = ([command = "", ...args]: string[]): boolean => {
  const paths = args.indexOf("--");
  const asked = (paths < 0 ? args : args.slice(0, paths)).filter((arg) => !arg.startsWith("-"));
  return (
    immutableQueries.has(command) &&
    asked.length > 0 &&
    asked.every((arg) => /^[0-9a-f]{40}(\.{2,3}[0-9a-f]{40})?$/.test(arg))
  );
};

export const openGit = (dir: string, runGit: RunGit = runHere): Git => {
  const placed = (args: string[]) => ["--git-dir", dir, ...args];
  const start = (args: string[], env: Record<string, string> = {}) =>
    spawn("git", placed(args), { env: { ...environment, ...env } });
  const cached = resultCache();
  const run = (args: string[], options: RunOptions = {}): Promise<Ran> => {
    if (!isImmutable(args) || options.input !== undefined || options.env !== undefined)
      return execute(args, options);
    return cached(args.join("\0"), () => execute(args, options));
  };
  const execute = (args: string[], { env, input }: RunOptions): Promise<Ran> =>
    runGit(placed(args), { ...environment, ...env }, input);
  const text = async (args: string[], options?: RunOptions): Promise<string> => {
    const ran = await run(args, options);
    if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.code} ${ran.stderr.trim()}`);
    return ran.stdout.toString().trimEnd();
  };
  const objects = reading(objectReader(() => start(["cat-file", "--batch"])));
  const write: Git["write"] = (type, content) => writeLoose(dir, type, content);
  return { dir, run, text, write, ...objects, spawn: start };
};

const deflated = promisify(deflate);

/** As `git hash-object -w` does, without a process: https://git-scm.com/book/en/v2/Git-Internals-Git-Objects */
const writeLoose = async (dir: string, type: string, content: Uint8Array): Promise<string> => {
  const object = Buffer.concat([Buffer.from(`${type} ${content.length}\0`), content]);
  const sha = createHash("sha1").update(object).digest("hex");
  const folder = join(dir, "objects", sha.slice(0, 2));
  await mkdir(folder, { recursive: true });
  const unfinished = join(folder, `tmp_obj_${randomUUID()}`);
  await writeFile(unfinished, await deflated(object), { mode: 0o444 });
  await rename(unfinished, join(folder, sha.slice(2)));
  return sha;
};

/** Runs git as a child of this process. */
export const runHere: RunGit = async (args, env, input) => {
  const child = spawn("git", args, { env });
  const chunks: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const [code] = await once(child, "close");
  return { code: code ?? 1, stdout: Buffer.concat(chunks), stderr };
};

/** The latest results by question. A result that failed or is large is not kept. */
const resultCache = () => {
  const results = new Map<string, Promise<Ran>>();
  return (question: string, execute: () => Promise<Ran>): Promise<Ran> => {
    const result = results.get(question) ?? execute();
    results.delete(question);
    results.set(question, result);
    for (const oldest of results.keys()) {
      if (results.size <= maxCached) break;
      results.delete(oldest);
    }
    const forget = (): unknown => results.get(question) === result && results.delete(question);
    result.then(({ code, stdout }) => (code > 1 || stdout.length > maxCachedBytes) && forget(), forget);
    return result;
  };
};

type Waiting = { resolve(object: GitObject | undefined): void; reject(error: Error): void };

/** Reads an object that an id names once: it never changes. */
const reading = ({ ask, close }: Asking): Pick<Git, "object" | "close"> => {
  const known = new Map<string, GitObject>();
  const keep = (revision: string, object: GitObject): void => {
    if (object.content.length > maxCachedBytes) return;
    if (known.size >= maxKnown) known.clear();
    known.set(revision, object);
  };
  return {
    close,
    async object(revision) {
      if (revision === "" || /[\n\0]/.test(revision)) return undefined;
      const isFixed = /^[0-9a-f]{40}(\^|:|$)/.test(revision);
      const object = (isFixed ? known.get(revision) : undefined) ?? (await ask(revision));
      if (isFixed && object !== undefined) keep(revision, object);
      return object;
    },
  };
};

type Asking = { ask(revision: string): Promise<GitObject | undefined>; close(): void };

/** One long-lived `git cat-file --batch`: a read costs a pipe round trip instead of a process. */
const objectReader = (start: () => ChildProcessWithoutNullStreams): Asking => {
  let child: ChildProcessWithoutNullStreams | undefined;
  let waiting: Waiting[] = [];

  const open = () => {
    const opened = start();
    let chunks: Buffer[] = [];
    let held = 0;
    let needed = 1;
    opened.stdout.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      held += chunk.length;
      if (held < needed) return;
      let rest = Buffer.concat(chunks);
      for (let answer = parse(rest); ; answer = parse(rest)) {
        if ("needed" in answer) {
          chunks = [rest];
          held = rest.length;
          needed = answer.needed;
          return;
        }
        rest = rest.subarray(answer.length);
        waiting.shift()?.resolve(answer.object);
      }
    });
    opened.stdin.on("error", () => {});
    opened.on("close", () => {
      if (child === opened) child = undefined;
      for (const one of waiting.splice(0)) one.reject(new Error("git cat-file ended"));
    });
    // The reader must not keep the process alive by itself.
    opened.unref();
    for (const stream of [opened.stdin, opened.stdout, opened.stderr])
      if (stream instanceof Socket) stream.unref();
    return opened;
  };

  return {
    ask(revision) {
      child ??= open();
      const { stdin } = child;
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        inOneWrite(stdin, `${revision}\n`);
      });
    },
    close() {
      child?.kill();
      child = undefined;
      waiting = [];
    },
  };
};

/** Writes together all that is written until the next tick. */
const inOneWrite = (to: Writable, text: string): void => {
  if (to.writableCorked === 0) {
    to.cork();
    process.nextTick(() => to.uncork());
  }
  to.write(text);
};

/** One answer of `cat-file --batch`: `<sha> <type> <size>\n<content>\n`, or a single line ending in missing or ambiguous. */
const parse = (data: Buffer): { needed: number } | { length: number; object: GitObject | undefined } => {
  const end = data.indexOf(10);
  if (end < 0) return { needed: data.length + 1 };
  const [sha, type, size] = data.subarray(0, end).toString().split(" ");
  if (!/^\d+$/.test(size ?? "") || !/^[0-9a-f]{40,64}$/.test(sha ?? ""))
    return { length: end + 1, object: undefined };
  const length = end + 1 + Number(size) + 1;
  if (data.length < length) return { needed: length };
  return {
    length,
    object: { sha: sha!, type: type!, content: Buffer.from(data.subarray(end + 1, length - 1)) },
  };
};

/** Whether git accepts this as the short name of a branch (git-check-ref-format, rules 1 to 9). */
export const isRefName = (name: string): boolean =>
  /^(?!-)[^\s~^:?*[\\\u0000-\u001f\u007f]+$/.test(name) &&
  !/(^|\/)\.|\.\.|@\{|\/\/|^\/|\/$|\.$|\.lock(\/|$)|^@$/.test(name);
