import { messageOf } from "../../shared/errors.ts";
import type { KillSwitch, StopIssue, StopIssues } from "../../shared/ports/kill-switch.ts";
import type { Store, SwitchRecord } from "../../shared/ports/store.ts";
import { clock, personName } from "../../shared/text/format.ts";

type Sources = {
  store: Pick<Store, "register">;
  /** The issue of the configuration, if it names one. */
  issue?: () => StopIssue | undefined;
  issues?: StopIssues;
  /** Reads the parameter that stops Countersteer, where the host has one; undefined when it is not there. */
  mode?: () => Promise<string | undefined>;
};

/** The switch is on while a person has stopped Countersteer by command, by the issue or by the parameter, and while one of them cannot be read. */
export const killSwitch = ({ store, issue, issues, mode }: Sources): KillSwitch => ({
  stopped: async () => {
    try {
      const { value } = await store.register("switch");
      if (value?.stopped) return stoppedBy(value);
      const given = await mode?.();
      if (given !== undefined && given.trim() !== "run") return byMode(given);
      const configured = issue?.();
      if (configured === undefined || issues === undefined) return undefined;
      return (await issues.isOn(configured)) ? byIssue(configured) : undefined;
    } catch (error) {
      return `Countersteer is stopped, as its kill switch cannot be read (${messageOf(error)}); nothing is merged, opened or changed until it can`;
    }
  },
});

export const stoppedBy = ({ by, at, why }: SwitchRecord): string =>
  `Countersteer was stopped by ${personName(by)} at ${clock(at)} UTC (${why}); nothing is merged, opened or changed until an operator starts it again`;

const byMode = (given: string): string =>
  `Countersteer is stopped, as the parameter MODE is “${given.trim().slice(0, 40)}”; nothing is merged, opened or changed until it is “run” or deleted`;

const byIssue = ({ repository, number }: StopIssue): string =>
  `Countersteer is stopped by ${repository}#${number}; nothing is merged, opened or changed until that issue is closed without the label countersteer/stop`;
