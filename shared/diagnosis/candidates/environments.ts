/** Names that environments have in the folders and files of a GitOps repository. */
const names: [string, RegExp][] = [
  ["production", /^(prod|production|prd|live)$/],
  ["staging", /^(stag|stage|staging|stg|preprod|pre-production|uat)$/],
  ["development", /^(dev|develop|development)$/],
  ["test", /^(test|testing|qa)$/],
];

const kindOf = (name: string): string | undefined =>
  names.find(([, pattern]) => pattern.test(name.toLowerCase()))?.[0];

/** Whether a path is of this environment, as far as its folders and its file's name tell: `overlays/staging/…` is not of production. */
export const isOfEnvironment = (path: string, environment: string): boolean => {
  const parts = path.split("/").flatMap((part) => [part, ...part.split(/[-_.]/)]);
  if (parts.includes(environment)) return true;
  const found = parts.flatMap((part) => kindOf(part) ?? []);
  return found.length === 0 || found.includes(kindOf(environment) ?? environment);
};
