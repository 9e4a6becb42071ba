import { readFileSync } from "node:fs";
import { parseYaml, plain } from "../../../shared/yaml/document.ts";
import { ConfigurationError, whyOf } from "../errors.ts";

/** The text of a file. Throws ConfigurationError that names the file and why it cannot be read; `what` says whose it is. */
export const readText = (file: string, what?: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `${what === undefined ? "" : `${what} `}${file} cannot be read: ${whyOf(error)}`,
    );
  }
};

/** The documents of a YAML file as plain values. Throws ConfigurationError with the line of the first fault. */
export const readYaml = (file: string): unknown[] => {
  const { documents, errors } = parseYaml(file, readText(file));
  const [problem] = errors;
  if (problem !== undefined) throw new ConfigurationError(`${file}:${problem.line}: ${problem.message}`);
  return documents.map((document) => plain(document, document));
};
