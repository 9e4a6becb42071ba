import type { Service } from "../../ports/service.ts";
import type { Selection, Trees } from "../../ports/trees.ts";
import { inParallel } from "./cache.ts";
import { readTip } from "./change.ts";
import { type Github, never } from "./repository.ts";
import { textOf } from "./text.ts";
import { readBlob } from "./trees.ts";

type Read = Awaited<ReturnType<Trees["files"]>>;

/** GitHub gives one file a request. */
const parallel = 10;
/** People write no file larger than this. */
const maxBytes = 5 * 1024 * 1024;

/** The branch as it is now with the text of the wanted files. Links and files that are not UTF-8 are left out. */
export const files = async (
  github: Github,
  service: Service,
  { wanted, limit }: Selection,
): Promise<Read> => {
  const { head, headTree, ours } = await readTip(github, service, { since: {} });
  const found = [...ours].filter(
    ([path, { mode, size = 0 }]) => mode.startsWith("100") && size <= maxBytes && wanted(path),
  );
  if (found.length > limit)
    throw never(
      `${service.repository} has ${found.length} files that may say it, more than the ${limit} that are read over GitHub`,
    );
  const read = await inParallel(parallel, found, async ([path, { mode, sha }]) => {
    const text = textOf(await readBlob(github, service, sha));
    return text === undefined ? undefined : ([path, { mode, sha, text }] as const);
  });
  return { head, headTree, files: new Map(read.filter((one) => one !== undefined)) };
};
