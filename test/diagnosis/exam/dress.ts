import type { Dice } from "./dice.ts";
import { capital, kebab } from "./names.ts";
import type { Change } from "./story.ts";

type Spoken = { type: string; scope: string; says: string; key: string };
export type SubjectStyle = (dice: Dice, spoken: Spoken) => string;

/** How a team writes the first line of its commits. */
export const subjectStyles: SubjectStyle[] = [
  (_, { type, scope, says }) => `${type}(${scope}): ${says}`,
  (dice, { says, key }) => `${key}-${dice.int(300, 9800)} ${capital(says)}`,
  (dice, { says }) => `${capital(says)} (#${dice.int(400, 12000)})`,
  (_, { scope, says }) => `${scope}: ${says}`,
  (_, { scope, says }) => `[${scope}] ${capital(says)}`,
  (_, { says }) => capital(says),
  (_, { says }) => says,
];

/** The parts of a subject, without the key of the ticket. */
export const spoken = ({ type, scope, says }: Change): Omit<Spoken, "key"> => ({
  type,
  scope: kebab(scope),
  says,
});

/** Subjects that say nothing about the commit. */
export const vague = [
  "address review comments",
  "misc fixes",
  "small tweaks",
  "follow-up",
  "cleanup",
  "minor changes",
  "more of the same",
  "second attempt",
  "as discussed",
  "polish",
];
export const bodies = [
  "",
  "",
  "",
  "",
  "## What\nSee title.\n\n## How tested\nlocally, staging",
  "Co-authored-by: Sam <sam@users.noreply.github.com>",
  "Reviewed-in: !482",
  "* wip\n* review\n* fix test",
  "No functional change expected.",
  "Part of the Q2 epic. Rollout: normal train.",
  "Refs the ticket. Risk: low.",
  "Tested on staging with production-like data.",
];

export type LogStyle = (dice: Dice, level: string, message: string) => string;
/** How services wrap what they log. */
export const logStyles: LogStyle[] = [
  (dice, _, message) => (dice.chance(0.5) ? message : `${message} [${dice.hex(6)}]`),
  (dice, level, message) => `level=${level} msg="${message}" trace_id=${dice.hex(16)}`,
  (dice, level, message) => {
    const pool = dice.pick(["http-nio-8080-exec-", "worker-", "pool-2-thread-"]);
    return `[${pool}${dice.int(1, 40)}] ${level.toUpperCase()} ${message}`;
  },
  (dice, lvl, msg) => JSON.stringify({ lvl, msg, req: dice.hex(8) }),
  (dice, level, message) => `${level.toUpperCase()}: ${message} (request_id=${dice.hex(10)})`,
];
