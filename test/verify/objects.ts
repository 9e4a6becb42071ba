import { basename, dirname } from "node:path";
import { gitSync } from "../../infra/host/git.ts";

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

/** The text of a file at a commit of a clone; undefined where it is not there. */
export const textAt = (dir: string, commit: string, path: string): string | undefined => {
  try {
    return utf8(gitSync(dir, ["cat-file", "blob", `${commit}:${path}`]));
  } catch {
    return undefined;
  }
};

/** Every wanted file of the clone's head, by its path. */
export const headFiles = (dir: string, wanted: (path: string) => boolean): Map<string, string> => {
  const listed = utf8(gitSync(dir, ["ls-tree", "-r", "--name-only", "-z", "HEAD"])).split("\0");
  return new Map(
    listed
      .filter((path) => path !== "" && wanted(path))
      .flatMap((path) => {
        const text = textAt(dir, "HEAD", path);
        return text === undefined ? [] : [[path, text] as const];
      }),
  );
};

/** How often each text was counted, the most frequent first. */
export const counted = (texts: string[]): [string, number][] =>
  [...Map.groupBy(texts, (text) => text)]
    .map(([text, all]): [string, number] => [text, all.length])
    .sort(([, a], [, b]) => b - a);

/** The name of a clone's folder, or of the folder around a bare one called `repo`. */
export const nameOf = (dir: string): string =>
  basename(dir) === "repo" ? basename(dirname(dir)) : basename(dir);
