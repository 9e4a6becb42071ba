import type { EpochMs } from "../../brands.ts";

/** A person beside the culprit's authors: nobody approves the revert of their own change alone. */
export type Relation = "independent" | "author" | "unknown";

/**
 * One person's approval. `person` is a Slack user id, or `github:LOGIN` where no Slack user is known; `by` is for people. `of` names
 * the groups that the person belonged to at `at`.
 */
export type Vote = {
  person: string;
  by: string;
  at: EpochMs;
  door: "slack" | "github" | "page";
  of: string[];
  relation: Relation;
  /** The comment on the pull request that gave it; absent for a review. */
  comment?: number;
};

/** A number of people out of one list must approve. `of` says what they answer for. */
export type Group = { of: string; quorum: number };
/** `off`: anybody of the groups. `known`: known authors do not approve alone. `all`: nor does a person who could be one. */
export type FourEyes = "off" | "known" | "all";
export type Requirement = { groups: Group[]; fourEyes: FourEyes };

/**
 * The facts that a question rests on, beside its pull request: its paths, and the authors of the change that it takes back.
 * `isComplete`: every author has a known account. `owners`: the CODEOWNERS of each path, where the configuration asks for them.
 */
export type Ground = {
  paths: string[];
  authors: string[];
  isComplete: boolean;
  owners?: Record<string, string[]>;
};

/**
 * The terms of one question. A button names their `nonce`, so that it answers this question and no other. `policy` is a digest of who
 * may approve, as configured when people were asked. `gates`: conditions of GitHub itself, as sentences.
 */
export type Terms = {
  nonce: string;
  policy: string;
  ground: Ground;
  at: EpochMs;
  gates?: string[];
  size?: Size;
  silence?: Silence;
  /** Those who were asked, by name. Absent in the fact, which has them beside its terms. */
  asked?: string[];
};
/** The size of a pull request, in lines and files. */
export type Size = { added: number; removed: number; files: number };
/** The people who are told when nobody answers, by name, and when the page goes out, and where. */
export type Silence = { oncall: string[]; page?: { at: EpochMs; to: string } };

/** The votes with one more. A person has one vote. */
export const withVote = (votes: Vote[], vote: Vote): Vote[] => [
  ...votes.filter(({ person }) => person !== vote.person),
  vote,
];

/** The people who are still missing before these votes are an approval, as sentences; none when they are one. */
export const missingVotes = (votes: Vote[], { groups, fourEyes }: Requirement): string[] => {
  const counted = votes.filter((vote) => groups.some(({ of }) => vote.of.includes(of)));
  const short = groups.flatMap(({ of, quorum }) => {
    const missing = quorum - counted.filter((vote) => vote.of.includes(of)).length;
    return missing > 0 ? [`${missing} more of ${of}`] : [];
  });
  if (groups.length === 0) return ["nobody may approve this"];
  return [...short, ...secondPerson(counted, fourEyes)];
};

/** Two people keep four eyes as long as one of them may be another than the author. */
const secondPerson = (votes: Vote[], fourEyes: FourEyes): string[] => {
  const [first] = votes;
  if (fourEyes === "off" || first === undefined) return [];
  const isHeld = ({ relation }: Vote): boolean =>
    relation === "author" || (fourEyes === "all" && relation === "unknown");
  if (!votes.every(isHeld)) return [];
  const isByAuthors = votes.every(({ relation }) => relation === "author");
  if (votes.length >= 2 && !isByAuthors) return [];
  return [
    isByAuthors
      ? "a second person, as the author of a change does not approve its revert alone (four eyes)"
      : "a second person, as nobody can tell that the first is not the author of the change (four eyes)",
  ];
};

/** Why an attempt to decide was refused. Codes are stored: they keep their meaning. */
export type RefusalCode =
  | "late"
  | "stopped"
  | "superseded"
  | "held"
  | "policy_changed"
  | "limited"
  | "not_configured"
  | "not_approver"
  | "outsider"
  | "lookup_failed";

/** The instant at which the policy server was asked. */
export type Moment = "proposal" | "merge";
/** The policy server's answer. Codes are stored: they keep their meaning. */
export type DecisionCode = "allowed" | "refused" | "more_approvals" | "undecided";
