import { lazy, literal, number, object, enum as oneOf, string } from "zod";
import type { Vouching } from "../shared/ports/vouching.ts";

const changed = lazy(() =>
  object({
    action: oneOf(["opened", "synchronize", "reopened", "edited", "ready_for_review"]),
    pull_request: object({ number: number() }),
  }),
);
const requested = lazy(() =>
  object({
    action: literal("checks_requested"),
    merge_group: object({ head_sha: string(), base_sha: string(), head_ref: string(), base_ref: string() }),
  }),
);

/** Sets the status of the approval where a delivery tells of other people's work. GitHub itself is read; the delivery only names it. */
export const vouchFor = async (
  vouching: Vouching,
  repository: string,
  { event, payload }: { event: string; payload: unknown },
): Promise<void> => {
  const place = { repository };
  if (event === "pull_request") {
    const named = changed.safeParse(payload);
    if (named.success) await vouching.vouchForPull(place, named.data.pull_request.number);
    return;
  }
  const group = event === "merge_group" ? requested.safeParse(payload).data?.merge_group : undefined;
  const pull = /\/pr-(\d+)-[0-9a-f]+$/.exec(group?.head_ref ?? "")?.[1];
  if (group === undefined || pull === undefined) return;
  await vouching.vouchForGroup(place, {
    ...{ head: group.head_sha, base: group.base_sha, pull: Number(pull) },
    branch: group.base_ref.replace(/^refs\/heads\//, ""),
  });
};
