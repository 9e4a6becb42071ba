import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A directory that is gone after the test. */
export const scratch = async (t: TestContext): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), "countersteer-test-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
};

/** A loopback server that lives as long as the test; `handle` gets the body as text. */
export const listen = async (
  t: TestContext,
  handle: (body: string, request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> => {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    handle(Buffer.concat(chunks).toString(), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A queue whose next item can be waited for. */
export const inbox = <T>() => {
  const arrived: T[] = [];
  let waiting: { wants: (one: T) => boolean; resolve: (one: T) => void }[] = [];
  return {
    arrived,
    put(one: T): void {
      arrived.push(one);
      for (const { wants, resolve } of waiting) if (wants(one)) resolve(one);
      waiting = waiting.filter(({ wants }) => !wants(one));
    },
    /** The first that fits, of those there and those to come. */
    first(wants: (one: T) => boolean): Promise<T> {
      const there = arrived.find(wants);
      return there !== undefined
        ? Promise.resolve(there)
        : new Promise((resolve) => waiting.push({ wants, resolve }));
    },
  };
};
