import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Included, includesOf } from "../../shared/config.ts";
import { ConfigurationError, codeOf } from "./errors.ts";

/** A configuration with the files that its key `include` names. Throws ConfigurationError with what cannot be read. */
export const readConfigFiles = (file: string): { text: string; included: Included[] } => {
  const text = readText(file, "the configuration");
  const names = includesOf(text).flatMap((pattern) => filesOf(pattern, dirname(file)));
  const included = [...new Set(names)].map((name) => ({ name, text: readText(name, `${file} includes`) }));
  return { text, included };
};

/** The files of a pattern in the order of their names. `*` stands for any characters of a file's name. */
const filesOf = (pattern: string, folder: string): string[] => {
  if (!pattern.includes("*")) return [join(folder, pattern)];
  const inside = join(folder, dirname(pattern));
  if (inside.includes("*"))
    throw new ConfigurationError(`include: ${pattern}: a * may stand in the name of a file, not of a folder`);
  const found = listed(inside, pattern).filter((name) => matches(basename(pattern), name));
  if (found.length === 0) throw new ConfigurationError(`include: ${pattern}: no file has such a name`);
  return found.sort().map((name) => join(inside, name));
};

const listed = (folder: string, pattern: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new ConfigurationError(
      `include: ${pattern}: the folder ${folder} cannot be read: ${codeOf(error)}`,
    );
  }
};

const matches = (pattern: string, name: string): boolean => {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.at(-1) ?? "";
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
    return false;
  let at = first.length;
  for (const part of rest.slice(0, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > name.length - last.length) return false;
    at = found + part.length;
  }
  return true;
};

/** Throws ConfigurationError that names the file and why it cannot be read. */
export const readText = (file: string, what: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`${what} ${file} cannot be read: ${codeOf(error)}`);
  }
};
