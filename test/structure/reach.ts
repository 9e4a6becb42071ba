import type { Facts } from "./check.ts";

/** The packages that the files under `folder` load, directly or through files that they import. */
export const packagesReached = (facts: ReadonlyMap<string, Facts>, folder: string): string[] => {
  const packages = new Set<string>();
  const files = new Set([...facts.keys()].filter((path) => path.startsWith(`${folder}/`)));
  // A set also visits what is added to it on the way.
  for (const file of files)
    for (const { kind, to, inside } of facts.get(file)?.imports ?? [])
      if (kind === "value") (inside ? files : packages).add(to);
  return [...packages].sort();
};
