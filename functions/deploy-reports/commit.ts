import type { Sha } from "../../shared/brands.ts";
import type { Configured } from "../../shared/config.ts";
import { UpstreamError } from "../../shared/errors.ts";
import type { Deployer } from "../../shared/policy/deployers.ts";
import { isRepository } from "../../shared/policy/repository-url.ts";
import type { Told } from "../../shared/ports/deployers.ts";
import type { Image } from "../../shared/ports/registry.ts";
import { ownValue } from "../../shared/records.ts";
import { parseImage } from "../../shared/remedy/rollback/image.ts";
import type { ReceiverContext } from "../http/context.ts";

/** The commit that was deployed, or why none is known. */
export type Commit = { sha: Sha } | { left: "no_commit" | "other_repository" };
type Asking = Pick<ReceiverContext, "registry" | "log">;

/**
 * The commit that an event says it deployed: by the parameter that the configuration names, by a revision of one of the service's
 * repositories, else by the labels of its image. Throws UpstreamError for a registry that may answer later.
 */
export const commitOf = async (
  asking: Asking,
  { service, deployer }: { service: Configured; deployer: Deployer },
  told: Told,
): Promise<Commit> => {
  const parameter = deployer.revision === undefined ? undefined : ownValue(told.values, deployer.revision);
  if (parameter !== undefined && isSha(parameter)) return { sha: parameter };
  const places = [service.repository, ...(service.gitops ?? []).map(({ repository }) => repository)];
  const own = told.commits.find(
    ({ repository }) => repository === undefined || places.some((place) => isRepository(repository, place)),
  );
  if (own !== undefined) return { sha: own.sha };
  const sha = await ofImages(asking, service, imagesOf(referencesOf(told, deployer), deployer.image));
  if (sha !== undefined) return { sha };
  return { left: told.commits.length > 0 ? "other_repository" : "no_commit" };
};

/** The commit that an image of the service was built from, by its labels; undefined when they name none. Throws UpstreamError. */
export const commitOfImage = (
  asking: Asking,
  service: Configured,
  reference: string,
): Promise<Sha | undefined> => ofImages(asking, service, imagesOf([reference], undefined));

const isSha = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);
/** Each costs up to three calls of a registry. */
const mostImages = 5;

/** The images that an event names, or the configured one by its tag. */
const referencesOf = ({ images, tag }: Told, { image }: Deployer): string[] =>
  images.length === 0 && tag !== undefined && image !== undefined ? [`${image}:${tag}`] : images;

/** A configured name selects only that image; an event may name it by its last part. */
const imagesOf = (references: string[], name: string | undefined): Image[] => {
  const images = references.flatMap((reference) => parseImage(reference) ?? []);
  if (name === undefined) return images.slice(0, mostImages);
  const last = name.split("/").at(-1);
  return images
    .filter((image) => image.name === name || image.name === last)
    .map((image) => ({ ...image, name }));
};

const ofImages = async (asking: Asking, service: Configured, images: Image[]): Promise<Sha | undefined> => {
  for (const image of images) {
    const origin = await originOf(asking, image);
    if (origin === undefined || !isSha(origin.revision)) continue;
    const isOwn =
      origin.source === undefined ? images.length === 1 : isRepository(origin.source, service.repository);
    if (isOwn) return origin.revision;
  }
  return undefined;
};

/** A registry that refuses for good says nothing about the image. */
const originOf = async ({ registry, log }: Asking, image: Image) => {
  try {
    return await registry?.origin(image);
  } catch (error) {
    if (!(error instanceof UpstreamError) || error.retryable) throw error;
    log.warn("an image's commit was not read", { image: image.name, error });
    return undefined;
  }
};
