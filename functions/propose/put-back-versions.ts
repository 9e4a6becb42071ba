import type { Edit } from "../../shared/git/model.ts";
import { type Bump, putBack, type Unrestorable } from "../../shared/remedy/rollback/bumps.ts";

type Now = (path: string) => Promise<{ mode: string; text: string } | undefined>;

/** The edits that put the versions of a bump back and nothing else, whatever they are now; `notes` say what they have moved on to since. */
export const fieldsBack = async (
  bumps: Bump[],
  now: Now,
): Promise<{ edits: Edit[]; notes: string[] } | { unrestorable: Unrestorable }> => {
  const edits: Edit[] = [];
  const notes: string[] = [];
  for (const [path, own] of Map.groupBy(bumps, ({ path }) => path)) {
    const file = await now(path);
    if (file === undefined) return { unrestorable: { path, detail: "it is not there any more" } };
    const back = putBack(path, file.text, own);
    if ("unrestorable" in back) return back;
    notes.push(...back.moved);
    if (back.text !== file.text) edits.push({ path, mode: file.mode, content: Buffer.from(back.text) });
  }
  return { edits, notes };
};
