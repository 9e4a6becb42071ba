import { blobId } from "../../../git/object-ids.ts";
import type { Service } from "../../../ports/service.ts";
import { inParallel } from "../api/cache.ts";
import { graphql } from "../api/graphql.ts";
import { type Github, repoOf } from "../api/repository.ts";
import { textOf } from "../api/text.ts";
import { readBlob } from "../git/trees.ts";

type Answer = { repository: Record<string, { text?: string | null } | null> | null };

/** `size` in bytes, where it is known. */
export type Blob = { sha: string; size?: number };

/** Blobs and bytes that one request reads, and requests at once. */
const perRequest = { blobs: 200, bytes: 2 * 1024 * 1024 };
const parallel = 4;
const parallelBlobs = 10;
/** GitHub cuts the text of a larger blob. */
const maxText = 512_000;

/** The texts of these blobs, many in one request. A blob that is not UTF-8 has none. */
export const readTexts = async (
  github: Github,
  service: Service,
  blobs: Blob[],
): Promise<Map<string, string>> => {
  const lists = await inParallel(parallel, batchesOf(blobs), (part) => askTexts(github, service, part));
  const found = new Map(lists.flat());
  // Of a large blob, and of a binary one, which has no text, the bytes are read.
  const left = blobs.map(({ sha }) => sha).filter((sha) => !found.has(sha));
  await inParallel(parallelBlobs, left, async (sha) => {
    const text = textOf(await readBlob(github, service, sha));
    if (text !== undefined) found.set(sha, text);
  });
  return found;
};

/** The ids of the blobs that are read by their text, request by request. */
export const batchesOf = (blobs: Blob[]): string[][] => {
  const batches: string[][] = [];
  let [batch, bytes]: [string[], number] = [[], 0];
  for (const { sha, size = 0 } of blobs) {
    if (size > maxText) continue;
    if (batch.length === 0 || batch.length >= perRequest.blobs || bytes + size > perRequest.bytes) {
      [batch, bytes] = [[], 0];
      batches.push(batch);
    }
    batch.push(sha);
    bytes += size;
  }
  return batches;
};

/** One request; the texts whose id proves that they are whole. */
const askTexts = async (github: Github, service: Service, shas: string[]): Promise<[string, string][]> => {
  const declared = shas.map((_, at) => `$b${at}: GitObjectID!`).join(", ");
  const asked = shas.map((_, at) => `b${at}: object(oid: $b${at}) { ...blob }`).join("\n    ");
  const query = `query ($owner: String!, $name: String!, ${declared}) {
  repository(owner: $owner, name: $name) {
    ${asked}
  }
}
fragment blob on GitObject { ... on Blob { text } }`;
  const { owner, repo } = repoOf(service);
  const { repository } = await graphql<Answer>(github, service, {
    ...{ what: `read ${shas.length} files of ${service.repository}`, query },
    variables: { ...Object.fromEntries(shas.map((sha, at) => [`b${at}`, sha])), owner, name: repo },
  });
  return shas.flatMap((sha, at): [string, string][] => {
    const text = repository?.[`b${at}`]?.text;
    return typeof text === "string" && blobId(Buffer.from(text)) === sha ? [[sha, text]] : [];
  });
};
