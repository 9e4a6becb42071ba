import type { Config } from "../../shared/config.ts";
import type { Ground, Vote } from "../../shared/incident/approval/votes.ts";
import type { In } from "../../shared/incident/model.ts";
import { fromSlack, type Person, personKey, relationOf } from "../../shared/policy/approval/person.ts";
import type { Required } from "../../shared/policy/approval/requirement.ts";
import type { Chat, ChatUser } from "../../shared/ports/chat.ts";
import { entitled, type Ports, type Refusal } from "./groups.ts";
import { requiredOf } from "./required.ts";

/** A person who may decide, and who must by the configuration as it is now. */
export type Approver = { person: Person; of: string[]; required: Required };
type Asked = In<"proposed" | "approved">;

/** The person of a click when they may decide, or a sentence why not. Throws when that cannot be read. */
export const approverInSlack = async (
  ports: Ports & { chat: Pick<Chat, "listedAs"> },
  config: Config,
  {
    incident,
    user,
    ground,
  }: {
    incident: Pick<Asked, "service" | "environment" | "sharers">;
    user: ChatUser;
    ground: RepositoryGround;
  },
): Promise<Approver | Refusal> => {
  const people = config.people ?? {};
  const required = requiredOf(config, incident, ground, ground);
  const listed = [...required.groups.flatMap(({ approvers }) => approvers), ...Object.keys(people)];
  // One person is one vote, by whichever of their ids they come.
  const person = fromSlack(people, await ports.chat.listedAs(user.id, listed));
  const team = user.team === undefined ? {} : { team: user.team };
  const now = await entitled(ports, { person, ...team, groups: required.groups });
  if ("refused" in now) return now;
  if (now.of.length > 0) return { person, of: now.of, required };
  return { refused: `you are not an approver of ${incident.service}`, code: "not_approver" };
};

/** The ground of a question, and the repository of its pull request. */
export type RepositoryGround = Ground & { repository: string };

export const voteOf = (
  { person, of }: Approver,
  { at, by, door, ground }: Pick<Vote, "at" | "by" | "door"> & { ground: Ground },
): Vote => ({ person: personKey(person), by, at, door, of, relation: relationOf(person, ground) });
