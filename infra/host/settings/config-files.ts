import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Included, includesOf } from "../../../shared/config.ts";
import { matchesGlob } from "../../../shared/policy/globs.ts";
import { ConfigurationError, codeOf } from "../errors.ts";
import { readText } from "./read-file.ts";

/** The texts of a configuration: the file's own, and those of the files that it includes. */
export type ConfigFiles = { text: string; included: Included[] };

/** A configuration with the files that its key `include` names. Throws ConfigurationError with what cannot be read. */
export const readConfigFiles = (file: string): ConfigFiles => {
  const text = readText(file, "the configuration");
  const names = includesOf(text).flatMap((pattern) => filesOf(pattern, file));
  const included = [...new Set(names)].map((name) => ({ name, text: readText(name, `${file} includes`) }));
  return { text, included };
};

/** The files of a pattern in the order of their names. `*` stands for any characters of a file's name. */
const filesOf = (pattern: string, file: string): string[] => {
  const folder = join(dirname(file), dirname(pattern));
  const name = basename(pattern);
  if (!pattern.includes("*")) return [join(folder, name)];
  const refused = (why: string) => new ConfigurationError(`${file}: include: ${pattern}: ${why}`);
  if (dirname(pattern).includes("*")) throw refused("a * may stand in the name of a file, not of a folder");
  let listed: string[];
  try {
    listed = readdirSync(folder);
  } catch (error) {
    throw refused(`the folder ${folder} cannot be read: ${codeOf(error)}`);
  }
  const found = listed.filter((one) => matchesGlob(one, name)).sort();
  if (found.length === 0) throw refused("no file has such a name");
  return found.map((one) => join(folder, one));
};
