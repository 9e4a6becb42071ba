import { firstLook, type Mentions, namedFiles } from "../../../shared/diagnosis/candidates/first-look.ts";
import type { ListedChange } from "../../../shared/git/model.ts";
import type { Changes } from "../../../shared/ports/changes.ts";
import type { Commit } from "../../../shared/ports/history.ts";
import type { ChangeQuery } from "./query.ts";

/** Files that the alert names whose commits are asked for, and parts in which a long list of files is asked for: one call each. */
const limits = { named: 3, commits: 100, parts: 3 };

/** `calls` bounds how often GitHub is asked. `files` are those of all changes together, where they are known. */
type Landed = { landed: Commit[]; calls: number; to: string; files?: ListedChange[] | undefined };

/** Reads the files of the changes that the first look chooses. */
export const readFiles = async (
  changes: Changes,
  query: ChangeQuery,
  { landed, calls, to, files }: Landed,
): Promise<{ commits: Commit[]; notes: string[] }> => {
  const { target } = query;
  if (landed.length <= calls)
    return { commits: await Promise.all(landed.map((one) => changes.withFiles(target, one))), notes: [] };
  const symptom = [query.symptom, await query.errors].join("\n");
  const listed = await listFiles(changes, query, { landed, to, files });
  const mentions = await readMentions(changes, query, { to, paths: namedFiles(listed.files, symptom) });
  const most = calls - listed.calls - mentions.length;
  const chosen = firstLook(landed, { symptom, most, mentions });
  const commits = await Promise.all(
    landed.map((change) => (chosen.has(change.sha) ? changes.withFiles(target, change) : change)),
  );
  const note = `of ${landed.length} changes the files of ${chosen.size} were read: of those whose texts and files say most of what the alert says, and of the newest`;
  return { commits, notes: [note, ...listed.notes] };
};

const readMentions = (
  changes: Changes,
  { target }: ChangeQuery,
  { to, paths }: { to: string; paths: string[] },
): Promise<Mentions> =>
  Promise.all(
    paths
      .slice(0, limits.named)
      .map((path) => changes.touching(target, { to, paths: [path], limit: limits.commits })),
  );

type Listed = { files: ListedChange[]; calls: number; notes: string[] };

/** The files of all changes together: GitHub lists 300 of a comparison, so a longer list is asked for in parts. */
const listFiles = async (
  changes: Changes,
  { target }: ChangeQuery,
  { landed, to, files }: Omit<Landed, "calls">,
): Promise<Listed> => {
  if (files !== undefined) return { files, calls: 0, notes: [] };
  const ranges = partsOf(landed, to);
  const compared = await Promise.all(ranges.map((range) => changes.compare(target, { ...range, limit: 1 })));
  const isCut = compared.some((part) => part?.files === undefined);
  const note = "its changes touch more files than GitHub lists: a file that the alert names may be missing";
  return {
    files: compared.flatMap((part) => part?.files ?? []),
    ...{ calls: ranges.length, notes: isCut ? [note] : [] },
  };
};

/** The changes, newest first, as ranges of about the same number of them. */
const partsOf = (landed: Commit[], to: string): { from: string; to: string }[] => {
  const size = Math.ceil(landed.length / limits.parts);
  const ends = [to, ...landed.flatMap(({ sha }, index) => (index > 0 && index % size === 0 ? [sha] : []))];
  const oldest = landed.at(-1);
  const base = oldest?.base ?? oldest?.parents[0];
  return ends.flatMap((end, index) => {
    const from = ends[index + 1] ?? base;
    return from === undefined ? [] : [{ from, to: end }];
  });
};
