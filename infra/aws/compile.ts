import { parse } from "yaml";
import { describe, parseConfig } from "../../shared/config.ts";
import { writeCompiled } from "./compiled.ts";

type Written = { services: { match: string[]; scaling?: { match: string[] }[] }[] };

/** The YAML configuration as the JSON that functions read. Throws with every problem, one a line; `name` is how the file is called. */
export const compileConfig = (name: string, text: string): string => {
  const parsed = parseConfig(text);
  if ("problems" in parsed) throw new Error(describe(name, parsed.problems));
  const { services }: Written = parse(text);
  return writeCompiled(
    parsed.config,
    services.map(({ match, scaling = [] }) => ({ match, scaling: scaling.map((rule) => rule.match) })),
  );
};
