import type { Intent } from "../shared/incident/model.ts";
import { type Liveness, liveness } from "./live.ts";
import { step } from "./step.ts";

/** merged → is the merged commit live? By ancestry and content: another merge may be what was deployed. */
export const watch = step("watch", "merged", async (work, incident) => intentOf(await liveness(work, incident)));

const intentOf = (now: Liveness): Intent | null => {
  if (now.is === "live") return { type: "RecordDeploy", sha: now.deploy.sha };
  const { foreign } = now;
  if (now.is === "failed")
    return { type: "RecordNotLive", sha: now.deploy.sha, detail: now.detail, failed: true };
  if (now.is === "missing" && now.undone)
    return { type: "RecordNotLive", sha: now.deploy.sha, detail: now.detail };
  const detail = foreign ?? (now.is === "missing" ? now.detail : undefined);
  return detail === undefined ? null : { type: "Delay", step: "watch", detail };
};
