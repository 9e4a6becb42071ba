import { messageOf } from "../../shared/errors.ts";
import type { KillSwitch, StopIssue, StopIssues } from "../../shared/ports/kill-switch.ts";
import type { Store, SwitchRecord } from "../../shared/ports/store.ts";
import { clock } from "../../shared/text/format.ts";

type Sources = {
  store: Pick<Store, "register">;
  /** Absent where no issue is configured. */
  issue?: StopIssue;
  issues?: StopIssues;
};

/** On while a person has stopped Countersteer by command or by the issue, and while one of the two cannot be read. */
export const killSwitch = ({ store, issue, issues }: Sources): KillSwitch => ({
  stopped: async () => {
    try {
      const { value } = await store.register("switch");
      if (value?.stopped) return stoppedBy(value);
      if (issue === undefined || issues === undefined) return undefined;
      return (await issues.isOn(issue)) ? byIssue(issue) : undefined;
    } catch (error) {
      return `Countersteer is stopped, as its kill switch cannot be read (${messageOf(error)}); nothing is merged, opened or changed until it can`;
    }
  },
});

export const stoppedBy = ({ by, at, why }: SwitchRecord): string =>
  `Countersteer was stopped by ${by} at ${clock(at)} UTC (${why}); nothing is merged, opened or changed until an operator starts it again`;

const byIssue = ({ repository, number }: StopIssue): string =>
  `Countersteer is stopped by ${repository}#${number}; nothing is merged, opened or changed until that issue is closed without the label countersteer/stop`;
