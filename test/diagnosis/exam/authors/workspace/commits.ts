import type { Dice } from "./dice.ts";
import { echoesOf } from "./echoes.ts";
import { changedLines, type Edit, patchOf } from "./edit.ts";
import { routineChange } from "./fillers.ts";
import type { Candidate } from "./form.ts";
import { paddingOf } from "./padding.ts";
import { ownerOf, type ServiceName, serviceNames } from "./services.ts";
import type { Change, Said, Story } from "./story.ts";
import { authors } from "./words.ts";

type Slot = { sha: string; at: number };
type Lines = (path: string) => number | undefined;

const bodies = [
  "",
  "",
  "",
  "See the ticket for the discussion.",
  "Asked for by support.",
  "Second part; the first one went out last week.",
  "No change for customers.",
  "Reviewed together with the platform team.",
];

const padded = (edits: readonly Edit[], service: ServiceName, dice: Dice): Edit[] => {
  const goal = dice.pick([1, 1, 2, 2, 2, 3, 3, 4, 5]);
  const made = [...edits];
  while (made.length < goal || changedLines(made) < 5) {
    const more = dice.chance(0.3) ? routineChange(service, dice).edits[0]! : paddingOf(service, dice);
    if (changedLines([...made, more]) > 60) break;
    if (made.every(({ path }) => path !== more.path)) made.push(more);
  }
  return dice.shuffle(made);
};

/** The candidate of `change`; `lines` may say where in a file its hunk stands. */
export const commitOf = (
  change: Change & { bot?: boolean },
  slot: Slot,
  dice: Dice,
  lines?: Lines,
): Candidate => {
  const service = ownerOf(change.edits[0]!.path) ?? "web";
  const edits = change.bot ? [...change.edits] : padded(change.edits, service, dice);
  const body = change.body && dice.chance(0.5) ? change.body : dice.pick(bodies);
  const patch = edits
    .map((each) => {
      const found = lines?.(each.path);
      const start = Math.max(1, found === undefined ? dice.int(6, 160) : found - dice.int(2, 6));
      return patchOf([each], () => start);
    })
    .join("\n");
  return {
    sha: slot.sha,
    at: slot.at,
    subject: dice.pick(change.subjects),
    body,
    author: change.bot ? "dependency-bot" : dice.pick(authors),
    ...(change.bot ? { bot: true } : {}),
    files: edits.map(({ path }) => path),
    patch,
  };
};

/** The line that a trace names in a file, of the lines that the story logs. */
export const linesIn =
  (said: readonly Said[]): Lines =>
  (path) => {
    const inside = path.replace(/^services\/(?=\w+\/\w+\.py)/, "");
    const short = path.replace(/^services\/\w+\//, "");
    for (const { trace = "" } of said) {
      for (const name of [path, inside, short]) {
        const index = trace.indexOf(name);
        const found = index < 0 ? null : /^(?:", line |:)(\d+)/.exec(trace.slice(index + name.length));
        if (found) return Number(found[1]);
      }
    }
    return undefined;
  };

const foreign = (story: Story, stories: readonly Story[]): Change[] =>
  stories
    .filter(
      (each) => each.service !== story.service && each.owner !== story.owner && each.owner !== story.service,
    )
    .flatMap(({ harmless, decoys }) => [harmless, ...decoys])
    .filter(({ edits }) => ownerOf(edits[0]!.path) !== story.owner);

/** The harmless commits around the slot: a few that look guilty, and those of any day. */
export const othersOf = (
  story: Story,
  stories: readonly Story[],
  slots: Slot[],
  slot: number,
  dice: Dice,
) => {
  const spare = dice.shuffle(foreign(story, stories));
  const decoys = [...dice.shuffle(story.decoys).slice(0, dice.int(1, 2)), ...echoesOf(story, dice)];
  const near = dice.shuffle(slots.map((_, index) => index).filter((index) => index !== slot));
  const close = near.filter((index) => Math.abs(index - slot) < 7);
  const places = new Map(decoys.map((decoy, index) => [(close[index] ?? near[index])!, decoy]));
  return slots.map((each, index): Candidate | undefined => {
    if (index === slot) return undefined;
    const decoy = places.get(index);
    if (decoy) return commitOf(decoy, each, dice);
    const borrowed = dice.chance(0.35) ? spare.pop() : undefined;
    if (borrowed) return commitOf(borrowed, each, dice);
    const turn = dice.roll();
    const service = turn < 0.36 ? story.owner : turn < 0.56 ? story.service : dice.pick(serviceNames);
    return commitOf(routineChange(service, dice), each, dice);
  });
};
