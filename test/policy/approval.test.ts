import assert from "node:assert/strict";
import { test } from "node:test";
import { type Case, cases, members } from "../../infra/docs/approval-cases.ts";
import { type Ground, missingVotes, type Vote, withVote } from "../../shared/incident/approval/votes.ts";
import { codeowners, pathPattern } from "../../shared/policy/approval/codeowners.ts";
import { outsider, unknownStanding } from "../../shared/policy/approval/outsider.ts";
import {
  fromGithub,
  fromSlack,
  type Person,
  personKey,
  relationOf,
} from "../../shared/policy/approval/person.ts";
import { requirementOf } from "../../shared/policy/approval/requirement.ts";
import { mustCost } from "../support/cost.ts";

const belongs = ({ slack = "", github = "" }: Person, approver: string, isListedOnly: boolean): boolean => {
  if (approver === slack || approver === `github:user/${github}`) return true;
  const { slack: users = [], github: logins = [] } = members[approver] ?? {};
  return (!isListedOnly && users.includes(slack)) || logins.includes(github);
};

/** The outcome of the approvals, one after the other. */
const outcomeOf = ({
  services,
  people = {},
  environment = "production",
  paths = [],
  ...given
}: Case): string => {
  const { logins: authors, unknown } = given.authors ?? { logins: [] };
  const ownersOf = codeowners(given.codeowners ?? "");
  const owners = Object.fromEntries(paths.map((path) => [path, ownersOf(path)]));
  const ground: Ground = { paths, authors, isComplete: !unknown, owners };
  const { sharers } = given;
  const asked = {
    ...{ service: "shop", environment, repository: "acme/shop", ground },
    ...(sharers && { sharers }),
  };
  const required = requirementOf({ services, people }, asked);
  let votes: Vote[] = [];
  for (const someone of given.approving) {
    const person = "slack" in someone ? fromSlack(people, someone.slack) : fromGithub(people, someone.github);
    const is = "slack" in someone ? (someone.is ?? "member") : "member";
    const refused = outsider(is);
    if (refused !== undefined) return `refused: ${refused}`;
    const of = required.groups
      .filter(({ approvers }) => approvers.some((one) => belongs(person, one, is === "unknown")))
      .map((group) => group.of);
    if (of.length === 0) return `refused: ${is === "unknown" ? unknownStanding : "not an approver"}`;
    const vote = { of, by: personKey(person), at: 1, door: "slack" as const };
    votes = withVote(votes, { ...vote, person: personKey(person), relation: relationOf(person, ground) });
  }
  const missing = missingVotes(votes, required);
  return missing.length === 0 ? "approved" : `still needed: ${missing.join(", ")}`;
};

for (const one of cases)
  test(`${one.who} and ${one.what}, ${one.when}: ${one.then}`, () => {
    assert.equal(outcomeOf(one), one.then);
  });

test("a vote is taken from the list that is strictest for each path, and rules never loosen", () => {
  const service = {
    ...{ name: "shop", repository: "acme/shop", paths: [], approvers: ["U0ANN"] },
    rules: [
      { paths: ["db/"], approvers: ["S0DBA"], quorum: 1 },
      { paths: ["*.sql"], approvers: ["S0SQL"] },
    ],
    policy: { quorum: 2, fourEyes: false },
  };
  const ground = { paths: ["src/a.js", "db/1.sql"], authors: [], isComplete: true };
  const asked = { service: "shop", environment: "production", repository: "Acme/Shop", ground };
  assert.deepEqual(requirementOf({ services: [service] }, asked), {
    groups: [
      { of: "the approvers of shop", quorum: 2, approvers: ["U0ANN"] },
      { of: "the approvers of shop for db/", quorum: 2, approvers: ["S0DBA"] },
      { of: "the approvers of shop for *.sql", quorum: 2, approvers: ["S0SQL"] },
    ],
    fourEyes: "off",
  });
});

test("a service of the same repository is asked only for paths below its own, whole names of folders", () => {
  const service = (name: string, paths: string[], approvers: string[]) => ({
    ...{ name, repository: "acme/mono", paths, approvers, policy: {} },
  });
  const services = [
    service("shop", ["shop/"], ["U0ANN"]),
    service("ledger", ["ledger"], ["U0BEN"]),
    service("all", [], ["U0CAT"]),
  ];
  const groupsFor = (paths: string[]) =>
    requirementOf(
      { services },
      {
        ...{ service: "shop", environment: "staging", repository: "acme/mono" },
        ground: { paths, authors: [], isComplete: true },
      },
    ).groups.map(({ of }) => of);
  assert.deepEqual(groupsFor(["shop/a", "ledger2/a"]), ["the approvers of shop"]);
  assert.deepEqual(groupsFor(["shop/a", "ledger/a"]), ["the approvers of shop", "the approvers of ledger"]);
});

test("patterns of CODEOWNERS cover what GitHub's examples say", () => {
  const covered = (pattern: string, paths: string[]) => paths.filter(pathPattern(pattern));
  const all = ["a.js", "src/a.js", "docs/a.md", "docs/build/b.md", "x/docs/a.md", "apps/a/b", "x/apps/c"];
  assert.deepEqual(covered("*", all), all);
  assert.deepEqual(covered("*.js", all), ["a.js", "src/a.js"]);
  assert.deepEqual(covered("/docs/", all), ["docs/a.md", "docs/build/b.md"]);
  assert.deepEqual(covered("docs/*", all), ["docs/a.md"]);
  assert.deepEqual(covered("apps/", all), ["apps/a/b", "x/apps/c"]);
  assert.deepEqual(covered("**/build", all), ["docs/build/b.md"]);
  assert.deepEqual(covered("docs/**", all), ["docs/a.md", "docs/build/b.md"]);
  assert.deepEqual(covered("/docs/**/b.md", all), ["docs/build/b.md"]);
  assert.deepEqual(covered("a.js", all), ["a.js", "src/a.js"]);
  assert.deepEqual(covered("/a.js", all), ["a.js"]);
});

test("CODEOWNERS: the last line that matches wins, comments are left out, an empty line of owners takes them away", () => {
  const ownersOf = codeowners(
    [
      "# all",
      "*  @acme/core # inline",
      "src/ @ann ben@example.com",
      "src/gen/",
      "![x] @eve",
      "a\\ b @cat",
    ].join("\r\n"),
  );
  assert.deepEqual(ownersOf("README.md"), ["@acme/core"]);
  assert.deepEqual(ownersOf("src/a.js"), ["@ann", "ben@example.com"]);
  assert.deepEqual(ownersOf("src/gen/a.js"), []);
  assert.deepEqual(ownersOf("a b"), ["@cat"]);
});

test("a CODEOWNERS pattern that makes other engines backtrack is read in linear time", () => {
  mustCost(500, () => pathPattern(`${"*a".repeat(60)}b`)("a".repeat(5_000)));
});
