/** Every rule that a history is judged by, in the words in which a broken one is told. No other name compiles. */
export const rules = [
  // Alerts and reports that were answered 2xx are kept, and none is answered as if it could never be valid.
  "no acknowledged alert is lost",
  "an alert is never answered 4xx",
  "a deploy report is never answered 4xx",
  "a report of a flag is never answered 4xx",
  "a click is never answered 4xx",
  // One cause, one action.
  "one open pull request a change",
  "no pull request is closed while it is needed",
  "a pull request that nobody needs is closed",
  "what was opened is recorded",
  "what was merged is recorded",
  // Only what people approved, while they may approve, and while it is wanted.
  "merged only what is approved",
  "merged is what was approved",
  "an approval is what a person did",
  "only approvers approve",
  "four eyes",
  "buttons are of the question that is open",
  "nothing is merged after an end",
  "nothing is merged while it is stopped",
  "nothing is merged while it is held",
  "nothing is merged by a revoked right",
  "the deadline does not race a merge under way",
  "only what is approved is put back",
  "nothing is put back while it is stopped",
  "a redeploy is ordered once",
  // Told once, and true.
  "verified is true",
  "every end is told",
  "every end is told once",
  "every comment is there once",
  "all news is told in the end",
  // Nothing hangs, and an escalation reaches a person.
  "nothing hangs",
  "a person is called",
  "a page ends with its trouble",
  // The record.
  "versions go up by one",
  "what was stored is read as it was",
  "no error of our own",
] as const;

export type Rule = (typeof rules)[number];
