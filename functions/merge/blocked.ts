import type { Intent } from "../../shared/incident/commands.ts";
import type { Checks } from "../../shared/ports/pulls.ts";
import { clock } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

/** A failing check is told at once. While checks run, or have not begun, the approval stands. */
export const blocked = (
  work: Pick<Work, "clock">,
  { detail, checks }: { detail: string; checks: Checks },
  absent: string[] = [],
): Intent => {
  const { failing, running, until } = checks;
  const waits = { type: "Delay", step: "merge" } as const;
  const named = failing.map(({ name, url }) => (url === undefined ? name : `${name} (${url})`)).join(", ");
  if (failing.length > 0)
    return {
      ...{ ...waits, news: true },
      detail: `approved, and not merged because ${named} failed; mend it or run it again, or merge the pull request on GitHub`,
    };
  if (running.length + absent.length === 0) return { ...waits, detail };
  const end = until === undefined ? "" : `, as long as before until ${clock(until)}`;
  const parts = [
    ...(running.length === 0
      ? []
      : [`${running.join(", ")} still run${running.length === 1 ? "s" : ""}${end}`]),
    ...(absent.length === 0
      ? []
      : [`${absent.join(", ")} ${absent.length === 1 ? "has" : "have"} not begun`]),
  ];
  return {
    ...{ ...waits, until: Math.max(until ?? 0, work.clock()) },
    detail: `approved, merged when the checks are green: ${parts.join("; ")}`,
  };
};
