import type { Head } from "../../incident/chain/link.ts";
import type { Commit } from "../../ports/history.ts";
import { clip } from "../../text/format.ts";

const maxTitle = 200;

/** `Revert "<title>"`, as git names it, for a commit and for a pull request; the revert of a revert is a reland. */
export const revertTitle = (title: string): string => {
  const again = reverted(title);
  return again === undefined ? `Revert "${plainTitle(title)}"` : `Reland "${plainTitle(again)}"`;
};

/** The title of the change that a revert of this title took back. */
export const reverted = (title: string): string | undefined =>
  /^Revert "(.*)"(?: \(#\d+\))?$/.exec(title.trim())?.[1];

/** A message's first line. */
export const titleOf = (message: string): string => message.split("\n", 1).join("").trim();

type Ours = { id: string; round: number; chain?: Head };

/** The message with trailers that say for which incident, and where its record stands. `incident.id` is `service/environment`. */
export const forIncident = (message: string, incident: Ours): string =>
  [`${message}\n\n${trailer(incident)}`, ...recordTrailer(incident)].join("\n");

const recordTrailer = ({ chain }: Ours): string[] =>
  chain === undefined ? [] : [`Countersteer-Record: ${chain.n} ${chain.hash}`];

/** The trailer that names the incident of a commit; a commit with it is never a suspect. */
const trailer = ({ id, round }: { id: string; round: number }): string =>
  `${incidentTrailer}: ${oneLine(id)}#${round}`;

type RevertedCommit = Pick<Commit, "sha" | "title" | "parents">;

/** The message that `git revert` writes. */
export const revertMessage = (commit: RevertedCommit): string =>
  `${revertTitle(commit.title)}\n\n${takesBack(commit)}`;

/** The same for several changes, the newest first. */
export const seriesMessage = (title: string, commits: RevertedCommit[]): string =>
  [title, ...commits.map(takesBack)].join("\n\n");

/** The title of a revert of everything since `from`. */
export const rangeTitle = (from: string): string => `Revert everything since ${from.slice(0, 12)}`;

/** The message of a revert of everything after `from` up to `commit`. */
export const rangeMessage = (from: string, { sha, title }: Pick<Commit, "sha" | "title">): string =>
  `${rangeTitle(from)}\n\nThis reverts ${from}..${sha},\nthe newest of it "${plainTitle(title)}".`;

const takesBack = ({ sha, parents }: RevertedCommit): string =>
  `This reverts commit ${sha}${parents.length > 1 ? `, reversing\nchanges made to ${parents[0]}` : ""}.`;

const incidentTrailer = "Countersteer-Incident";

/** Whether Countersteer made the commit. */
export const isByUs = (message: string): boolean => /^Countersteer-Incident: /m.test(message);

/**
 * A title from outside as one line that only names the change: it skips no checks, closes no issue and
 * mentions nobody.
 */
export const plainTitle = (title: string): string => {
  const text = oneLine(title)
    .replace(/\[([^[\]]*\b(?:skip|no)\b[^[\]]*)\]/gi, "($1)")
    .replace(/\*{3}\s*(no_ci)\s*\*{3}/gi, "$1")
    .replace(/\b(skip-checks|skip-ci)\s*:/gi, "$1")
    .replace(/@(?=[\w-])/g, "@\u200B")
    .replace(/#(?=\d)/g, "#\u200B")
    .replace(/\bGH-(?=\d)/gi, "$&\u200B")
    .replace(/:\/\//g, ":\u200B//");
  return clip(text, maxTitle);
};

/** The first line, without control and bidirectional characters. */
const oneLine = (text: string): string =>
  (
    text
      .toWellFormed()
      .trim()
      .split(/[\r\n\u2028\u2029]/)[0] ?? ""
  )
    .replace(/[\p{Cc}\u202A-\u202E\u2066-\u2069]+/gu, " ")
    .trim();
