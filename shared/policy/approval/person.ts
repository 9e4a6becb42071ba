import type { Ground, Relation, Vote } from "../../incident/approval/votes.ts";
import { ownValue } from "../../records.ts";
import { foldCase } from "../fold-case.ts";
import type { People } from "./requirement.ts";

/** Somebody as far as the configuration knows them. GitHub compares logins without regard to case. */
export type Person = { slack?: string; github?: string };

export const fromSlack = (people: People, slack: string): Person => {
  const github = ownValue(people, slack)?.github;
  return { slack, ...(github !== undefined && { github: foldCase(github) }) };
};

export const fromGithub = (people: People, login: string): Person => {
  const github = foldCase(login);
  const [slack] = Object.entries(people).find(([, one]) => foldCase(one.github) === github) ?? [];
  return { github, ...(slack !== undefined && { slack }) };
};

/** The Slack user whom the configuration knows by this e-mail address, which a login has vouched for. */
export const slackByEmail = (people: People, email: string | undefined): string | undefined => {
  if (email === undefined) return undefined;
  const wanted = foldCase(email);
  const found = Object.entries(people).filter(
    ([, one]) => one.email !== undefined && foldCase(one.email) === wanted,
  );
  return found.length === 1 ? found[0]?.[0] : undefined;
};

/** One name a person, whichever door they come through. */
export const personKey = ({ slack, github }: Person): string => slack ?? `github:${github}`;

export const personOf = (people: People, { person }: Pick<Vote, "person">): Person =>
  person.startsWith("github:") ? { github: person.slice("github:".length) } : fromSlack(people, person);

/** Whether the person is one of the culprit's authors, as far as accounts tell. */
export const relationOf = ({ github }: Person, { authors, isComplete }: Ground): Relation => {
  if (github === undefined) return "unknown";
  if (authors.some((author) => foldCase(author) === github)) return "author";
  return isComplete ? "independent" : "unknown";
};
