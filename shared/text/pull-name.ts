/** The repository in the address of a pull request: `https://github.com/acme/api/pull/7` → acme/api. */
export const repositoryIn = (url: string): string | undefined => /([^/]+\/[^/]+)\/pull\/\d+$/.exec(url)?.[1];

/** A pull request as people name it beyond its repository: acme/api#7. */
export const pullName = ({ url, number }: { url: string; number: number }): string =>
  `${repositoryIn(url) ?? ""}#${number}`;
