import type { Answerable, People } from "../../shared/policy/approval/requirement.ts";
import type { AccountKind } from "../../shared/ports/chat.ts";

/** Somebody who approves: a Slack user, or a GitHub login that no Slack user is known for. */
type Someone = { slack: string; is?: AccountKind } | { github: string };

/** One row of docs/approval.md, and one test. */
export type Case = {
  who: string;
  what: string;
  when: string;
  /** `approved`, `refused: WHY`, or `still needed: WHOM`. */
  then: string;
  services: Answerable[];
  people?: People;
  environment?: string;
  paths?: string[];
  /** Services whose incidents share the pull request. */
  sharers?: string[];
  /** The text of CODEOWNERS. */
  codeowners?: string;
  /** The accounts of the culprit; `unknown`: one of its authors has no known account. */
  authors?: { logins: string[]; unknown?: true };
  /** In the order of their approvals. */
  approving: Someone[];
};

/** Members of the groups and teams in the cases, by what lists name them. */
export const members: Record<string, { slack: string[]; github: string[] }> = {
  S0ONCALL: { slack: ["U0ANN", "U0BEN", "U0CAT"], github: [] },
  "github:team/acme/dba": { slack: [], github: ["dora"] },
};

export const people: People = {
  U0ANN: { github: "ann" },
  U0BEN: { github: "Ben" },
  U0DORA: { github: "dora" },
};

const shop = (over: Partial<Answerable> = {}): Answerable => ({
  ...{ name: "shop", repository: "acme/shop", paths: ["src/"], approvers: ["U0ANN", "U0BEN", "U0CAT"] },
  policy: {},
  ...over,
});
/** A service of the same repository, in another folder. */
const sharing = shop({ name: "cart", paths: ["cart/"], approvers: ["U0DORA"] });
const byAnn = { logins: ["ann"] };
const usual = { paths: ["src/cart.js"], authors: byAnn, people };

