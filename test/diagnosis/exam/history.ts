import { bodies, spoken, subjectStyles } from "./dress.ts";
import { guiltyDeploy } from "./guilty.ts";
import { everyday } from "./innocent.ts";
import type { Service } from "./languages.ts";
import { misleading } from "./misleading.ts";
import { besideDeploy, earlierDeploys } from "./routine.ts";
import type { Scene } from "./scene.ts";
import type { Change, Patch } from "./story.ts";

export type Landed = { at: number; bot: boolean; subject: string; body: string; patch: Patch };
export type Commit = Landed & { sha: string };
/** A deploy of everything that landed up to `head`. */
export type Deploy = { at: number; service: Service; head: number };
/** Writes down what lands and goes live, in the order in which it is told. */
export type Journal = {
  land: (at: number, change: Change) => Landed;
  deploy: (at: number, service: Service, head: number) => void;
};
export type History = {
  /** The newest first. */
  commits: Commit[];
  deploys: Deploy[];
  culprit: Commit | undefined;
  /** When the same trouble was there before. */
  earlier: [from: number, to: number] | undefined;
};

export const historyOf = (scene: Scene): History => {
  const { dice, world, alerting, since, at, cause } = scene;
  const landed: Landed[] = [];
  const deploys: Deploy[] = [];
  const journal: Journal = {
    land: (when, change) => landed[landed.push(landing(scene, when, change)) - 1]!,
    deploy: (when, service, head) => {
      deploys.push({ at: Math.round(when), service, head: Math.round(head) });
    },
  };
  const guilt = cause && guiltyDeploy(scene, cause, journal);
  besideDeploy(scene, guilt, journal);
  earlierDeploys(scene, guilt, journal);
  misleading(scene, journal);
  const size = dice.int(10, 60);
  const share = dice.pick([0.2, 0.35, 0.5, 0.8]);
  while (landed.length < size) {
    const service = dice.chance(share) ? alerting : dice.pick(world.services);
    journal.land(dice.real(since, at), everyday(world, service));
  }
  const sorted = landed.toSorted((a, b) => b.at - a.at);
  const commits = sorted.map((one) => ({ ...one, sha: dice.hex(40) }));
  const culprit = guilt && commits[sorted.indexOf(guilt.culprit)];
  return { commits, deploys, culprit, earlier: guilt?.earlier };
};

const landing = (scene: Scene, at: number, change: Change): Landed => {
  const subject = subjectOf(scene, change);
  const body = change.body ?? scene.dice.pick(bodies);
  const bot = change.bot !== undefined || change.bump !== undefined;
  return { at: Math.round(at), bot, subject, body, patch: change.patch };
};

const subjectOf = ({ dice, world, subject }: Scene, change: Change): string => {
  const style = dice.chance(0.8) ? subject : dice.pick(subjectStyles);
  if (change.bump) {
    const { library, from, to } = change.bump;
    return `${dice.chance(0.5) ? "Bump" : "chore(deps): bump"} ${library} from ${from} to ${to}`;
  }
  return change.subject ?? style(dice, { ...spoken(change), key: world.domain.key });
};
