import { ask } from "./call.ts";

/** GitHub's largest page, and how many pages of one list are read. */
const pageSize = 100;
const maxPages = 100;

type Page = { per_page: number; page: number };

/** A list page after page. The rest of a list of more than 10,000 entries is left. */
export const readPages = async <T>(
  what: string,
  call: (page: Page) => Promise<{ data: T[] }>,
): Promise<T[]> => {
  const all: T[] = [];
  for (let page = 1; page <= maxPages; page++) {
    const listed = await ask(what, () => call({ per_page: pageSize, page }));
    all.push(...listed);
    if (listed.length < pageSize) break;
  }
  return all;
};
