import { isRepository } from "../../shared/policy/repository-url.ts";
import type { Commit, History } from "../../shared/ports/history.ts";
import type { Image, Registry } from "../../shared/ports/registry.ts";
import type { Service } from "../../shared/ports/service.ts";
import type { Bump } from "../../shared/remedy/rollback/bumps.ts";
import { isImageName, parseVersion } from "../../shared/remedy/rollback/image.ts";
import { gitTagsOf, shasIn } from "../../shared/remedy/rollback/tag.ts";

/** An application commit, and how it is known to be the one that runs. */
export type Behind = { commit: Commit; proof: string };
export type Pinned = Pick<Bump, "name" | "field"> & { version: string };
export type Origin = Awaited<ReturnType<Registry["origin"]>>;

/** The image of a pin, as a registry knows it; undefined for a pin of another kind. */
export const imageOf = ({ name, field, version }: Pinned): Image | undefined => {
  const isImage = field === "image" || field === "tag" || field === "digest";
  const parts = isImage ? parseVersion(version) : undefined;
  return parts && name !== undefined && isImageName(name) ? { name, ...parts } : undefined;
};

/**
 * The commit of the service's repository that a version was built from, by the strongest proof there is: the image's own labels (`told`),
 * an id in its tag, or a git tag of the same name. Undefined when there is none, or when it is another repository's. Throws UpstreamError.
 */
export const commitBehind = async (
  history: Pick<History, "find">,
  service: Service,
  { name, field, version, origin }: Pinned & { origin: Origin },
): Promise<Behind | undefined> => {
  if (origin !== undefined) {
    if (origin.source !== undefined && !isRepository(origin.source, service.repository)) return undefined;
    const commit = /^[0-9a-f]{7,64}$/.test(origin.revision)
      ? await history.find(service, origin.revision)
      : undefined;
    return commit && { commit, proof: "the image says that it was built from that commit" };
  }
  const isChart = field === "version" || field === "revision";
  const tag = isChart ? version : parseVersion(version)?.tag;
  if (tag === undefined) return undefined;
  for (const sha of shasIn(tag)) {
    const commit = await history.find(service, sha);
    if (commit) return { commit, proof: "its tag carries the commit" };
  }
  if (!isNamedAfter(service, name)) return undefined;
  for (const gitTag of gitTagsOf(tag)) {
    const commit = await history.find(service, `tags/${gitTag}`);
    if (commit) return { commit, proof: `the git tag ${gitTag} is the commit` };
  }
  return undefined;
};

/** Versions are much alike; only one that is of the service's name, or of none, can mean its git tags. */
const isNamedAfter = ({ name, repository }: Service, pinned: string | undefined): boolean => {
  if (pinned === undefined) return true;
  const last = (path: string) =>
    path
      .replace(/(\.git)?\/*$/, "")
      .split("/")
      .at(-1)!
      .toLowerCase();
  return [name.toLowerCase(), last(repository)].includes(last(pinned));
};
