import { type MergeRule, mergeRule } from "./attributes.ts";
import type { ConflictKind } from "./conflict.ts";
import { parents } from "./directories.ts";
import type { Tree } from "./model.ts";
import { maxBytes, merge } from "./three-way-merge.ts";

export type Entry = { mode: string; sha: string; size?: number };
/** The merged version of a path: a blob that exists already, or new content. */
export type Version = { mode: string; sha: string } | { mode: string; content: Uint8Array };
export type ReadBlob = (sha: string) => Promise<Uint8Array>;
type Refusal = { kind: ConflictKind; detail: string };
type Three = { base: Entry; ours: Entry; theirs: Entry };
/** The attributes of `tree` at `paths` decide how the file is merged. */
type Where = { paths: string[]; tree: Tree; readBlob: ReadBlob };

/** The entry that both sides come to, as git makes it: one of theirs, or their texts merged. */
export const combine = async ({ base, ours, theirs }: Three, where: Where): Promise<Version | Refusal> => {
  if (same(ours, theirs) || same(base, theirs)) return put(ours);
  if (same(ours, base)) return put(theirs);
  const entries = [base, ours, theirs];
  if (entries.every((entry) => entry.mode === "120000"))
    return { kind: "symlink", detail: "the symbolic link was changed since" };
  if (!entries.every(isFile)) return { kind: "type", detail: "it was turned into another kind of file" };

  const mode = canonical(pick(base.mode, ours.mode, theirs.mode) ?? ours.mode);
  const sha = pick(base.sha, ours.sha, theirs.sha);
  if (sha) return { mode, sha };
  const rule = await ruleOf(where);
  if (rule === "other")
    return {
      kind: "attributes",
      detail: "it was changed since, and .gitattributes has a merge rule for it",
    };
  if (entries.some(({ size = 0 }) => size > maxBytes)) return refused("too large");
  const [from, left, right] = await Promise.all([
    where.readBlob(base.sha),
    where.readBlob(ours.sha),
    where.readBlob(theirs.sha),
  ]);
  const merged = merge(from, left, right, { union: rule === "union" });
  if ("conflict" in merged) return refused(merged.conflict);
  return Buffer.compare(merged.content, left) === 0
    ? { mode, sha: ours.sha }
    : { mode, content: merged.content };
};

const refused = (kind: keyof typeof sentences): Refusal => ({ kind, detail: sentences[kind] });
const sentences = {
  content: "the same lines were changed again since",
  binary: "it is binary and was changed since",
  "too large": "it was changed since and is too large to merge here",
  "too complex": "it was changed since in too many places to merge here",
};

export const same = (a: Entry | undefined, b: Entry | undefined) => a?.sha === b?.sha && a?.mode === b?.mode;
const isFile = (entry: Entry) => entry.mode.startsWith("100");

/** The side that changed, or either when both are the same; undefined when both changed differently. */
const pick = (base: string, ours: string, theirs: string): string | undefined => {
  if (ours === theirs || theirs === base) return ours;
  return ours === base ? theirs : undefined;
};

/** git writes no other modes for files, though old histories hold 100664. */
export const canonical = (mode: string): string =>
  mode.startsWith("100") && mode !== "100755" ? "100644" : mode;
export const put = ({ mode, sha }: Entry): Version => ({ mode: canonical(mode), sha });

/** `other` where the paths, as of a file that was moved, have several. */
const ruleOf = async ({ paths, tree, readBlob }: Where): Promise<MergeRule> => {
  const found: MergeRule[] = [];
  for (const path of paths) {
    const own: MergeRule[] = [];
    for (const folder of ["", ...parents(path)]) {
      const file = tree.get(folder === "" ? ".gitattributes" : `${folder}/.gitattributes`);
      if (!file) continue;
      own.push(mergeRule(Buffer.from(await readBlob(file.sha)).toString("latin1"), folder, path));
    }
    found.push(own.includes("other") ? "other" : own.find((rule) => rule !== undefined));
  }
  return new Set(found).size > 1 ? "other" : found[0];
};
