import { createHash } from "node:crypto";
import { array, object, optional, record, string, type ZodType } from "zod";
import { UpstreamError } from "../../errors.ts";
import type { Image, Registry } from "../../ports/registry.ts";
import { isImageName, parseVersion, versionOf } from "../../remedy/rollback/image.ts";
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
const manifest = object({
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
});
const config = object({
  config: optional(object({ Labels: optional(record(string(), string()).nullable()) }).nullable()),
});

/** OCI registries as a Registry: only those configured are ever asked. Throws UpstreamError. */
export function registry(options: { registries: RegistryAccess[]; fetch?: typeof fetch }): Registry {
  const clients = new Map(
    options.registries.map((access) => [access.host, registryClient(access, options.fetch ?? fetch)]),
  );
  return {
    async origin(image) {
      const { host, path } = locate(image.name);
      const client = clients.get(host);
      if (!client || !isImageName(image.name) || !parseVersion(versionOf(image))) return undefined;
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
      const told = originOf({ ...top.annotations, ...one.annotations });
      if (told || !one.config) return told;
      const labels = (await get("blobs", one.config.digest, config))?.config?.Labels;
      return originOf(labels ?? {});
    },
  };
}

/** The digest where there is one: it cannot have moved. */
const reference = ({ tag = "", digest = tag }: Image): string => digest;

/** A name as a registry's host and the path there; without a host it is Docker Hub's. */
export function locate(name: string): { host: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(0, slash));
  if (/[.:]/.test(first) || first === "localhost") return { host: first, path: name.slice(slash + 1) };
  return { host: "docker.io", path: slash < 0 ? `library/${name}` : name };
}

/** Of an index: the image for the platform that most run, or the first that is one; attestations say `unknown`. */
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

/** What a digest names is what hashes to it. */
function pinned(bytes: Uint8Array, reference: string, what: string): Uint8Array {
  const [, algorithm, hash] = /^(sha256|sha512):([\da-f]+)$/.exec(reference) ?? [];
  if (algorithm === undefined) return bytes;
  if (createHash(algorithm).update(bytes).digest("hex") === hash) return bytes;
  throw final(`${what}: the answer is not what the digest names`);
}

function parsed<T>(bytes: Uint8Array, form: ZodType<T>, what: string): T {
  const answer = form.safeParse(asJson(bytes));
  if (answer.success) return answer.data;
  throw final(`${what}: the answer is no manifest`);
}
const asJson = (bytes: Uint8Array): unknown => {
  try {
    return toJson(bytes);
  } catch {
    return undefined;
  }
};

const final = (message: string) => new UpstreamError("registry", message, { retryable: false });
