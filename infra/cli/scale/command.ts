import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { asError, UpstreamError } from "../../../shared/errors.ts";
import { patch } from "../../../shared/git/print-patch.ts";
import { mentions } from "../../../shared/remedy/scale/manifests/file-set.ts";
import type { Edited } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import type { Owner } from "../../../shared/yaml/refused.ts";
import { isRefused, type Refused } from "../../../shared/yaml/refused.ts";
import { type Io, runCommand, standardIo } from "../../host/command.ts";
import { UsageError } from "../../host/errors.ts";
import { ChangedMeanwhile, readDirectory, replace } from "./directory.ts";
import { type Asked, commandLine, joined, readOptions } from "./options.ts";
import { compareRenders } from "./render.ts";
import { inRepository, type Opened } from "./repository.ts";

type Env = Record<string, string | undefined>;

/** `scale`: one edit of one file, or one sentence saying why not. 0 when it is edited or opened, 1 when refused. */
export const scaleCommand = (
  argv: string[],
  env: Env = process.env,
  io: Io = standardIo(),
): Promise<number> =>
  runCommand(commandLine, { argv: joined(argv), io }, async (parsed) => {
    const asked = readOptions(parsed);
    const isFolder = statSync(asked.where, { throwIfNoEntry: false })?.isDirectory() === true;
    const wrong = isFolder ? undefined : notRepository(asked.where, env);
    if (wrong !== undefined) throw new UsageError(wrong);
    const done = isFolder ? await inFolder(asked) : await inGithub(asked, env);
    printResult(io, asked, done);
    if (!isRefused(done)) return 0;
    return done.usage ? 2 : 1;
  });

const notRepository = (where: string, env: Env): string | undefined => {
  if (!/^[\w.-]+\/[\w.-]+$/.test(where) || where.startsWith("."))
    return `${JSON.stringify(where)} is neither a folder nor OWNER/REPO`;
  return env.GITHUB_TOKEN?.trim()
    ? undefined
    : `${where} is not a folder here, and for GitHub GITHUB_TOKEN is not set`;
};

export type Done = Edited & { diff: string; pull?: Opened };

const inFolder = async ({ where, ask, dryRun }: Asked): Promise<Done | Refused> => {
  const { files, large } = readDirectory(where);
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited;
  const names = [edited.owner.name, ask.target?.name ?? ask.service ?? ""].filter((name) => name !== "");
  const hidden = large.find((path) => mentions(names, "")(readFileSync(join(where, path), "utf8")));
  if (hidden !== undefined)
    return { refused: `${hidden}: names it and is too large to be read as a manifest`, owner: edited.owner };
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

const printResult = (io: Io, { json, dryRun }: Asked, done: Done | Refused): void => {
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
  (io.data ?? io.out)(diff);
  const where = pull ? `: ${pull.url}` : dryRun ? ", not written" : "";
  io.err(
    `${owner.file}:${owner.line} ${owner.path} of ${owner.kind} ${owner.name}: ${before} → ${after}${where}\n`,
  );
  for (const effect of effects) io.err(`  ${effect}\n`);
};
