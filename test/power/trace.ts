import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One call by which a process changed a disk, or printed something. `begun` is the number of the line at which it began. */
export type Call =
  | { does: "open"; path: string; fd: number; isNew: boolean; isEmptied: boolean }
  | { does: "write"; path: string; fd: number; at?: number; bytes: Buffer }
  | { does: "truncate"; path: string; size: number }
  | { does: "sync"; path: string; begun: number }
  | { does: "rename"; from: string; to: string }
  | { does: "remove"; path: string }
  | { does: "make folder"; path: string }
  | { does: "say"; text: string };
export type Traced = { line: number; call: Call };

const calls = "openat,mkdir,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink";
const flags = ["-f", "-y", "-xx", "-s", "1000000", "-e", "signal=none", "-e", `trace=${calls}`];

/** Why no process can be traced here. */
export const untraceable = (): string | undefined =>
  spawnSync("strace", ["-o", "/dev/null", "true"]).status === 0
    ? undefined
    : "strace is not on PATH or may not trace: power cuts were NOT tried";

/** Everything that the script did below `root`, and what it printed, in the order of the kernel. */
export const traced = (root: string, script: string, args: string[]): Traced[] => {
  const out = join(root, "..", "trace.txt");
  const { status, stderr } = spawnSync("strace", [...flags, "-o", out, process.execPath, script, ...args], {
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  const begun = new Map<string, { text: string; line: number }>();
  return readFileSync(out, "latin1")
    .split("\n")
    .flatMap((text, line): Traced[] => {
      const [, thread = "", rest = ""] = /^(\d+)\s+(.*)$/.exec(text) ?? [];
      if (rest.endsWith("<unfinished ...>")) {
        begun.set(thread, { text: rest.slice(0, -"<unfinished ...>".length), line });
        return [];
      }
      const [, resumed] = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest) ?? [];
      const first = resumed === undefined ? undefined : begun.get(thread);
      const call = callOf(`${first?.text ?? ""}${resumed ?? rest}`, first?.line ?? line);
      return call === undefined || !isWithin(root, call) ? [] : [{ line, call }];
    });
};

const isWithin = (root: string, call: Call): boolean =>
  call.does === "say" || ("path" in call ? call.path : call.from).startsWith(root);

const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll("\\x", ""), "hex");
const textOf = (text: string): string => bytesOf(text).toString("utf8");

/** `name(arguments) = result`; every string is in hexadecimal digits. Undefined for a call that failed or is of no interest. */
const callOf = (text: string, begun: number): Call | undefined => {
  const [, name = "", given = "", result = ""] = /^(\w+)\((.*)\)\s+= (\S.*)$/.exec(text) ?? [];
  if (result.startsWith("-1") || name === "") return undefined;
  const strings = [...given.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, found = ""]) => found);
  const [, fd = "", path = ""] = /^(\d+)<((?:\\x[0-9a-f]{2})*)>/.exec(given) ?? [];
  const [first = "", second = ""] = strings;
  const last = Number(/, (\d+)$/.exec(given)?.[1]);
  if (name === "openat" && /O_CREAT|O_TRUNC/.test(given))
    return {
      ...{ does: "open", path: textOf(first), fd: Number.parseInt(result, 10) },
      ...{ isNew: given.includes("O_CREAT"), isEmptied: given.includes("O_TRUNC") },
    };
  if (name === "write" && fd === "1") return { does: "say", text: textOf(first) };
  if (name === "write" || name === "pwrite64")
    return {
      ...{ does: "write", path: textOf(path), fd: Number(fd), bytes: bytesOf(first) },
      ...(name === "pwrite64" && { at: last }),
    };
  if (name === "ftruncate") return { does: "truncate", path: textOf(path), size: last };
  if (name === "fsync" || name === "fdatasync") return { does: "sync", path: textOf(path), begun };
  if (name === "rename") return { does: "rename", from: textOf(first), to: textOf(second) };
  if (name === "unlink") return { does: "remove", path: textOf(first) };
  if (name === "mkdir") return { does: "make folder", path: textOf(first) };
  return undefined;
};
