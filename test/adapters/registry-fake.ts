import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TestContext } from "node:test";
import { listen } from "../support/scratch.ts";

export const digestOf = (bytes: string | Buffer): string =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

type Blob = { type: string; bytes: Buffer };
/** The content of a registry: blobs and manifests by digest, tags by `name:tag`. */
export type Held = { blobs: Map<string, Blob>; tags: Map<string, string> };
const oci = "application/vnd.oci.image";

/** An image with these labels, as an index of one platform and its attestation, tagged. The digest of the index. */
export function push(
  held: Held,
  name: string,
  { tag, labels, annotations }: { tag: string; labels?: object; annotations?: object },
) {
  const put = (type: string, value: object) => {
    const bytes = Buffer.from(JSON.stringify(value));
    held.blobs.set(digestOf(bytes), { type, bytes });
    return { mediaType: type, digest: digestOf(bytes), size: bytes.length };
  };
  const image = (architecture: string, Labels: object | undefined) =>
    put(`${oci}.manifest.v1+json`, {
      schemaVersion: 2,
      config: put(`${oci}.config.v1+json`, { architecture, os: "linux", config: Labels ? { Labels } : {} }),
      layers: [],
    });
  const index = put(`${oci}.index.v1+json`, {
    schemaVersion: 2,
    ...(annotations && { annotations }),
    manifests: [
      {
        ...image("unknown", { "org.opencontainers.image.revision": "of the attestation" }),
        platform: { os: "unknown", architecture: "unknown" },
      },
      {
        ...image("arm64", { "org.opencontainers.image.revision": "of the other platform" }),
        platform: { os: "linux", architecture: "arm64" },
      },
      { ...image("amd64", labels), platform: { os: "linux", architecture: "amd64" } },
    ],
  });
  held.tags.set(`${name}:${tag}`, index.digest);
  return index.digest;
}

export type Seen = { path: string; authorization: string | undefined };

/**
 * A registry on loopback that speaks the distribution specification: tokens for those who log in, blobs behind a redirect to another
 * server. `seen` are the requests of both and of the tokens.
 */
export async function startRegistry(t: TestContext, login = "robot:secret") {
  const held: Held = { blobs: new Map(), tags: new Map() };
  const seen = { registry: [] as Seen[], tokens: [] as Seen[], storage: [] as Seen[] };
  const faults = { realm: "", tamper: false, blobsAt: "", basic: "" };
  const note = (list: Seen[], request: IncomingMessage) =>
    list.push({ path: request.url!, authorization: request.headers.authorization });

  const storage = await listen(t, (_, request, response) => {
    note(seen.storage, request);
    if (request.headers.authorization !== undefined) return void response.writeHead(400).end();
    const blob = held.blobs.get(request.url!.slice(1));
    response.writeHead(blob ? 200 : 404).end(blob?.bytes);
  });
  const tokens = await listen(t, (_, request, response) => {
    note(seen.tokens, request);
    const known = request.headers.authorization === `Basic ${Buffer.from(login).toString("base64")}`;
    response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
    response.end(
      JSON.stringify(
        known ? { token: `for ${new URL(request.url!, "http://x").searchParams.get("scope")}` } : {},
      ),
    );
  });
  const url = await listen(t, (_, request, response) => {
    note(seen.registry, request);
    answer(request, response);
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const [, name = "", kind, reference = ""] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(request.url!) ?? [];
    if (faults.basic !== "") {
      if (request.headers.authorization !== `Basic ${Buffer.from(faults.basic).toString("base64")}`)
        return void response.writeHead(401, { "www-authenticate": 'Basic realm="r",service="ecr"' }).end();
    } else if (request.headers.authorization !== `Bearer for repository:${name}:pull`) {
      const realm = faults.realm || `${tokens}/token`;
      const challenge = `Bearer realm="${realm}",service="registry",scope="repository:${name}:pull"`;
      return void response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    const digest = held.tags.get(`${name}:${reference}`) ?? reference;
    const blob = held.blobs.get(digest);
    if (!blob) return void response.writeHead(404).end();
    if (kind === "blobs")
      return void response.writeHead(307, { location: faults.blobsAt || `${storage}/${digest}` }).end();
    if (!request.headers.accept?.includes(blob.type)) return void response.writeHead(406).end();
    response.writeHead(200, { "content-type": blob.type, "docker-content-digest": digest });
    response.end(faults.tamper ? Buffer.concat([blob.bytes, Buffer.from(" ")]) : blob.bytes);
  }
  return { held, seen, faults, url, tokens, host: new URL(url).host, login };
}
