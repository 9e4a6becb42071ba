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
  const listed = utf8(gitSync(dir, ["ls-tree", "-r", "-z", "HEAD"])).split("\0");
  const found = listed.flatMap((line): [string, string][] => {
    const [, sha = "", path = ""] = /^\d+ blob (\w+)\t([\s\S]+)$/.exec(line) ?? [];
    return path !== "" && wanted(path) ? [[path, sha]] : [];
  });
  const input = found.map(([, sha]) => `${sha}\n`).join("");
  const bytes = gitSync(dir, ["cat-file", "--batch", "--buffer"], { input });
  let at = 0;
  return new Map(
    found.map(([path]): [string, string] => {
      const from = bytes.indexOf(10, at) + 1;
      const size = Number(/ blob (\d+)$/.exec(utf8(bytes.subarray(at, from - 1)))?.[1]);
      at = from + size + 1;
      return [path, utf8(bytes.subarray(from, from + size))];
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
