import { createHash } from "node:crypto";
import type { Edit, Tree } from "./model.ts";

/** Git's object ids, computed without writing anything (gitformat-loose: sha1 of `<type> <size>\0<content>`). */

const idOf = (type: "blob" | "tree", content: Uint8Array): string =>
  createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");

export const blobId = (content: Uint8Array): string => idOf("blob", content);

type Folder = Map<string, Folder | { mode: string; sha: string }>;

/** The id of the tree that holds exactly these files, and the folders that stand for all that is in them. Names must be UTF-8 as read. */
export const treeId = (tree: Tree): string => {
  const root: Folder = new Map();
  for (const [path, { mode, sha }] of tree) {
    const names = path.split("/");
    const name = names.pop() ?? "";
    let folder = root;
    for (const parent of names) {
      const inside = folder.get(parent);
      const next: Folder = inside instanceof Map ? inside : new Map();
      if (next !== inside) folder.set(parent, next);
      folder = next;
    }
    folder.set(name, { mode, sha });
  }
  return folderId(root);
};

/** Entries are sorted by their bytes, folders as if their name ended in a slash (base_name_compare in git's tree.c). */
const folderId = (folder: Folder): string => {
  const entries = [...folder].map(([name, entry]) => {
    const inside = entry instanceof Map;
    const [mode, sha] = inside ? ["40000", folderId(entry)] : [entry.mode.replace(/^0+/, ""), entry.sha];
    return {
      key: Buffer.from(mode === "40000" ? `${name}/` : name),
      bytes: Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(sha, "hex")]),
    };
  });
  entries.sort((a, b) => Buffer.compare(a.key, b.key));
  return idOf("tree", Buffer.concat(entries.map(({ bytes }) => bytes)));
};

/** `tree` with the edits made. */
export const applied = (tree: Tree, edits: Edit[]): Tree => {
  const result: Tree = new Map(tree);
  for (const edit of edits) if ("deleted" in edit) result.delete(edit.path);
  for (const edit of edits) {
    if ("deleted" in edit) continue;
    const { path, mode } = edit;
    result.set(path, "sha" in edit ? { mode, sha: edit.sha } : madeOf(mode, edit.content));
  }
  return result;
};

const madeOf = (mode: string, content: Uint8Array) => ({ mode, sha: blobId(content), size: content.length });
