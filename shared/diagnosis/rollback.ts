import type { Revert } from "../incident/model.ts";
import { type Bot, botNames } from "../remedy/rollback/bot.ts";
import type { Bump } from "../remedy/rollback/bumps.ts";
import { isContradicted, isMeasuredFor } from "./measured.ts";
import type { BumpedCommits } from "./model.ts";
import type { Judged } from "./verdict.ts";

const shown = 3;

/** `moves ghcr.io/acme/shop from 1.4 to 1.5 (prod/kustomization.yaml:8), by Renovate` */
export const bumpText = (bumps: Bump[], bot: Bot | undefined): string => {
  const moved = bumps
    .slice(0, shown)
    .map(
      ({ name, field, from, to, path, line }) =>
        `${name ?? `the ${field}`} from ${brief(from)} to ${brief(to)} (${path}:${line})`,
    );
  const more = bumps.length > shown ? [`${bumps.length - shown} more`] : [];
  return `moves ${[...moved, ...more].join(", ")}${bot ? `, by ${botNames[bot.kind]}` : ""}`;
};

/** A digest as people read it. */
const brief = (version: string): string => version.replace(/(sha\d+:[\da-f]{12})[\da-f]+/g, "$1…");

/** The bump that brought a commit, the newest where more than one did, or that it is. */
export const bumpOf = ({ commit, live }: Judged, bumps: BumpedCommits[]): BumpedCommits | undefined =>
  live === undefined
    ? undefined
    : (bumps.find(({ sha }) => sha === commit.sha) ??
      bumps.find(({ commits }) => commits.includes(commit.sha)));

/** Why a commit is where it is, as far as a bump tells. */
export const bumpReason = (judged: Judged, bumps: BumpedCommits[]): string[] => {
  const bump = bumpOf(judged, bumps);
  if (bump === undefined) return [];
  return bump.sha === judged.commit.sha
    ? [bump.text]
    : [`came with ${bump.sha.slice(0, 12)}, which ${bump.text}`];
};

/** A commit this much of what its bump's guilt is made of gets a revert of its own. */
const guilty = 0.5;

/** Putting back what the likeliest commit came with; it helps when any of what came with it did it. */
export const rollbackOf = (first: Judged, ranked: Judged[], bumps: BumpedCommits[]): Revert | undefined => {
  const bump = bumpOf(first, bumps);
  if (bump === undefined || bump.deployed === undefined) return undefined;
  const score = Math.min(
    1,
    ranked.filter((judged) => bumpOf(judged, bumps) === bump).reduce((sum, { p }) => sum + p, 0),
  );
  const { sha, title } = first.commit;
  const behind = sha !== bump.sha && first.p >= score * guilty ? { behind: { sha, title } } : {};
  const { title: bumped, repository } = bump;
  const place = { in: "gitops" as const, ...(repository !== undefined && { repository }) };
  const measured = isMeasuredFor(first) && !isContradicted(first, ranked) ? { measured: true } : {};
  return { kind: "revert", ...place, sha: bump.sha, title: bumped, score, ...measured, ...behind };
};
