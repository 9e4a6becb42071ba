import type { Config, Configured } from "../../shared/config.ts";
import type { Matcher } from "../../shared/policy/match.ts";

/** A service whose matchers are text, of its own and of its rules for scaling: JSON cannot hold what they are parsed to. */
type Texts = { match: string[]; scaling: string[][] };
type Rule = NonNullable<Configured["scaling"]>[number];
type CompiledRule = Omit<Rule, "match"> & { match: string[] };
type CompiledService = Omit<Configured, "match" | "scaling"> & { match: string[]; scaling?: CompiledRule[] };
/** The configuration as packages carry it: checked when it was built, as JSON, so that no function needs a YAML parser. */
type Compiled = Omit<Config, "services"> & { services: CompiledService[] };

/** Reads a matcher that was checked when the configuration was built. */
export type ReadMatcher = (text: string) => Matcher | undefined;

/** `texts` are each service's matchers as they stand in the file. */
export const writeCompiled = (config: Config, texts: Texts[]): string =>
  JSON.stringify({
    ...config,
    services: config.services.map(({ scaling, ...service }, index) => ({
      ...service,
      match: texts[index]?.match ?? [],
      ...(scaling && {
        scaling: scaling.map((rule, at) => ({ ...rule, match: texts[index]?.scaling[at] ?? [] })),
      }),
    })),
  } satisfies Compiled);

/** A matcher without `read`, as functions have it that select nothing by labels, throws when it is used. */
export const readCompiled = (text: string, read: ReadMatcher = unread): Config => {
  const { services, ...rest }: Compiled = JSON.parse(text);
  const matchers = (texts: string[]): Matcher[] => texts.map((one) => matcherOf(one, read));
  return {
    ...rest,
    services: services.map(({ match, scaling, ...service }) => ({
      ...service,
      match: matchers(match),
      ...(scaling && { scaling: scaling.map((rule) => ({ ...rule, match: matchers(rule.match) })) }),
    })),
  };
};

const unread: ReadMatcher = (text) => ({
  label: "",
  matches: () => {
    throw new Error(`this function does not read matchers, such as ${JSON.stringify(text)}`);
  },
});

const matcherOf = (text: string, read: ReadMatcher): Matcher => {
  const matcher = read(text);
  if (matcher === undefined)
    throw new Error(
      `the compiled configuration holds a matcher that cannot be read: ${JSON.stringify(text)}`,
    );
  return matcher;
};
