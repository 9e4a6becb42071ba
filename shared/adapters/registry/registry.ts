import { createHash } from "node:crypto";
import { array, lazy, object, optional, record, string, type ZodType } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { Image, Registry } from "../../ports/registry.ts";
import { toJson } from "../http/json.ts";
import { type RegistryAccess, registryClient } from "./client.ts";

export type { RegistryAccess } from "./client.ts";

// Manifests: https://github.com/opencontainers/image-spec; the paths: https://github.com/opencontainers/distribution-spec.
const types = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const maxBytes = 4 * 1024 * 1024;

const annotations = optional(record(string(), string()));
const manifest = lazy(() =>
  object({
    annotations,
    config: optional(object({ digest: string() })),
    manifests: optional(
      array(
        object({
          digest: string(),
          platform: optional(object({ os: optional(string()), architecture: optional(string()) })),
        }),
      ),
    ),
  }),
);
const config = lazy(() =>
  object({
    config: optional(object({ Labels: optional(record(string(), string()).nullable()) }).nullable()),
  }),
);

/** The configured OCI registries; no other is ever called. Throws UpstreamError. */
export const registry = (options: { registries: RegistryAccess[]; fetch?: typeof fetch }): Registry => {
  const clients = new Map(
    options.registries.map((access) => [access.host, registryClient(access, options.fetch ?? fetch)]),
  );
  return {
    async origin(image) {
      const { host, path } = locate(image.name);
      const client = clients.get(host);
      if (!client || !isSafe(path) || !isSafe(reference(image))) return undefined;
      const get = async <T>(kind: "manifests" | "blobs", reference: string, form: ZodType<T>) => {
        const what = `read ${kind}/${reference} of ${image.name}`;
        const accept = kind === "manifests" ? types : "application/json";
        const bytes = await client({
          repository: path,
          path: `${kind}/${reference}`,
          accept,
          maxBytes,
          what,
        });
        return bytes && parsed(pinned(bytes, reference, what), form, what);
      };
      const top = await get("manifests", reference(image), manifest);
      const one = top?.manifests ? await get("manifests", platformOf(top.manifests), manifest) : top;
      if (!top || !one) return undefined;
      const origin = originOf({ ...top.annotations, ...one.annotations });
      if (origin || !one.config) return origin;
      const labels = (await get("blobs", one.config.digest, config))?.config?.Labels;
      return originOf(labels ?? {});
    },
  };
};

/** Whether the text can stand in a URL's path without changing its meaning. */
const isSafe = (text: string): boolean => /^[\w.:/-]+$/.test(text) && !/(^|\/)\.{1,2}(\/|$)/.test(text);

/** The digest where there is one, as a digest cannot move. */
const reference = ({ tag = "", digest = tag }: Image): string => digest;

/** A name as a registry's host and the path there; without a host it is Docker Hub's. */
export const locate = (name: string): { host: string; path: string } => {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  if (/[.:]/.test(first) || first === "localhost") return { host: first, path: name.slice(slash + 1) };
  return { host: "docker.io", path: slash < 0 ? `library/${name}` : name };
};

/** The image of an index for linux/amd64, else its first image. An attestation has the platform `unknown`. */
const platformOf = (
  manifests: {
    digest: string;
    platform?: { os?: string | undefined; architecture?: string | undefined } | undefined;
  }[],
): string => {
  const images = manifests.filter(({ platform }) => platform?.os !== "unknown");
  const usual = images.find(({ platform }) => platform?.os === "linux" && platform.architecture === "amd64");
  const found = (usual ?? images[0])?.digest;
  if (found === undefined) throw final("the index lists no image");
  return found;
};

const originOf = (labels: Record<string, string>) => {
  const revision = labels["org.opencontainers.image.revision"] ?? labels["org.label-schema.vcs-ref"];
  const source = labels["org.opencontainers.image.source"] ?? labels["org.label-schema.vcs-url"];
  return revision === undefined ? undefined : { revision, ...(source !== undefined && { source }) };
};

/** Throws unless the bytes hash to the digest. */
const pinned = (bytes: Uint8Array, reference: string, what: string): Uint8Array => {
  const [, algorithm, hash] = /^(sha256|sha512):([\da-f]+)$/.exec(reference) ?? [];
  if (algorithm === undefined) return bytes;
  if (createHash(algorithm).update(bytes).digest("hex") === hash) return bytes;
  throw final(`${what}: the answer is not what the digest names`);
};

const parsed = <T>(bytes: Uint8Array, form: ZodType<T>, what: string): T => {
  const answer = form.safeParse(asJson(bytes));
  if (answer.success) return answer.data;
  throw final(`${what}: the answer is not a manifest`);
};
const asJson = (bytes: Uint8Array): unknown => {
  try {
    return toJson(bytes);
  } catch {
    return undefined;
  }
};

const final = (message: string) => new UpstreamError("registry", message, { retryable: false });
