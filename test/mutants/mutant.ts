/** One seeded bug: `search` stands once in `file`. `tests` are the few files below `test/` that must fail with it, the likeliest first. */
export type Mutant = { file: string; search: string; replace: string; tests: string[] } & (
  | { equivalent?: undefined }
  /** Why nothing can fail. */
  | { equivalent: string }
);

export type Seed = (search: string, replace?: string, more?: string[]) => Mutant;

/** Bugs of one file, which the same tests must tell. `more` are tests of one bug, and are tried first. */
export const bugsIn =
  (file: string, tests: string[]): Seed =>
  (search, replace = "", more = []) => ({
    ...{ file, search, replace },
    tests: [...new Set([...more, ...tests])],
  });

export const nameOf = ({ file, search, replace }: Mutant): string =>
  `${file}: ${JSON.stringify(search)} → ${JSON.stringify(replace)}`;
