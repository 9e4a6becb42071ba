import type { Edit, ListedChange } from "../../shared/git/model.ts";
import type { ChangeClass } from "../../shared/policy/change-classes.ts";
import { type ClassedFile, classesOf, needsText } from "../../shared/remedy/classes.ts";

/** Each costs a call of GitHub. */
const mostRead = 10;

/** The classes of a change that is reverted. Of manifests whose diff does not show the object, the file as it will be is read. */
export const classesOfRevert = async (
  edits: Edit[],
  changes: ListedChange[],
  read: (sha: string) => Promise<Uint8Array>,
): Promise<ChangeClass[]> => {
  const byPath = new Map(edits.map((edit) => [edit.path, edit]));
  const files = changes.filter(({ path }) => byPath.has(path));
  let reads = 0;
  const texts = files.map(async ({ path, patch }): Promise<ClassedFile> => {
    const file = { path, ...(patch !== undefined && { patch }) };
    const edit = byPath.get(path);
    if (edit === undefined || "deleted" in edit || !needsText(file) || ++reads > mostRead) return file;
    const bytes = "content" in edit ? edit.content : await read(edit.sha);
    return { ...file, text: new TextDecoder().decode(bytes) };
  });
  return classesOf(await Promise.all(texts));
};
