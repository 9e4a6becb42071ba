import { z } from "zod";
import { changeClasses } from "../policy/change-classes.ts";
import { count, documentPath, duration, glob, probability, quorum, slackId, webAddress } from "./fields.ts";
import { autonomy, freeze, rate } from "./limits.ts";

const page = z.union(
  [
    z.enum(["alertmanager", "pagerduty"]),
    z.strictObject({ webhook: webAddress.describe("Where the page is posted.") }),
  ],
  { error: "alertmanager, pagerduty, or { webhook: an http or https address }" },
);

/** `policy`: how far Countersteer may go for a service, and how long it waits. */
export const policy = z
  .strictObject({
    mode: z
      .enum(["observe", "approve", "auto"])
      .default("observe")
      .describe(
        "How far Countersteer may go. `observe`: it diagnoses and reports, and changes nothing. `approve`: it opens the pull request, asks in Slack, and merges what an approver approved. `auto`: it merges without asking when one change reaches `autoConfidence` on measured evidence and no guarded file is touched; otherwise it asks.",
      ),
    minConfidence: probability
      .default(0.5)
      .describe("Below this probability of the best remedy nothing is proposed; people are told instead."),
    autoConfidence: probability
      .default(0.9)
      .describe(
        "Mode `auto` merges without asking only from this probability on. At the default, at least 95 % were right on repositories that the weights had never seen; `backtest` measures the bar for your own history.",
      ),
    lookAgain: z
      .array(duration)
      .max(10)
      .prefault(["2m", "5m", "10m"])
      .describe(
        "Ages of an incident at which it is diagnosed again while nothing is approved, beside every new deploy, flag and alert. While a look is still to come, a diagnosis that finds too little waits for it instead of escalating; `[]` escalates at once.",
      ),
    changePrior: probability
      .default(0.7)
      .describe(
        "The share of this service's troubles that changes cause, before any evidence. The default is what Google's SRE book found; lower it where load or providers cause most of them.",
      ),
    calibration: z
      .strictObject({
        scale: z
          .number()
          .min(0.05)
          .max(5)
          .describe("The log-odds of the first suspect are multiplied by it."),
        shift: z.number().min(-10).max(10).describe("It is added to them."),
      })
      .exactOptional()
      .describe(
        "The team's own calibration of probabilities: the two numbers that `backtest --repo DIR --calibrate FILE` fits on its history. The order of the suspects stays. Without it, probabilities are as they are measured.",
      ),
    stepTimeout: duration
      .prefault("15m")
      .describe(
        "How long diagnosing, opening the pull request or merging may each take before the incident is escalated.",
      ),
    approvalTimeout: duration
      .prefault("2h")
      .describe("How long a question in Slack may stay unanswered before the incident is escalated."),
    deployTimeout: duration
      .prefault("30m")
      .describe(
        "How long after the merge a deploy may take to report the merged commit live before the incident is escalated.",
      ),
    verifyTimeout: duration
      .prefault("30m")
      .describe(
        "How long the alert may take to become quiet once the fix is live before the incident is escalated.",
      ),
    cooldown: duration
      .prefault("7d")
      .describe(
        "How long a revert that a person rejected, or whose pull request a person closed, is not proposed again.",
      ),
    quorum: quorum
      .exactOptional()
      .describe(
        "How many approvers must approve. Default: 1. A person counts once, in Slack and on GitHub together.",
      ),
    fourEyes: z
      .boolean()
      .exactOptional()
      .describe(
        "Whether nobody approves the revert of a change alone that they opened, wrote, pushed, committed or merged. A person whose GitHub account is not known could be the author, and needs a second approver. Default: `true` for the environment `production`; while `people` is empty, only known authors are held back there. See docs/approval.md.",
      ),
    mergeAfterRecovery: z
      .boolean()
      .exactOptional()
      .describe(
        "Whether an approved pull request is merged although every alert resolved after the approval. By default Countersteer asks whether it is still wanted.",
      ),
    oncall: z
      .array(slackId)
      .max(20)
      .exactOptional()
      .describe(
        "Slack users and user groups that are mentioned in questions, escalations and reminders. Nobody else is ever mentioned.",
      ),
    deadline: duration
      .prefault("45m")
      .describe(
        "How long an incident may take from its first alert to verified. People are reminded at half and at three quarters of it; then `page` calls a person. `0s`: no deadline.",
      ),
    page: page
      .exactOptional()
      .describe(
        "Where a person is called when the deadline is over, or when Slack or GitHub cannot be reached: `alertmanager` posts the alert `CountersteerUnresolved` to `ALERTMANAGER_URL`, so that your own routes decide; `pagerduty` uses `PAGERDUTY_ROUTING_KEY`; `{ webhook: URL }` posts JSON. It resolves when the trouble ends. Without it, nobody is called outside Slack.",
      ),
    freeze: z
      .array(freeze)
      .max(50)
      .exactOptional()
      .describe(
        "Times in which nothing is merged. Pull requests are still opened and asked about. See docs/limits.md.",
      ),
    ...rate,
    maxAge: duration
      .exactOptional()
      .describe(
        "A change that has been live for longer is not taken back; people are told instead. Without it: any age.",
      ),
    maxFiles: count
      .exactOptional()
      .describe(
        "A revert of more files is not proposed; people are told instead. Without it: any number, and from 50 on always with a person.",
      ),
    classes: z
      .partialRecord(z.enum(changeClasses), z.enum(["approve", "person"]))
      .exactOptional()
      .meta({ title: "CLASS: approve or person" })
      .describe(
        "Classes of change that need people: `approve` always asks, `person` proposes nothing and tells people. The classes are `traffic`, `policy`, `runtime`, `sandbox`, `resources`, `node`, `scale`, `flag`, `migration` and `dependency`. See docs/limits.md.",
      ),
    autonomy: autonomy.exactOptional().describe("How mode `auto` is earned, and lost for a time."),
    opa: documentPath
      .exactOptional()
      .describe(
        "The document that Open Policy Agent at `OPA_URL` decides every merge by: `POST /v1/data/PATH`. No decision, an error or more than 1 s means that a person decides. See docs/limits.md.",
      ),
    guard: z
      .array(glob)
      .max(100)
      .exactOptional()
      .describe(
        "More files that always need a person, as globs from the repository's root: `*` within a folder, `**` across folders. A glob without a slash matches a file name anywhere.",
      ),
    flagKnownBad: z
      .boolean()
      .exactOptional()
      .describe(
        "Whether a pull request of other people that raises a version again which a rollback of Countersteer took out gets the failed status `countersteer/known-bad`, with a link to the rollback. Not in mode `observe`, and not while Countersteer is stopped. See docs/gitops.md.",
      ),
    silence: duration
      .exactOptional()
      .describe(
        "While an approved fix rolls out, exactly this incident's alerts are silenced in Alertmanager, for this long at most. The silence ends with the verdict and never counts as recovery. Without it, nothing is silenced.",
      ),
  })
  .transform(({ stepTimeout, approvalTimeout, deployTimeout, verifyTimeout, ...more }) => {
    const { lookAgain, cooldown, deadline, silence, maxAge, ...rest } = more;
    return {
      ...rest,
      ...(maxAge === undefined ? {} : { maxAgeMs: maxAge }),
      cooldownMs: cooldown,
      lookAgainMs: lookAgain.toSorted((a, b) => a - b),
      deadlineMs: deadline,
      ...(silence === undefined ? {} : { silenceMs: silence }),
      stepMs: stepTimeout,
      approvalMs: approvalTimeout,
      deployMs: deployTimeout,
      verifyMs: verifyTimeout,
    };
  });
