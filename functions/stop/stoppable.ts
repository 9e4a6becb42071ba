import { UpstreamError } from "../../shared/errors.ts";
import type { KillSwitch } from "../../shared/ports/kill-switch.ts";
import type { Merging } from "../../shared/ports/merging.ts";
import type { Pulls } from "../../shared/ports/pulls.ts";
import type { Redeploys } from "../../shared/ports/redeploys.ts";

/** Throws the reason, as a failure that passes, while Countersteer is stopped. */
const permit = async (killSwitch: KillSwitch): Promise<void> => {
  const reason = await killSwitch.stopped();
  if (reason !== undefined) throw new UpstreamError("switch", reason, { retryable: true });
};

const guardedBy =
  (killSwitch: KillSwitch) =>
  <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    await permit(killSwitch);
    return write(...args);
  };

/** Auto-merge is taken back also while Countersteer is stopped. */
export const stoppableMerging = (merging: Merging, killSwitch: KillSwitch): Merging => {
  const guarded = guardedBy(killSwitch);
  return {
    gates: merging.gates,
    isSameMerged: merging.isSameMerged,
    disarm: merging.disarm,
    updateBranch: guarded(merging.updateBranch),
    arm: guarded(merging.arm),
  };
};

/** The redeploys, with the kill switch read before one is started. */
export const stoppableRedeploys = (redeploys: Redeploys, killSwitch: KillSwitch): Redeploys => ({
  ...{ workflow: redeploys.workflow, findDeploy: redeploys.findDeploy, readDeploy: redeploys.readDeploy },
  ...{ deployTimes: redeploys.deployTimes, changedFiles: redeploys.changedFiles },
  startDeploy: guardedBy(killSwitch)(redeploys.startDeploy),
});

/** The pull requests, with the kill switch read before every write. */
export const stoppable = (pulls: Pulls, killSwitch: KillSwitch): Pulls => {
  const guarded = guardedBy(killSwitch);
  return {
    findPull: pulls.findPull,
    pull: pulls.pull,
    reopened: pulls.reopened,
    openPull: guarded(pulls.openPull),
    setCheck: guarded(pulls.setCheck),
    merge: guarded(pulls.merge),
    comment: guarded(pulls.comment),
    writeDraft: guarded(pulls.writeDraft),
    closePull: guarded(pulls.closePull),
  };
};
