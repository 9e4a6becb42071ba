import type { Config, Configured } from "../../shared/config.ts";
import type { Matcher } from "../../shared/policy/match.ts";

/** The configuration as packages carry it: checked when it was built, as JSON, so that no function needs a YAML parser. */
type Compiled = Omit<Config, "services"> & { services: (Omit<Configured, "match"> & { match: string[] })[] };

/** `match` are each service's matchers as they stand in the file: what they were parsed to is functions, which JSON cannot hold. */
export const writeCompiled = (config: Config, match: string[][]): string =>
  JSON.stringify({
    ...config,
    services: config.services.map((service, index) => ({ ...service, match: match[index] ?? [] })),
  } satisfies Compiled);

/** What turns a matcher's text into one. Only the function that matches alerts carries the engine for its expressions. */
export type ToMatcher = (text: string) => Matcher | undefined;

export const readCompiled = (text: string, toMatcher: ToMatcher = unmatched): Config => {
  const { services, ...rest } = JSON.parse(text) as Compiled;
  const parsed = (matcher: string): Matcher => {
    const made = toMatcher(matcher);
    if (made === undefined)
      throw new Error(`the compiled configuration holds ${JSON.stringify(matcher)}, which is not a matcher`);
    return made;
  };
  return {
    ...rest,
    services: services.map(({ match, ...service }) => ({ ...service, match: match.map(parsed) })),
  };
};

const unmatched: ToMatcher = (text) => ({
  label: text,
  matches: () => {
    throw new Error(`this function does not match alerts, but was asked about ${text}`);
  },
});
