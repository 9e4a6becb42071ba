/** The part of package-lock.json that is read. A package is of development unless production needs it. */
export type Lock = {
  packages: Record<
    string,
    {
      version?: string;
      resolved?: string;
      integrity?: string;
      dev?: boolean;
      devOptional?: boolean;
      link?: boolean;
      hasInstallScript?: boolean;
      dependencies?: Record<string, string>;
      devDependencies?: Record<string, string>;
    }
  >;
};
type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> };
/** The production dependencies that are allowed. A change that adds one raises the figure, where a reviewer sees it. */
export type Budget = { direct: number; installed: number; installScripts: string[] };

/** The packages that production installs, by place in `node_modules`. */
export const installedBy = ({ packages }: Lock): [string, Lock["packages"][string]][] =>
  Object.entries(packages).filter(([place, { dev, devOptional }]) => place !== "" && !dev && !devOptional);

/** The problems with the dependencies, a sentence each. */
export const faultsOf = (manifest: Manifest, lock: Lock, budget: Budget): string[] => [
  ...over("direct", Object.keys(manifest.dependencies).length, budget.direct),
  ...over("installed", installedBy(lock).length, budget.installed),
  ...ranges(manifest),
  ...stale(manifest, lock),
  ...Object.entries(lock.packages).flatMap(([place, one]) => (place === "" ? [] : sourceOf(place, one))),
  ...installedBy(lock)
    .filter(([place, { hasInstallScript }]) => hasInstallScript && !budget.installScripts.includes(place))
    .map(([place]) => `${place} runs a script when it is installed in production`),
];

/** A figure that is below the budget is lowered there, so that the next package shows. */
const over = (kind: "direct" | "installed", count: number, budget: number): string[] =>
  count === budget
    ? []
    : [
        `${count} ${kind} production dependencies, and the budget in .ci/dependencies.json is ${budget}: ${
          count > budget ? "take one out, or give the reason and raise it" : "lower it"
        }`,
      ];

const ranges = ({ dependencies, devDependencies }: Manifest): string[] =>
  Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${name} ${version} is not one exact version`);

const stale = (manifest: Manifest, { packages }: Lock): string[] => {
  const locked = packages[""] ?? {};
  const isSame = (["dependencies", "devDependencies"] as const).every(
    (kind) => JSON.stringify(sorted(manifest[kind])) === JSON.stringify(sorted(locked[kind] ?? {})),
  );
  return isSame ? [] : ["package-lock.json is not of this package.json"];
};

const sorted = (of: Record<string, string>) => Object.entries(of).toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Without an address, npm takes a package from the registry. */
const sourceOf = (place: string, { resolved, integrity = "" }: Lock["packages"][string]): string[] => {
  const isFromRegistry = resolved === undefined || resolved.startsWith("https://registry.npmjs.org/");
  const isKnown = isFromRegistry && integrity.startsWith("sha512-");
  return isKnown ? [] : [`${place} is not from the registry with a digest (${resolved ?? "no digest"})`];
};
