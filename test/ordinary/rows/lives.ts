import { scenes } from "../life/scenes.ts";
import type { Sibling } from "./row.ts";

const kinds = {
  toldLate: "a deploy told after the alert is diagnosed again and proposed",
  revertedByPeople: "a revert on the branch is waited for, verified and recorded as theirs",
  askedElsewhere:
    "a change of another service is asked of its people, and the first incident is verified with it",
  rolledBackByHand:
    "a rollback by a deploy is told, watched and closed when quiet, and the revert stays open",
  secondTrouble:
    "a second trouble after another deploy is diagnosed by itself, beside the question about the first",
  whileVerifying:
    "an alert that begins after a fix went live is a trouble of its own, and the first one is verified",
};

const playedBy = (kind: string): Sibling[] =>
  scenes
    .filter((scene) => scene.kind === kind)
    .map(({ sibling, given, play }) => ({ sibling, play: async (host) => play(await host.world(given)) }));

/** The rows of the table that are a course which an incident takes after it was diagnosed. */
export const lives = {
  toldLate: playedBy(kinds.toldLate),
  revertedByPeople: playedBy(kinds.revertedByPeople),
  askedElsewhere: playedBy(kinds.askedElsewhere),
  rolledBackByHand: playedBy(kinds.rolledBackByHand),
  secondTrouble: playedBy(kinds.secondTrouble),
  whileVerifying: playedBy(kinds.whileVerifying),
};

const ofRows = new Set(Object.values(kinds));
/** The scenes of no row. */
export const otherScenes = scenes.filter(({ kind }) => !ofRows.has(kind));
