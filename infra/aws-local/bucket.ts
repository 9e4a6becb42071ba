import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { compileConfig } from "../aws/bundle/compile.ts";
import { portOf } from "../host/server/listen.ts";
import { readConfigFiles } from "../host/settings/config-files.ts";

export const bucketName = "countersteer";
export const configKey = "countersteer.json";

export type Bucket = { url: string; stop(): Promise<void> };

/**
 * S3 on loopback with one object: the configuration as it is in its file now, compiled. `may`: whether the caller, named by its access key,
 * may read it. A file that is wrong leaves the object as it was, as nobody uploads it.
 */
export const startBucket = async (file: string, may: (caller: string) => boolean): Promise<Bucket> => {
  let object = compiled(file);
  let source = sourceOf(file);
  const current = (): typeof object => {
    try {
      const now = sourceOf(file);
      if (now !== source) [object, source] = [compiled(file), now];
    } catch {
      // The object is the last that could be compiled.
    }
    return object;
  };
  const server = createServer(({ url, headers }, response) => {
    const refuse = (status: number, code: string) =>
      response
        .writeHead(status, { "content-type": "application/xml" })
        .end(`<Error><Code>${code}</Code></Error>`);
    const caller = /Credential=([^/]+)/.exec(headers.authorization ?? "")?.[1] ?? "";
    if (!may(caller)) return refuse(403, "AccessDenied");
    if (url !== `/${bucketName}/${configKey}`) return refuse(404, "NoSuchKey");
    const { text, etag } = current();
    if (headers["if-none-match"] === etag) return response.writeHead(304, { etag }).end();
    return response.writeHead(200, { etag }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const sourceOf = (file: string): string => JSON.stringify(readConfigFiles(file));

const compiled = (file: string) => {
  const { text, included } = readConfigFiles(file);
  const json = compileConfig(file, text, included);
  return { text: json, etag: `"${createHash("md5").update(json).digest("hex")}"` };
};
