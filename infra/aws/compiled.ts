import type { Config, Configured } from "../../shared/config.ts";
import { type Matcher, parseMatcher } from "../../shared/policy/match.ts";

/** The configuration as packages carry it: checked when it was built, as JSON, so that no function needs a YAML parser. */
type Compiled = Omit<Config, "services"> & { services: (Omit<Configured, "match"> & { match: string[] })[] };

/** `match` are each service's matchers as they stand in the file: what they were parsed to is functions, which JSON cannot hold. */
export const writeCompiled = (config: Config, match: string[][]): string =>
  JSON.stringify({
    ...config,
    services: config.services.map((service, index) => ({ ...service, match: match[index] ?? [] })),
  } satisfies Compiled);

export const readCompiled = (text: string): Config => {
  const { services, ...rest } = JSON.parse(text) as Compiled;
  return {
    ...rest,
    services: services.map(({ match, ...service }) => ({ ...service, match: match.map(toMatcher) })),
  };
};

const toMatcher = (text: string): Matcher => {
  const matcher = parseMatcher(text);
  if (matcher === undefined)
    throw new Error(`the compiled configuration holds no matcher but ${JSON.stringify(text)}`);
  return matcher;
};