export const cases: Case[] = [
  {
    ...{ who: "an approver whose account is not the author's", what: "a revert", when: "in production" },
    then: "approved",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0BEN" }] },
  },
  {
    ...{ who: "somebody who is on no list", what: "a revert", when: "always" },
    then: "refused: not an approver",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0EVE" }] },
  },
  {
    ...{ who: "a guest who is on the list", what: "a revert", when: "always" },
    then: "refused: guests never decide",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0BEN", is: "guest" }] },
  },
  {
    ...{ who: "a bot that is on the list", what: "a revert", when: "always" },
    then: "refused: bots never decide",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0BEN", is: "bot" }] },
  },
  {
    ...{ who: "a Slack Connect stranger with an approver's id", what: "a revert", when: "always" },
    then: "refused: people of another Slack organisation never decide",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0BEN", is: "stranger" }] },
  },
  {
    ...{ who: "a member of a listed user group", what: "a revert", when: "the Slack app lacks `users:read`" },
    then: "refused: the Slack app lacks the scope users:read, so it is not known who is a guest",
    ...{ ...usual, services: [shop({ approvers: ["S0ONCALL"] })] },
    approving: [{ slack: "U0BEN", is: "unknown" }],
  },
  {
    ...{ who: "the author of the change", what: "its revert", when: "in production" },
    then: "still needed: a second person, as the author of a change does not approve its revert alone (four eyes)",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0ANN" }] },
  },
  {
    ...{ who: "the author and another approver", what: "its revert", when: "in production" },
    then: "approved",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0ANN" }, { slack: "U0BEN" }] },
  },
  {
    ...{ who: "two authors of the change", what: "its revert", when: "in production" },
    then: "still needed: a second person, as the author of a change does not approve its revert alone (four eyes)",
    ...{ ...usual, services: [shop()], authors: { logins: ["ann", "ben"] } },
    approving: [{ slack: "U0ANN" }, { slack: "U0BEN" }],
  },
  {
    ...{ who: "an approver whom `people` does not map", what: "a revert", when: "in production" },
    then: "still needed: a second person, as nobody can tell that the first is not the author of the change (four eyes)",
    ...{ ...usual, services: [shop()], approving: [{ slack: "U0CAT" }] },
  },
  {
    ...{ who: "an approver", what: "the revert of a change with an unknown author", when: "in production" },
    then: "still needed: a second person, as nobody can tell that the first is not the author of the change (four eyes)",
    ...{ ...usual, services: [shop()], authors: { logins: ["ann"], unknown: true } },
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{
      who: "two such approvers",
      what: "the revert of a change with an unknown author",
      when: "in production",
    },
    then: "approved",
    ...{ ...usual, services: [shop()], authors: { logins: [], unknown: true } },
    approving: [{ slack: "U0BEN" }, { slack: "U0CAT" }],
  },
  {
    ...{ who: "an approver", what: "a revert", when: "in production, and `people` is empty" },
    then: "approved",
    ...{ ...usual, people: {}, services: [shop()], approving: [{ slack: "U0CAT" }] },
  },
  {
    ...{ who: "an approver", what: "a revert", when: "`fourEyes: true`, and `people` is empty" },
    then: "still needed: a second person, as nobody can tell that the first is not the author of the change (four eyes)",
    ...{ ...usual, people: {}, services: [shop({ policy: { fourEyes: true } })] },
    approving: [{ slack: "U0CAT" }],
  },
  {
    ...{ who: "the author of the change", what: "its revert", when: "outside production" },
    then: "approved",
    ...{ ...usual, environment: "staging", services: [shop()], approving: [{ slack: "U0ANN" }] },
  },
  {
    ...{ who: "the author of the change", what: "its revert", when: "`fourEyes: false`" },
    then: "approved",
    ...{ ...usual, services: [shop({ policy: { fourEyes: false } })], approving: [{ slack: "U0ANN" }] },
  },
  {
    ...{ who: "one approver", what: "a revert", when: "`quorum: 2`" },
    then: "still needed: 1 more of the approvers of shop",
    ...{ ...usual, services: [shop({ policy: { quorum: 2 } })], approving: [{ slack: "U0BEN" }] },
  },
  {
    ...{ who: "the same person in Slack and by a review", what: "a revert", when: "`quorum: 2`" },
    then: "still needed: 1 more of the approvers of shop",
    ...{ ...usual, services: [shop({ policy: { quorum: 2 } })] },
    approving: [{ slack: "U0BEN" }, { github: "ben" }],
  },
  {
    ...{ who: "two approvers", what: "a revert", when: "`quorum: 2`" },
    then: "approved",
    ...{ ...usual, services: [shop({ policy: { quorum: 2 } })] },
    approving: [{ slack: "U0BEN" }, { slack: "U0CAT" }],
  },
  {
    ...{ who: "a reviewer on GitHub whom `people` maps", what: "a revert", when: "by a review of the head" },
    then: "approved",
    ...{ ...usual, services: [shop()], approving: [{ github: "ben" }] },
  },
  {
    ...{
      who: "a reviewer on GitHub who is not an approver",
      what: "a revert",
      when: "by a review of the head",
    },
    then: "refused: not an approver",
    ...{ ...usual, services: [shop()], approving: [{ github: "mallory" }] },
  },
  {
    ...{ who: "a member of `github:team/dba`", what: "a revert", when: "the team is an approver" },
    then: "approved",
    ...{ ...usual, services: [shop({ approvers: ["github:team/dba"] })], approving: [{ slack: "U0DORA" }] },
  },
  {
    ...{ who: "an approver", what: "a revert that touches `db/`", when: "a rule gives `db/` to a team" },
    then: "still needed: 1 more of the approvers of shop for db/",
    ...{ ...usual, paths: ["src/cart.js", "db/1.sql"] },
    services: [shop({ rules: [{ paths: ["db/"], approvers: ["github:team/dba"] }] })],
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{
      who: "an approver and a member of that team",
      what: "a revert that touches `db/`",
      when: "a rule gives `db/` to a team",
    },
    then: "approved",
    ...{ ...usual, paths: ["src/cart.js", "db/1.sql"] },
    services: [shop({ rules: [{ paths: ["db/"], approvers: ["github:team/dba"] }] })],
    approving: [{ slack: "U0BEN" }, { slack: "U0DORA" }],
  },
  {
    ...{
      who: "a member of that team",
      what: "a revert that touches only `db/`",
      when: "a rule gives `db/` to a team",
    },
    then: "approved",
    ...{ ...usual, paths: ["db/1.sql"] },
    services: [shop({ rules: [{ paths: ["db/"], approvers: ["github:team/dba"] }] })],
    approving: [{ github: "dora" }],
  },
  {
    ...{ who: "one approver", what: "a revert", when: "two rules apply, one with `quorum: 2`" },
    then: "still needed: 1 more of the approvers of shop",
    ...usual,
    services: [
      shop({
        rules: [
          { environments: ["production"], quorum: 2 },
          { paths: ["src/"], fourEyes: true },
        ],
      }),
    ],
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{
      who: "the author of the change",
      what: "its revert in staging",
      when: "a rule for the path keeps four eyes",
    },
    then: "still needed: a second person, as the author of a change does not approve its revert alone (four eyes)",
    ...{ ...usual, environment: "staging" },
    services: [shop({ rules: [{ paths: ["*.js"], fourEyes: true }] })],
    approving: [{ slack: "U0ANN" }],
  },
  {
    ...{
      who: "an approver of the service",
      what: "a revert that touches another service's paths",
      when: "always",
    },
    then: "still needed: 1 more of the approvers of ledger",
    ...{ ...usual, paths: ["src/cart.js", "ledger/book.js"] },
    services: [shop(), shop({ name: "ledger", paths: ["ledger/"], approvers: ["U0DORA"] })],
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{
      who: "an approver of each of the two services",
      what: "a revert that touches another service's paths",
      when: "always",
    },
    then: "approved",
    ...{ ...usual, paths: ["src/cart.js", "ledger/book.js"] },
    services: [shop(), shop({ name: "ledger", paths: ["ledger/"], approvers: ["U0DORA"] })],
    approving: [{ slack: "U0BEN" }, { slack: "U0DORA" }],
  },
  {
    ...{ who: "an approver of one service", what: "a revert that another service's incident waits for" },
    when: "that one has other approvers",
    then: "still needed: 1 more of the approvers of cart",
    ...{ ...usual, services: [shop(), sharing], sharers: ["cart"], approving: [{ slack: "U0BEN" }] },
  },
  {
    ...{ who: "an approver of each service", what: "a revert that another service's incident waits for" },
    when: "that one has other approvers",
    then: "approved",
    ...{ ...usual, services: [shop(), sharing], sharers: ["cart"] },
    approving: [{ slack: "U0BEN" }, { slack: "U0DORA" }],
  },
  {
    ...{ who: "a person who answers for both", what: "a revert that another service's incident waits for" },
    when: "always",
    then: "approved",
    services: [shop(), { ...sharing, approvers: ["U0DORA", "U0BEN"] }],
    ...{ ...usual, sharers: ["cart"], approving: [{ slack: "U0BEN" }] },
  },
  {
    ...{ who: "an owner of the path by CODEOWNERS", what: "a revert", when: "`codeowners` is an approver" },
    then: "approved",
    ...{ ...usual, services: [shop({ approvers: ["codeowners"] })], codeowners: "* @mallory\nsrc/ @Ben" },
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{ who: "an owner of one of two paths", what: "a revert of both", when: "`codeowners` is an approver" },
    then: "still needed: 1 more of the owners of docs/cart.md",
    ...{ ...usual, paths: ["src/cart.js", "docs/cart.md"] },
    services: [shop({ approvers: ["codeowners"] })],
    codeowners: "src/ @ben\ndocs/ @acme/dba",
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{ who: "an owner whom a later line overrules", what: "a revert", when: "`codeowners` is an approver" },
    then: "refused: not an approver",
    ...{ ...usual, services: [shop({ approvers: ["codeowners"] })], codeowners: "* @ben\nsrc/ @acme/dba" },
    approving: [{ slack: "U0BEN" }],
  },
  {
    ...{
      who: "anybody",
      what: "a revert of a path that nobody owns",
      when: "only `codeowners` are approvers",
    },
    then: "refused: not an approver",
    ...{ ...usual, services: [shop({ approvers: ["codeowners"] })], codeowners: "docs/ @ben" },
    approving: [{ slack: "U0BEN" }],
  },
];
