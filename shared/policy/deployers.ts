import { ownValue } from "../records.ts";
/** The tools that tell of deploys in forms of their own. */
export const tools = [
  "argocd",
  "flux",
  "tekton",
  "jenkins",
  "cdevents",
  "github",
  "workflow",
  "kubernetes",
] as const;
export type Tool = (typeof tools)[number];

/** The words of one tool for the deploys of a service. */
export type Deployer = {
  tool: Tool;
  name: string;
  /** The parameter that holds the commit. */
  revision?: string;
  /** The environment that it deploys to, when the event or its name does not say it. */
  environment?: string;
  /** The service's image, when an event names several or only a digest. */
  image?: string;
  /** Parameters and labels that the event must have. */
  where?: Record<string, string>;
};

type Place = { environments: string[]; deploys?: Deployer[] };
type Named = { tool: Tool; name: string; environment?: string; values: Record<string, string> };
/** Other names of environments, by the configuration's name. */
type Aliases = Record<string, string[]>;
type Found<S> = { service: S; deployer: Deployer; environment?: string };

/** GitHub's names are case-insensitive. */
const caseless: Tool[] = ["github"];

/**
 * The services that a tool's event is about, by the names that the configuration gives. Without `environment`, the event is about none of
 * the service's environments.
 */
export const deployedBy = <S extends Place>(services: S[], told: Named, aliases: Aliases = {}): Found<S>[] =>
  services.flatMap((service) => {
    const found = (service.deploys ?? [])
      .filter((deployer) => isAbout(deployer, told))
      .map((deployer): Found<S> => {
        const environment = environmentOf(service, deployer, { told, aliases });
        return { service, deployer, ...(environment !== undefined && { environment }) };
      });
    const fitting = found.filter(({ environment }) => environment !== undefined);
    return fitting.length > 0 ? fitting : found.slice(0, 1);
  });

const isAbout = ({ tool, name, where = {} }: Deployer, told: Named): boolean =>
  tool === told.tool &&
  (caseless.includes(tool) ? name.toLowerCase() === told.name.toLowerCase() : name === told.name) &&
  Object.entries(where).every(([key, value]) => ownValue(told.values, key) === value);

/** The environment that the event names must be one of the service's. An event that names none is about the one that is configured. */
const environmentOf = (
  { environments }: Place,
  { tool, name, environment }: Deployer,
  { told, aliases }: { told: Named; aliases: Aliases },
): string | undefined => {
  const named = (text: string) => environmentNamed(environments, text, { aliases, tool });
  if (told.environment !== undefined) {
    const own = named(told.environment);
    return environment === undefined || environment === own ? own : undefined;
  }
  const isNamed = tool === "github" || tool === "cdevents";
  const [only, ...others] = environments;
  return environment ?? (isNamed ? named(name) : undefined) ?? (others.length === 0 ? only : undefined);
};

/** The environment of these that a tool means by a name, itself or by another name that the configuration gives. */
export const environmentNamed = (
  environments: string[],
  text: string,
  { aliases, tool }: { aliases: Aliases; tool: Tool },
): string | undefined => {
  const folded = (one: string) => (caseless.includes(tool) ? one.toLowerCase() : one);
  const wanted = folded(text);
  return environments.find((environment) =>
    [environment, ...(ownValue(aliases, environment) ?? [])].some((one) => folded(one) === wanted),
  );
};
