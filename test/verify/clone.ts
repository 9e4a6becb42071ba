import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitSync } from "../../infra/host/git.ts";
import { openGit } from "../../infra/sandbox/git.ts";
import type { Tree } from "../../shared/git/model.ts";

/** A change of a clone's first-parent history, with the tree it made and the one it was made on. */
export type Change = { sha: string; parent: string; merge: boolean };
export type Judged = { tree: string | undefined; ms: number };

/** A throwaway copy of a clone that git can revert in, and its objects. */
export async function openClone(dir: string) {
  const work = mkdtempSync(join(tmpdir(), "countersteer-verify-"));
  const run = (args: string[]) => gitSync(work, args, { env: person }).toString("latin1");
  run(["clone", "--quiet", "--shared", "--no-tags", dir, "."]);
  for (const setting of ["gc.auto=0", "core.fsync=none", "advice.detachedHead=false"])
    run(["config", ...setting.split("=")]);
  run(["checkout", "--quiet", "--detach"]);
  const git = openGit(join(work, ".git"));
  const head = run(["rev-parse", "HEAD"]).trim();
  const trees = new Map<string, Tree>();
  // The reader of objects does not keep the process alive by itself.
  const alive = setInterval(() => {}, 60_000);
  return {
    head,
    /** The latest changes, each with a parent. */
    changes(count: number): Change[] {
      const lines = run(["log", "--first-parent", `--max-count=${count}`, "--format=%H %P", head]).trim();
      return lines.split("\n").flatMap((line) => {
        const [sha = "", parent, ...more] = line.split(" ");
        return parent ? [{ sha, parent, merge: more.length > 0 }] : [];
      });
    },
    tree(sha: string): Tree {
      const known = trees.get(sha) ?? parseTree(run(["ls-tree", "-r", "-z", "-l", "--full-tree", sha]));
      trees.set(sha, known);
      if (trees.size > 4) trees.delete([...trees.keys()].find((key) => key !== head)!);
      return known;
    },
    async blob(sha: string): Promise<Uint8Array> {
      const object = await git.object(sha);
      if (!object) throw new Error(`${dir} has no blob ${sha}`);
      return object.content;
    },
    /** The result of `git revert` on top of the head. */
    judge({ sha, merge }: Change): Judged {
      run(["reset", "--quiet", "--hard"]);
      run(["clean", "-fdxq"]);
      const from = performance.now();
      try {
        run(["revert", "--no-commit", ...(merge ? ["-m", "1"] : []), sha]);
      } catch {
        return { tree: undefined, ms: performance.now() - from };
      }
      const ms = performance.now() - from;
      return { tree: run(["write-tree"]).trim(), ms };
    },
    close() {
      clearInterval(alive);
      git.close();
      rmSync(work, { recursive: true, force: true });
    },
  };
}

export const person = {
  ...{ GIT_AUTHOR_NAME: "Ann", GIT_AUTHOR_EMAIL: "ann@example.com" },
  ...{ GIT_COMMITTER_NAME: "Ann", GIT_COMMITTER_EMAIL: "ann@example.com" },
};

function parseTree(listing: string): Tree {
  const tree: Tree = new Map();
  for (const line of listing.split("\0")) {
    if (line === "") continue;
    const tab = line.indexOf("\t");
    const [mode = "", , sha = "", size] = line.slice(0, tab).split(/ +/);
    const path = Buffer.from(line.slice(tab + 1), "latin1").toString();
    tree.set(path, { mode, sha, ...(size !== "-" && { size: Number(size) }) });
  }
  return tree;
}
