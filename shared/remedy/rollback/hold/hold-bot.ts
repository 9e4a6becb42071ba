import type { BotKind } from "../bot.ts";
import type { Bump } from "../bumps.ts";
import { ignoreDependency } from "./dependabot.ts";
import { suspendFlux } from "./flux.ts";
import type { Files, Given, UpdateHold } from "./hold.ts";
import { ignoreTags } from "./image-updater.ts";
import { ignoreDeps } from "./renovate.ts";

/** The paths of files that configure the bot, the likeliest first. */
export const holdPaths = (kind: BotKind, paths: string[], bumps: Bump[]): string[] => {
  const near = new Set(bumps.map(({ path }) => path.split("/", 1).join("")));
  const yaml = /\.ya?ml$/;
  const wanted: Record<BotKind, (path: string) => boolean> = {
    renovate: (path) => renovateFiles.includes(path),
    dependabot: (path) => /^\.github\/dependabot\.ya?ml$/.test(path),
    flux: (path) => yaml.test(path) && /image|automation|flux-system|gotk/i.test(path),
    "image-updater": (path) =>
      yaml.test(path) && /app|argo|image/i.test(path) && !/\.argocd-source/.test(path),
    konflux: (path) => renovateFiles.includes(path),
    "jenkins-x": () => false,
    kargo: () => false,
    keel: () => false,
    updatecli: () => false,
    ci: () => false,
  };
  const score = (path: string) =>
    Number(!near.has(path.split("/", 1).join(""))) + path.split("/").length / 100;
  return paths
    .filter(wanted[kind])
    .sort((a, b) => score(a) - score(b))
    .slice(0, kind === "flux" ? maxAutomations : maxRead);
};
const maxRead = 40;
/** Every file that may hold an automation of Flux: one that is missed raises the version again. */
const maxAutomations = 400;
const renovateFiles = [
  "renovate.json",
  ".github/renovate.json",
  ".gitlab/renovate.json",
  ".renovaterc.json",
  ".renovaterc",
];

/** The hold as an edit of the bot's own settings, or the instruction for a person where no edit is certain. */
export const holdOf = (kind: BotKind, bumps: Bump[], files: Files): UpdateHold | { person: string } => {
  const made = holds[kind](bumps, { names: namesOf(bumps), files });
  return made ?? { person: holdByHand(kind, bumps) };
};

const namesOf = (bumps: Bump[]): string[] => [...new Set(bumps.flatMap(({ name }) => name ?? []))];

/** The instruction that holds the bot by hand. */
export const holdByHand = (kind: BotKind, bumps: Bump[]): string =>
  byHand[kind](namesOf(bumps).join(", ") || "this version");

const holds: Record<BotKind, (bumps: Bump[], given: Given) => UpdateHold | undefined> = {
  flux: suspendFlux,
  "image-updater": ignoreTags,
  renovate: ignoreDeps,
  dependabot: ignoreDependency,
  konflux: ignoreDeps,
  "jenkins-x": () => undefined,
  kargo: () => undefined,
  keel: () => undefined,
  updatecli: () => undefined,
  ci: () => undefined,
};

const byHand: Record<BotKind, (what: string) => string> = {
  flux: () => "suspend it: flux suspend image update NAME",
  "image-updater": (what) =>
    `tell it to ignore the tags of ${what} (ignoreTags of its ImageUpdater, or the application's annotation)`,
  renovate: (what) => `add ${what} to its ignoreDeps`,
  dependabot: (what) => `add ${what} to the ignore list of .github/dependabot.yml`,
  // A helmfile names the chart with its repository, and a promotion the application alone.
  "jenkins-x": (what) =>
    `label the next promotion of ${what.replaceAll(/[^\s,/]+\//g, "")} do-not-merge/hold`,
  konflux: (what) => `add ${what} to the ignoreDeps of renovate.json`,
  kargo: (what) =>
    `turn off autoPromotionEnabled of the Project's stage for ${what}, or promote the former freight`,
  keel: (what) => `set the annotation keel.sh/policy of what runs ${what} to never`,
  updatecli: (what) => `take the manifest under updatecli/ that raises ${what} out of its run`,
  ci: (what) => `the pipeline's next build raises ${what}: stop its deploy job until the fix is merged`,
};
