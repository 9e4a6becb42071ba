import { type Edit, isSubmodule, type Tree } from "../../git/model.ts";
import type { Guard } from "../../policy/guarded-paths.ts";
import type { Read } from "./outcome.ts";

/** The submodules that the edits move, each with both commits, and a link to what lies between where `.gitmodules` names a repository on GitHub. */
export const submoduleGuards = async (edits: Edit[], ours: Tree, read: Read): Promise<Guard[]> => {
  const moves = edits.flatMap((edit) => moveOf(edit, ours));
  const file = ours.get(".gitmodules");
  if (moves.length === 0) return [];
  const urls = file ? urlsIn(Buffer.from(await read(file.sha)).toString()) : new Map<string, string>();
  return moves.map(({ path, from, to }) => {
    const url = from && to && compareUrl(urls.get(path), { from, to });
    return { path, reason: `it is a submodule: ${sentence(from, to)}`, ...(url && { url }) };
  });
};

type Move = { path: string; from?: string; to?: string };

const moveOf = (edit: Edit, ours: Tree): Move[] => {
  const before = ours.get(edit.path);
  const from = before && isSubmodule(before) ? before.sha : undefined;
  const to = "sha" in edit && isSubmodule(edit) ? edit.sha : undefined;
  if (from === undefined && to === undefined) return [];
  return [{ path: edit.path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) }];
};

const sentence = (from: string | undefined, to: string | undefined): string => {
  if (from === undefined) return `it comes back at ${short(to)}`;
  return to === undefined
    ? `it goes away, at ${short(from)} now`
    : `${short(from)} goes back to ${short(to)}`;
};
const short = (sha = ""): string => sha.slice(0, 12);

/** The address of each submodule, by its path (gitmodules(5)). */
const urlsIn = (text: string): Map<string, string> =>
  new Map(
    text.split(/^\s*\[/m).flatMap((section) => {
      const [path, url] = ["path", "url"].map(
        (key) => new RegExp(`^\\s*${key}\\s*=\\s*"?([^"\\r\\n]*?)"?\\s*$`, "m").exec(section)?.[1],
      );
      return path && url ? [[path, url] as const] : [];
    }),
  );

const onGithub =
  /^(?:https:\/\/(?:[^@/]*@)?|git:\/\/|ssh:\/\/git@|git@)github\.com[:/]([\w.-]+)\/([\w.-]+?)(?:\.git)?\/?$/;

const compareUrl = (address: string | undefined, move: { from: string; to: string }): string | undefined => {
  const [, owner, name] = onGithub.exec(address ?? "") ?? [];
  return owner && name && `https://github.com/${owner}/${name}/compare/${move.to}...${move.from}`;
};
