import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { git } from "../host/git.ts";
import { commit, files, imageTag, message, sourceText, updater, write } from "./gitops-repository.ts";
import { setRemote } from "./repository.ts";

/** `held` is true while the bot sees a newer image that its annotation tells it to ignore. */
export type ImageUpdater = { held(): boolean; stop(): Promise<void> };
export type ImageUpdaterOptions = {
  /** Where its own clone of the configuration repository goes. */
  clone: string;
  configUrl: string;
  /** The address and the branch of the application's repository: each of its heads is an image. */
  sourceUrl: string;
  branch: string;
  token: string;
  onBump?: (bump: { sha: string; from: string; to: string }) => void;
  onProblem?: (problem: string) => void;
};

const pollMs = 500;

/** Plays Argo CD Image Updater with Git write-back: writes the newest image into the configuration repository, unless its annotation forbids it. */
export const startImageUpdater = async (options: ImageUpdaterOptions): Promise<ImageUpdater> => {
  const { clone, configUrl, sourceUrl, branch, token, onBump, onProblem } = options;
  const stopped = new AbortController();
  let held = false;
  await mkdir(clone, { recursive: true });
  await git(clone, ["init", "--quiet", `--initial-branch=${branch}`]);
  await git(clone, ["remote", "add", "origin", configUrl]);
  await setRemote({ clone }, configUrl, token);

  const poll = async (): Promise<void> => {
    const head = (await git(clone, ["ls-remote", sourceUrl, `refs/heads/${branch}`])).split("\t")[0] ?? "";
    await git(clone, ["fetch", "--quiet", "origin", branch]);
    await git(clone, ["reset", "--quiet", "--hard", `origin/${branch}`]);
    const now = /:(main-[0-9a-f]+)$/m.exec(await readFile(join(clone, files.source), "utf8"))?.[1] ?? "";
    if (head === "" || now === imageTag(head)) return;
    held = /gateway\.ignore-tags: ["']?\*/.test(await readFile(join(clone, files.application), "utf8"));
    if (held) return;
    await write(clone, { [files.source]: sourceText(head) });
    await commit(clone, { ...updater, message: message(now, head), at: Date.now() });
    await git(clone, ["push", "--quiet", "origin", branch]);
    onBump?.({ sha: await git(clone, ["rev-parse", "HEAD"]), from: now, to: imageTag(head) });
  };

  const follow = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      await poll().catch((error: Error) => onProblem?.(error.message));
      await delay(pollMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };
  const following = follow();
  return {
    held: () => held,
    async stop() {
      stopped.abort();
      await following;
    },
  };
};
