import type { Intent } from "../../shared/incident/commands.ts";
import type { ListedCommit } from "../../shared/ports/changes.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { Service } from "../../shared/ports/service.ts";
import { isByUs } from "../../shared/remedy/revert/commit-message.ts";
import { botNames, botOf } from "../../shared/remedy/rollback/bot.ts";
import { type Bump, bumpsOf, mayPin } from "../../shared/remedy/rollback/bumps.ts";
import { fightMs, raisedBy } from "../../shared/remedy/rollback/fight.ts";
import { holdByHand } from "../../shared/remedy/rollback/hold/hold-bot.ts";
import { short, span } from "../../shared/text/format.ts";
import type { Work } from "../step.ts";

/** Commits before the bump that are looked at, rollbacks of ours among them, and files of each. */
const max = { commits: 200, rollbacks: 5, files: 20 };

/**
 * Escalates a version that a rollback of ours put back in the day before and that was raised again: its bot would do so after another
 * rollback, too. Git remembers the rollback, so no host has to.
 */
export const raisedAgain = async (
  { changes, trees }: Pick<Work, "changes" | "trees">,
  service: Service,
  { commit, bumps }: { commit: Commit; bumps: Bump[] },
): Promise<Intent | undefined> => {
  const [parent] = commit.parents;
  if (parent === undefined) return undefined;
  const range = { to: parent, since: commit.at - fightMs, until: commit.at, limit: max.commits };
  const before = (await changes?.ancestors(service, range)) ?? [];
  for (const own of before.filter(({ message }) => isByUs(message)).slice(0, max.rollbacks)) {
    const files = await trees.texts(service, { sha: own.sha, wanted: mayPin, limit: max.files });
    const raised = raisedBy(bumps, bumpsOf(files));
    if (raised.length > 0) return fight({ commit, own, raised, bumps });
  }
  return undefined;
};

type Fight = { commit: Commit; own: ListedCommit; raised: Bump[]; bumps: Bump[] };

const fight = ({ commit, own, raised, bumps }: Fight): Intent => {
  const versions = raised.map(({ name, field, to }) => `${name ?? `the ${field}`} ${to}`).join(", ");
  const bot = botOf(commit, bumps);
  const by = bot === undefined ? commit.author : botNames[bot.kind];
  const hold = bot === undefined ? `ask ${commit.author} why` : holdByHand(bot.kind, bumps);
  return {
    ...{ type: "Escalate", reason: "raised_again" },
    detail: `${versions} was put back by ${short(own.sha)} and raised again by ${by} ${span(commit.at - own.at)} later (${short(commit.sha)}): it is not rolled back a second time. First ${hold}, then revert ${short(commit.sha)}`,
  };
};
