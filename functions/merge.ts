import type { Intent } from "../shared/incident/model.ts";
import { placeOf, step } from "./step.ts";

/** approved → merge exactly what was approved. Reads first: an earlier try may have been applied. */
export const merge = step("merge", "approved", async (work, { service: name, remedy, pull, approval }) => {
  const { source } = work;
  const service = placeOf(work, name, remedy);
  const now = await source.pull(service, pull);
  const by = now.by ?? "someone on GitHub";
  if (now.state === "merged" && now.mergeSha !== undefined)
    return { type: "RecordMerge", pull: pull.number, sha: now.mergeSha, by };
  if (now.state === "closed")
    return { type: "Withdraw", pull: pull.number, detail: "the pull request was closed on GitHub", by };
  const moved = (detail: string): Intent => ({ type: "RecordMove", detail, pull: now.pull });
  if (now.pull.head !== approval.head || now.pull.diff !== approval.diff)
    return moved("the pull request's branch has new commits");
  const overlap = await overlapping(source.changedPaths(service, pull.baseSha, now.pull.baseSha), now.paths);
  if (overlap !== undefined) return moved(`${overlap} has changed on ${pull.base} since this was approved`);
  await source.setCheck(service, pull.head, "success", `approved by ${approval.by}`);
  const result = await source.merge(service, pull);
  switch (result.result) {
    case "merged":
      return { type: "RecordMerge", pull: pull.number, sha: result.sha, by: result.by };
    case "closed":
      return {
        type: "Withdraw",
        pull: pull.number,
        detail: "the pull request was closed on GitHub",
        by: result.by,
      };
    case "moved":
      // What was not merged is not approved any more, also for those who could merge it by hand.
      await source.setCheck(service, pull.head, "pending", "it has moved: asked again");
      return { type: "RecordMove", detail: result.detail, pull: (await source.pull(service, pull)).pull };
    case "blocked":
      return { type: "Delay", step: "merge", detail: result.detail };
  }
});

const overlapping = async (changed: Promise<string[]>, paths: string[]): Promise<string | undefined> => {
  const ours = new Set(paths);
  return (await changed).find((path) => ours.has(path));
};
