import { array, nullish, object } from "zod";
import { imagesOf, instant, text } from "../told.ts";
import { count, isSeen, type Kind, type Rollout } from "./object.ts";

/** As much of a `serving.knative.dev/v1` Service as tells which revisions get requests. */
const services = object({
  metadata: object({ generation: count }),
  status: nullish(
    object({
      observedGeneration: count,
      traffic: nullish(array(object({ revisionName: text, percent: count }))),
    }),
  ),
});
const revisions = object({
  metadata: object({ creationTimestamp: instant }),
  spec: object({ containers: array(object({ image: text })) }),
  status: nullish(object({ containerStatuses: nullish(array(object({ imageDigest: text }))) })),
});

/** Revisions whose images are read. */
const most = 5;

/** The youngest revision that gets requests is live once it gets them all, and in part before. */
export const knativeService: Kind = {
  resource: "serving.knative.dev/v1 services",
  read: async (answer, get) => {
    const parsed = services.safeParse(answer);
    if (!parsed.success) return undefined;
    const { metadata, status } = parsed.data;
    if (!isSeen(metadata.generation, status?.observedGeneration)) return [];
    const parts = partsOf(status?.traffic ?? []).slice(0, most);
    const read = await Promise.all(
      parts.map(async ([name, percent]) => {
        const revision = revisions.safeParse(await get("serving.knative.dev/v1 revisions", name)).data;
        return { name, percent, revision, at: Date.parse(revision?.metadata.creationTimestamp ?? "") || 0 };
      }),
    );
    const [youngest] = read.toSorted((a, b) => b.at - a.at);
    if (youngest === undefined) return [];
    const { name, percent, revision } = youngest;
    const rollout: Rollout = {
      status: percent >= 100 ? "succeeded" : "started",
      values: { revision: name, percent: `${percent}` },
      images: imagesIn(revision),
    };
    return [rollout];
  },
};

/** The digests that run; a tag may have moved since. */
const imagesIn = (revision: ReturnType<typeof revisions.parse> | undefined): string[] => {
  const digests = revision?.status?.containerStatuses?.flatMap(({ imageDigest }) => imageDigest ?? []) ?? [];
  return imagesOf(
    digests.length > 0 ? digests : revision?.spec.containers.flatMap(({ image }) => image ?? []),
  );
};

type Target = { revisionName?: string | null | undefined; percent?: number | null | undefined };

/** One revision may have several targets. One that gets no requests has only an address of its own. */
const partsOf = (traffic: Target[]): [name: string, percent: number][] => {
  const parts = new Map<string, number>();
  for (const { revisionName: name, percent } of traffic)
    if (name && percent) parts.set(name, (parts.get(name) ?? 0) + percent);
  return [...parts].toSorted(([, a], [, b]) => b - a);
};
