import type { Outcome, Reason } from "../incident/model.ts";
import type { Verdict } from "../incident/recovery.ts";
import { personName } from "./format.ts";

/** The findings about recovery in words. */
export const verdicts: Record<Verdict, string> = {
  fixed: "fixed",
  silenced: "silenced, not fixed",
  inhibited: "inhibited by another alert, not fixed",
  muted: "muted by the rule's own condition, not fixed",
  telemetry_gone: "its metrics are gone or cannot be read",
  no_traffic: "no traffic to judge by",
  rule_changed: "the rule has changed, and by the rule that fired it is not fixed",
  rule_gone: "the rule is gone, and by the rule that fired it is not fixed",
  fix_not_live: "the fix is not live",
  still_firing: "still firing",
};

/** The end that is not a verdict: the person who ended it, and a rejection in their own words. */
export const endedBy = ({
  outcome,
  detail = "",
  by,
}: {
  outcome: Outcome;
  detail?: string;
  by?: string;
}): string => {
  const who = by === undefined ? "" : `by ${personName(by)}`;
  if (outcome === "rejected" && who !== "") return detail === "" ? who : `${who}: “${detail}”`;
  return [detail, who].filter((part) => part !== "").join(", ");
};

/** The finding in words, and its code where the words are others. */
const inWords = (verdict: Verdict): string => {
  const words = verdicts[verdict];
  return words === verdict.replaceAll("_", " ") ? words : `${words} (${verdict})`;
};

/** The finding about recovery, and the detail. */
export const withVerdict = ({ detail, verdict }: { detail: string; verdict?: Verdict }): string =>
  verdict === undefined ? detail : `${inWords(verdict)}; ${detail}`;

/** The finding comes first where it is the reason, and last where another one is. */
export const escalationText = ({
  reason,
  detail,
  verdict,
}: {
  reason: Reason;
  detail: string;
  verdict?: Verdict;
}): string =>
  verdict === "still_firing" && reason !== "not_recovered"
    ? endText(detail, verdict)
    : withVerdict({ detail, ...(verdict && { verdict }) });

/** An end that people gave, and the finding about recovery. */
export const endText = (text: string, verdict: Verdict | undefined): string =>
  verdict === undefined || verdict === "fixed"
    ? text
    : [text, inWords(verdict)].filter((part) => part !== "").join("; ");
