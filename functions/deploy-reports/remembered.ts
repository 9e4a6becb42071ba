import type { EpochMs } from "../../shared/brands.ts";
import type { Registry } from "../../shared/ports/registry.ts";

/** A tag may be moved to another image, and a digest may not. */
const tagMs = 10 * 60_000;
const mostImages = 2_000;

type Origin = Awaited<ReturnType<Registry["origin"]>>;

/** The registry, asked once about an image that runs for long: it is looked at every minute. A failure is not remembered. */
export const remembered = (registry: Registry, clock: () => EpochMs): Registry => {
  const known = new Map<string, { origin: Origin; until: EpochMs }>();
  return {
    async origin(image) {
      const key = JSON.stringify([image.name, image.tag, image.digest]);
      const before = known.get(key);
      if (before !== undefined && clock() < before.until) return before.origin;
      const origin = await registry.origin(image);
      if (known.size >= mostImages) known.clear();
      const until = image.digest === undefined ? clock() + tagMs : Number.POSITIVE_INFINITY;
      known.set(key, { origin, until });
      return origin;
    },
  };
};
