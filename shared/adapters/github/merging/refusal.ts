/** Why GitHub does not merge: `wait` may pass by itself, the others need a person, who is told what to do. */
export type Refusal = { kind: "wait" } | { kind: "method" } | { kind: "person"; instruction: string };

const person = (instruction: string): Refusal => ({ kind: "person", instruction });

const rules: [RegExp, Refusal][] = [
  [
    /merge queue/i,
    person("press “Merge when ready” on it, as it is approved, and the queue's merge is followed"),
  ],
  [
    /(?:merge commits?|squash(?: merges?| merging)?|rebase(?: merges?| merging)?|merge method \w+|linear history).*not allowed|must not contain merge commits|linear history/i,
    { kind: "method" },
  ],
  [
    /signature|signed commits?/i,
    person(
      "as the branch takes signed commits only, merge it on GitHub, or exempt Countersteer's account from that rule",
    ),
  ],
  [/review|code ?owner/i, person("let a reviewer approve it on GitHub and press Retry, or merge it there")],
  [/conversation|thread/i, person("resolve the conversations on it and press Retry, or merge it there")],
  [/draft/i, person("mark it as ready for review and press Retry")],
  [/deployment/i, person("deploy it to the environments that the branch asks for, then press Retry")],
  [
    /not authorized|not permitted|protected branch|restricted/i,
    person("let Countersteer's account merge into the branch, or merge it on GitHub"),
  ],
  [/archived|read-only/i, person("the repository is read-only")],
];

/** Reads GitHub's refusal to merge (405, 409, 422) by its message. Status checks and a base that moves pass. */
export const refusalOf = (message: string): Refusal => {
  if (/status check|required check|base branch was modified|try (?:the merge )?again/i.test(message))
    return { kind: "wait" };
  return rules.find(([pattern]) => pattern.test(message))?.[1] ?? { kind: "wait" };
};
