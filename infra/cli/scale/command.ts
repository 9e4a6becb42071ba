import { statSync } from "node:fs";
import { asError, UpstreamError } from "../../../shared/errors.ts";
import { patch } from "../../../shared/git/print-patch.ts";
import type { Edited } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import type { Owner } from "../../../shared/yaml/refused.ts";
import { isRefused, type Refused } from "../../../shared/yaml/refused.ts";
import { ChangedMeanwhile, readDirectory, replace } from "./directory.ts";
import { type Asked, help, readOptions } from "./options.ts";
import { compareRenders } from "./render.ts";
import { inRepository, type Opened } from "./repository.ts";

type Env = Record<string, string | undefined>;
export type Io = { out(text: string): void; err(text: string): void };
const standard: Io = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) };

/** `scale`: one edit of one file, or one sentence saying why not. 0 when it is edited or opened, 1 when refused. */
export const scaleCommand = async (
  argv: string[],
  env: Env = process.env,
  io = standard,
): Promise<number> => {
  const asked = readOptions(argv);
  if (asked === "help") {
    io.out(help);
    return 0;
  }
  const isFolder =
    typeof asked !== "string" && statSync(asked.where, { throwIfNoEntry: false })?.isDirectory();
  const wrong = typeof asked === "string" ? asked : isFolder ? undefined : notRepository(asked.where, env);
  if (wrong !== undefined || typeof asked === "string") {
    io.err(`scale: ${wrong} (see --help)\n`);
    return 2;
  }
  const done = isFolder ? await inFolder(asked) : await inGithub(asked, env);
  tell(io, asked, done);
  if (!isRefused(done)) return 0;
  return done.usage ? 2 : 1;
};

const notRepository = (where: string, env: Env): string | undefined => {
  if (!/^[\w.-]+\/[\w.-]+$/.test(where) || where.startsWith("."))
    return `${JSON.stringify(where)} is neither a folder nor OWNER/REPO`;
  return env.GITHUB_TOKEN?.trim()
    ? undefined
    : `${where} is no folder here, and for GitHub GITHUB_TOKEN is not set`;
};

export type Done = Edited & { diff: string; pull?: Opened };

const inFolder = async ({ where, ask, dryRun }: Asked): Promise<Done | Refused> => {
  const { files, large } = readDirectory(where);
  if (large[0] !== undefined) return { refused: `${large[0]}: too large to be read as a manifest` };
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited;
  const proof = await compareRenders(where, edited);
  if ("wrong" in proof)
    return { refused: `${edited.owner.file}:${edited.owner.line}: ${proof.wrong}`, owner: edited.owner };
  const before = files.get(edited.owner.file) ?? "";
  if (!dryRun) {
    try {
      replace(where, edited.owner.file, { before, after: edited.text });
    } catch (error) {
      const why = error instanceof ChangedMeanwhile ? "it was changed meanwhile" : asError(error).message;
      return { refused: `${edited.owner.file}: not written: ${why}`, owner: edited.owner };
    }
  }
  return { ...edited, diff: diffOf(edited, before) };
};

const inGithub = async ({ where, ask, dryRun }: Asked, env: Env): Promise<Done | Refused> => {
  const access = {
    apiUrl: env.GITHUB_API_URL?.trim() || "https://api.github.com",
    token: (env.GITHUB_TOKEN ?? "").trim(),
  };
  try {
    const found = await inRepository(access, { repository: where, ask, dryRun });
    if (isRefused(found)) return found;
    return { ...found, diff: diffOf(found, found.was) };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    return { refused: error.message };
  }
};

const diffOf = ({ owner, text }: Edited, before: string): string => {
  const version = (content: string) => ({ mode: "100644", content: Buffer.from(content) });
  return patch({ path: owner.file, before: version(before), after: version(text) });
};

const tell = (io: Io, { json, dryRun }: Asked, done: Done | Refused): void => {
  if (isRefused(done)) {
    const none: { owner: Owner | null } = { owner: done.owner ?? null };
    const line = {
      result: "refused",
      ...none,
      before: null,
      after: null,
      diff: "",
      reason: done.refused,
      effects: [],
    };
    if (json) io.out(`${JSON.stringify(line)}\n`);
    else io.err(`refused: ${done.refused}\n`);
    return;
  }
  const { owner, before, after, diff, effects, pull } = done;
  const result = pull ? "opened" : "edited";
  if (json) {
    io.out(`${JSON.stringify({ result, owner, before, after, diff, effects, ...(pull && { pull }) })}\n`);
    return;
  }
  io.out(diff);
  const where = pull ? `: ${pull.url}` : dryRun ? ", not written" : "";
  io.err(
    `${owner.file}:${owner.line} ${owner.path} of ${owner.kind} ${owner.name}: ${before} → ${after}${where}\n`,
  );
  for (const effect of effects) io.err(`  ${effect}\n`);
};
