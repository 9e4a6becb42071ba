import { describe, type Included, parseConfig } from "../../../shared/config.ts";
import { writeCompiled } from "../compiled.ts";

type Written = { services: { match: string[]; scaling?: { match: string[] }[] }[] };

/** The YAML configuration as the JSON that functions read. Throws with every problem, one a line; `name` is how the file is called. */
export const compileConfig = (name: string, text: string, included: Included[] = []): string => {
  const parsed = parseConfig(text, included);
  if ("problems" in parsed) throw new Error(describe(name, parsed.problems));
  const { services } = parsed.written as Written;
  return writeCompiled(
    parsed.config,
    services.map(({ match, scaling = [] }) => ({ match, scaling: scaling.map((rule) => rule.match) })),
  );
};
