import type { Intent } from "../shared/incident/model.ts";
import { doneOnGitHub } from "./pull-state.ts";
import { placeOf, step } from "./step.ts";

/** approved → merge exactly what was approved. Reads first: an earlier try may have been applied. */
export const merge = step("merge", ["approved"], async (work, { service: name, remedy, pull, approval }) => {
  const { history, pulls } = work;
  const service = placeOf(work, name, remedy);
  const now = await pulls.pull(service, pull);
  const done = doneOnGitHub(service, pull, now);
  if (done !== undefined) return done;
  const moved = (detail: string): Intent => ({ type: "RecordMove", detail, pull: now.pull });
  if (now.pull.head !== approval.head || now.pull.diff !== approval.diff)
    return moved("the pull request's branch has new commits");
  const overlap = await overlapping(
    history.changedPaths(service, { from: pull.baseSha, to: now.pull.baseSha }),
    now.paths,
  );
  if (overlap !== undefined) return moved(`${overlap} has changed on ${pull.base} since this was approved`);
  await pulls.setCheck(service, {
    head: pull.head,
    state: "success",
    description: `approved by ${approval.by}`,
  });
  const result = await pulls.merge(service, pull);
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
      await pulls.setCheck(service, {
        head: pull.head,
        state: "pending",
        description: "it has moved: asked again",
      });
      return { type: "RecordMove", detail: result.detail, pull: (await pulls.pull(service, pull)).pull };
    case "blocked":
      return { type: "Delay", step: "merge", detail: result.detail };
  }
});

const overlapping = async (changed: Promise<string[]>, paths: string[]): Promise<string | undefined> => {
  const ours = new Set(paths);
  return (await changed).find((path) => ours.has(path));
};
