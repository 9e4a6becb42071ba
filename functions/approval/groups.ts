import type { RefusalCode, Vote } from "../../shared/incident/approval/votes.ts";
import { outsider, unknownStanding } from "../../shared/policy/approval/outsider.ts";
import { type Person, personOf } from "../../shared/policy/approval/person.ts";
import type { Listed, People } from "../../shared/policy/approval/requirement.ts";
import type { Accounts } from "../../shared/ports/accounts.ts";
import type { Chat } from "../../shared/ports/chat.ts";

export type Ports = {
  chat: Pick<Chat, "standing" | "isApprover">;
  accounts: Pick<Accounts, "isMember">;
};
/** `isListedOnly`: groups of Slack are not asked, as it is not known whether the person is a guest. */
type Asking = { person: Person; groups: Listed[]; isListedOnly?: boolean };

/** The groups that the person belongs to now, by name. Throws when that cannot be read. */
export const groupsOf = async (ports: Ports, { person, groups, isListedOnly }: Asking): Promise<string[]> => {
  const found = await Promise.all(
    groups.map(async ({ of, approvers }) =>
      (await isIn(ports, { person, approvers, isListedOnly })) ? [of] : [],
    ),
  );
  return found.flat();
};

type Belonging = { person: Person; approvers: string[]; isListedOnly: boolean | undefined };

/** One list that names the person is enough, whether or not the others can be read. */
const isIn = async (ports: Ports, { person, approvers, isListedOnly }: Belonging): Promise<boolean> => {
  const { slack, github } = person;
  if (slack !== undefined && approvers.includes(slack)) return true;
  if (github !== undefined && approvers.includes(`github:user/${github}`)) return true;
  const inSlack = approvers.filter(isSlackGroup);
  const teams = approvers.flatMap((one) => {
    const [, org, slug] = /^github:team\/([^/]+)\/(.+)$/.exec(one) ?? [];
    return org === undefined || slug === undefined ? [] : [{ org, slug }];
  });
  const answers = await Promise.allSettled([
    ...(slack === undefined || isListedOnly || inSlack.length === 0
      ? []
      : [ports.chat.isApprover(slack, inSlack)]),
    ...(github === undefined ? [] : teams.map((team) => ports.accounts.isMember(team, github))),
  ]);
  if (answers.some((answer) => answer.status === "fulfilled" && answer.value)) return true;
  const failed = answers.find((answer) => answer.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return false;
};

const isSlackGroup = (approver: string): boolean => approver.startsWith("S");

/** Why a person may not decide, as a sentence and as a code. `because`: the failure of a look-up, for the record only. */
export type Refusal = { refused: string; code: RefusalCode; because?: string };

/** The groups that a person may answer for now: none for an outsider. Throws when that cannot be read. */
export const entitled = async (
  ports: Ports,
  { person, team, groups }: { person: Person; team?: string; groups: Listed[] },
): Promise<{ of: string[] } | Refusal> => {
  const { slack } = person;
  if (slack === undefined) return { of: await groupsOf(ports, { person, groups }) };
  const standing = await ports.chat.standing({ id: slack, ...(team !== undefined && { team }) });
  const refused = outsider(standing);
  if (refused !== undefined) return { refused, code: "outsider" };
  const of = await groupsOf(ports, { person, groups, isListedOnly: standing === "unknown" });
  const isUnread = standing === "unknown" && groups.some(({ approvers }) => approvers.some(isSlackGroup));
  return of.length === 0 && isUnread ? { refused: unknownStanding, code: "outsider" } : { of };
};

/** The votes as they count now: of people who still belong to a group. Throws when that cannot be read. */
export const votesNow = (
  ports: Ports,
  { votes, people, groups }: { votes: Vote[]; people: People; groups: Listed[] },
): Promise<Vote[]> =>
  Promise.all(
    votes.map(async (vote) => {
      const now = await entitled(ports, { person: personOf(people, vote), groups });
      return { ...vote, of: "of" in now ? now.of : [] };
    }),
  );
