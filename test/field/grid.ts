import type { Incident } from "../../shared/incident/model.ts";
import { headline } from "../../shared/text/timeline.ts";
import { tick } from "../../functions/tick.ts";
import { sha } from "../support/incident.ts";
import { type World, silent, culprit } from "../support/world.ts";
import { lines, comments, replies, message } from "./story.ts";

/** The commits of the branch by their letters, the oldest first: each holds those before it. */
export const line = (made: World, letters: string): void => {
  const place = (one: string) => (one === "main" ? letters.length : letters.indexOf(one.slice(0, 1)));
  made.work.history.contains = async (_, { ancestor, descendant }) =>
    ancestor === descendant || (place(ancestor) >= 0 && place(ancestor) <= place(descendant));
};
/** The host's own minute: looks first, then deadlines. */
export const ticked = async (made: World, now: number): Promise<Incident> => {
  made.state.now = now;
  const { store, process } = made;
  const once = tick({
    store, process, clock: () => made.state.now, log: silent,
    wake: async ({ looks, untold }) => {
      for (const { id } of [...looks, ...untold]) await made.settle(id);
    },
  });
  await once();
  return made.settle();
};
export const byBea = { state: "merged", mergeSha: sha("f"), by: "bea" };
export const other = (letter: string, at: number, over: object = {}) => ({
  ...culprit,
  ...{ sha: sha(letter), title: "charge in major units", message: "charge in major units", author: "Cem", at },
  ...over,
});
export const dump = (made: World, now: Incident, name: string): void => {
  if (process.env.DUMP === undefined) return;
  console.log(`\n######## ${name}\n[${now.status}] ${headline(now as never)}\n-- message\n${lines(made)}\nbuttons: ${message(made).buttons !== undefined}\n-- thread\n${replies(made)}\n-- pull request\n${comments(made)}\n-- whispers ${made.state.whispers.join("|")}\n-- checks ${made.state.checks.join(", ")}; posted ${made.state.posted}, opened ${made.state.opened}, merges ${made.state.merges}`);
};
