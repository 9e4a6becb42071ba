import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { asError, UpstreamError } from "../../../errors.ts";
import type { Service } from "../../../ports/service.ts";
import { ask } from "../api/call.ts";
import { type Github, never, repoOf } from "../api/repository.ts";
import { isStream } from "../api/stream.ts";

/** Unpacked bytes that are read of an archive at most. */
const maxUnpacked = 1 << 30;
const block = 512;

type Wanted = { sha: string; wanted: (path: string) => boolean };

/** The wanted files of a commit out of GitHub's archive of it: one request and the redirect that answers it. */
export const readArchive = async (
  github: Github,
  service: Service,
  { sha, wanted }: Wanted,
): Promise<Map<string, Uint8Array>> => {
  const what = `read the archive of ${sha} of ${service.repository}`;
  const data: unknown = await ask(what, () =>
    github.octokit.repos.downloadTarballArchive({
      ...{ ...repoOf(service), ref: sha },
      request: { parseSuccessResponseBody: false },
    }),
  );
  if (!isStream(data))
    throw new UpstreamError("github", `${what}: the answer could not be read`, { retryable: true });
  const unpacked = createGunzip();
  // A failure of either destroys both, and is thrown where the bytes are read.
  pipeline(Readable.from(chunksOf(data)), unpacked, () => {});
  try {
    return await filesIn(unpacked, wanted, () => never(`${what}: it is larger than ${maxUnpacked} bytes`));
  } catch (error) {
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError("github", `${what}: it broke off: ${asError(error).message}`, {
      ...{ retryable: true, cause: error },
    });
  } finally {
    unpacked.destroy();
  }
};

async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield chunk;
}

/** The wanted files of a tar by their paths below its one folder: ustar, and pax where a path is long. */
const filesIn = async (
  chunks: AsyncIterable<Buffer>,
  wanted: Wanted["wanted"],
  tooLarge: () => Error,
): Promise<Map<string, Uint8Array>> => {
  const found = new Map<string, Uint8Array>();
  const { take, skip } = readerOf(chunks, tooLarge);
  for (let long: string | undefined; ; ) {
    const header = await take(block);
    if (header.every((byte) => byte === 0)) return found;
    const { path, type, size } = headerOf(header);
    const room = Math.ceil(size / block) * block;
    if (type === "x") {
      long = pathIn(await take(room));
      continue;
    }
    const name = (long ?? path).split("/").slice(1).join("/");
    long = undefined;
    if ((type === "0" || type === "\0") && wanted(name))
      found.set(name, (await take(room)).subarray(0, size));
    else await skip(room);
  }
};

const headerOf = (header: Buffer) => {
  const text = (from: number, length: number) => {
    const field = header.subarray(from, from + length);
    const end = field.indexOf(0);
    return field.subarray(0, end < 0 ? length : end).toString();
  };
  const [name, prefix] = [text(0, 100), text(345, 155)];
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type: header.subarray(156, 157).toString(),
    size: Number.parseInt(text(124, 12), 8) || 0,
  };
};

/** The path of a pax header: lines of `<length> <key>=<value>`. */
const pathIn = (pax: Buffer): string | undefined => / path=([^\n]*)\n/.exec(` ${pax.toString()}`)?.[1];

const readerOf = (chunks: AsyncIterable<Buffer>, tooLarge: () => Error) => {
  const source = chunks[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let read = 0;
  const more = async (): Promise<Buffer> => {
    const { done, value } = await source.next();
    if (done) throw new Error("it ends too early");
    read += value.length;
    if (read > maxUnpacked) throw tooLarge();
    return value;
  };
  return {
    async take(count: number): Promise<Buffer> {
      const parts = [held];
      let length = held.length;
      while (length < count) {
        const chunk = await more();
        parts.push(chunk);
        length += chunk.length;
      }
      const taken = Buffer.concat(parts, count);
      const last = parts.at(-1) ?? held;
      held = last.subarray(last.length - (length - count));
      return taken;
    },
    async skip(count: number): Promise<void> {
      let left = count - held.length;
      held = held.subarray(Math.min(count, held.length));
      while (left > 0) {
        const chunk = await more();
        held = chunk.subarray(Math.min(left, chunk.length));
        left -= chunk.length;
      }
    },
  };
};
