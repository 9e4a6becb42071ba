import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { told } from "../../infra/bench/told.ts";
import { gitSync } from "../../infra/host/git.ts";
import { person } from "./clone.ts";
import type { Reverted } from "./large-revert.ts";

/** The bounds of one revert in a repository that GitHub does not list whole. */
export const bounds = { requests: 14, mib: 200 };

export type LargeRevert = Omit<Reverted, "tree"> & { name: string; same: boolean };

const lines = (changed: Record<number, string> = {}): string =>
  Array.from({ length: 30 }, (_, at) => `${changed[at] ?? `line ${at}`}\n`).join("");
const pay = (name: string) => `services/pay/src/${name}.ts`;

type Step = { message: string; files: Record<string, string | null> };
/** Changes, and what came after them; those named `bad: …` are taken back. */
const steps: Step[] = [
  { message: "bad: a file untouched since", files: { [pay("a")]: lines({ 3: "bad" }) } },
  { message: "bad: a file changed beside it since", files: { [pay("b")]: lines({ 3: "bad" }) } },
  { message: "bad: a file moved since", files: { [pay("c")]: lines({ 3: "bad" }) } },
  { message: "bad: a file added", files: { "services/pay/new/d.ts": lines({ 1: "d" }) } },
  { message: "bad: a file removed", files: { [pay("e")]: null } },
  {
    message: "bad: files in many folders",
    files: Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`areas/${at}/part/1/f1`, `bad ${at}\n`]),
    ),
  },
  { message: "later", files: { [pay("b")]: lines({ 3: "bad", 20: "later" }) } },
  {
    message: "moved",
    files: { [pay("c")]: null, "services/money/c.ts": lines({ 3: "bad", 20: "later" }) },
  },
  { message: "elsewhere", files: { "areas/7/part/2/f3": "elsewhere\n" } },
];

/** The stream of `git fast-import`: `count` files in folders of a hundred, then the steps. */
function* stream(count: number): Generator<string> {
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const commit = (message: string, at: number) =>
    `commit refs/heads/main\ncommitter Ann <ann@example.com> ${1_700_000_000 + at * 60} +0000\n${data(message)}`;
  for (let mark = 1; mark <= 100; mark++) yield `blob\nmark :${mark}\n${data(`file ${mark}\n`)}`;
  yield commit("first", 0);
  for (const name of ["a", "b", "c", "e"]) yield `M 100644 inline ${pay(name)}\n${data(lines())}`;
  for (let at = 0; at < count; at++)
    yield `M 100644 :${(at % 100) + 1} areas/${at % 300}/part/${Math.floor(at / 300) % 10}/f${Math.floor(at / 3000)}\n`;
  for (const [at, { message, files }] of steps.entries()) {
    yield commit(message, at + 1);
    for (const [path, text] of Object.entries(files))
      yield text === null ? `D ${path}\n` : `M 100644 inline ${path}\n${data(text)}`;
  }
  yield "done\n";
}

async function makeRepository(dir: string, count: number): Promise<void> {
  const child = spawn("git", ["-C", dir, "fast-import", "--quiet", "--done"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  // Where git ends early, its exit code says more than the broken pipe.
  const written = pipeline(Readable.from(stream(count)), child.stdin).catch(() => {});
  const [[code]] = await Promise.all([once(child, "exit"), written]);
  if (code !== 0) throw new Error(`git fast-import: ${code}`);
}

type Served = { github: string; token: string; child: ChildProcess };

async function serve(repo: string): Promise<Served> {
  const cli = join(import.meta.dirname, "../../infra/cli/cli.ts");
  const child = spawn(process.execPath, [cli, "sandbox", "--repo", `acme/shop=${repo}`], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = await told(child, "line", createInterface({ input: child.stdout }));
  return { ...(JSON.parse(String(line)) as { github: string; token: string }), child };
}

/** The revert in a process of its own, whose memory is its peak. */
async function revert({ github, token }: Served, sha: string): Promise<Reverted> {
  const child = fork(join(import.meta.dirname, "large-revert.ts"), [sha], {
    env: { ...process.env, GITHUB_API_URL: github, GITHUB_TOKEN: token },
  });
  return (await told(child, "message")) as Reverted;
}

/** The tree that git makes, in a clone of which no file is checked out. */
function judge(work: string, sha: string): string {
  const run = (args: string[]) => gitSync(work, args, { env: person }).toString().trim();
  run(["reset", "--quiet", "--hard"]);
  run(["revert", "--no-commit", sha]);
  return run(["write-tree"]);
}

/** Takes changes of a made repository of `count` files back over the sandbox's GitHub, which lists no more than the real one. */
export async function* largeReverts(count: number): AsyncGenerator<LargeRevert> {
  const root = mkdtempSync(join(tmpdir(), "countersteer-large-"));
  const [bare, work] = [join(root, "bare.git"), join(root, "work")];
  let served: Served | undefined;
  try {
    gitSync(root, ["init", "--quiet", "--bare", "--initial-branch=main", bare]);
    await makeRepository(bare, count);
    gitSync(root, ["clone", "--quiet", "--shared", "--no-checkout", bare, work]);
    gitSync(work, ["sparse-checkout", "set", "--no-cone", "/nothing"]);
    gitSync(work, ["checkout", "--quiet", "--detach"]);
    served = await serve(bare);
    const log = gitSync(bare, ["log", "--reverse", "--format=%H %s", "main"]).toString().trim();
    for (const line of log.split("\n")) {
      const [sha = "", name] = [line.slice(0, 40), line.slice(41)];
      if (!name.startsWith("bad: ")) continue;
      const { tree, result, reason, requests, peakMiB } = await revert(served, sha);
      const one = { name: name.slice(5), result, same: tree === judge(work, sha), requests, peakMiB };
      yield { ...one, ...(reason !== undefined && { reason }) };
    }
  } finally {
    served?.child.kill();
    rmSync(root, { recursive: true, force: true });
  }
}
