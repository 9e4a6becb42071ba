import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Included, includesOf } from "../../../shared/config.ts";
import { matchesGlob } from "../../../shared/policy/globs.ts";
import { ConfigurationError, codeOf, whyOf } from "../errors.ts";
import { readText } from "./read-file.ts";

/** The texts of a configuration: the file's own, and those of the files that it includes. */
export type ConfigFiles = { text: string; included: Included[] };

/** A configuration with the files that its key `include` names. Throws ConfigurationError with what cannot be read. */
export const readConfigFiles = (file: string): ConfigFiles => {
  const text = readText(file, "the configuration");
  const names = includesOf(text).flatMap((pattern) => filesOf(pattern, { file, text }));
  const included = [...new Set(names)].map((name) => ({
    name,
    text: readText(name, `${placeOf(file, text)} include:`),
  }));
  return { text, included };
};

/** The file with the line of its key `include`. */
const placeOf = (file: string, text: string): string => {
  const line = text.split("\n").findIndex((one) => /^["']?include["']?\s*:/.test(one));
  return `${file}:${line + 1 || 1}:`;
};

/** The files of a pattern in the order of their names, without the file itself. `*` stands for any characters of a file's name. */
const filesOf = (pattern: string, { file, text }: { file: string; text: string }): string[] => {
  const folder = join(dirname(file), dirname(pattern));
  const name = basename(pattern);
  if (!pattern.includes("*")) return [join(folder, name)];
  const refused = (why: string) =>
    new ConfigurationError(`${placeOf(file, text)} include: ${pattern}: ${why}`);
  if (dirname(pattern).includes("*"))
    throw refused("a * may stand in the name of a file, not of a folder: name each folder");
  let listed: string[];
  try {
    listed = readdirSync(folder);
  } catch (error) {
    throw refused(
      codeOf(error) === "ENOENT"
        ? `there is no folder ${folder}: the path begins at the folder of this file, such as services/*.yaml`
        : `the folder ${folder} cannot be read: ${whyOf(error)}`,
    );
  }
  const found = listed.filter((one) => matchesGlob(one, name) && join(folder, one) !== join(file)).sort();
  if (found.length === 0) throw refused(`no file of ${folder} has such a name`);
  return found.map((one) => join(folder, one));
};
