import type { Intent, Revert } from "../../shared/incident/model.ts";
import type { Edit, Service, Snapshot } from "../../shared/ports.ts";
import { pullBody } from "../../shared/remedy/body.ts";
import { branchOf } from "../../shared/remedy/branch.ts";
import { botNames, botOf } from "../../shared/remedy/bump/bot.ts";
import { type Bump, bumpsOf, type FileChange, isYaml } from "../../shared/remedy/bump/bumps.ts";
import { type Hold, holdOf, holdPaths } from "../../shared/remedy/bump/hold.ts";
import { guards } from "../../shared/remedy/guards.ts";
import { revert as takeBack } from "../../shared/remedy/revert.ts";
import { commitMessage, plainTitle, revertTitle, trailer } from "../../shared/remedy/text.ts";
import type { Work } from "../step.ts";
import { fieldsBack } from "./fields.ts";
import { labels, type Proposing, revert, settled, unclean } from "./revert.ts";

/** Files of a change that are read for what moved in them. */
const maxFiles = 20;

/**
 * Opens the pull request that puts back what a bump moved: the revert of its commit or, where that is not clean, the version alone.
 * A bot that would raise it again is held in the same pull request, where a file there can do that. Another change is reverted as ever.
 */
export const rollback = async (proposing: Proposing, remedy: Revert): Promise<Intent> => {
  const { work, incident, service } = proposing;
  const branch = branchOf(remedy);
  const [found, snapshot] = await Promise.all([
    work.source.findPull(service, branch),
    work.source.snapshot(service, remedy.sha),
  ]);
  if (found !== undefined && found.state !== "open") return settled(found);
  const bumps = bumpsOf(await changeOf(work, service, snapshot));
  if (bumps.length === 0) return revert(proposing, remedy);
  const back = await putBack(work, service, { snapshot, bumps });
  if (!("edits" in back)) return back;
  if (back.edits.length === 0)
    return {
      type: "Escalate",
      reason: "already_reverted",
      detail: `what ${remedy.sha.slice(0, 12)} moved is back where it was on ${service.branch}`,
    };
  const held = await hold(work, service, { snapshot, bumps, edits: back.edits });
  const touched = guards(back.edits.map(({ path }) => path));
  const proposed: Revert = { ...remedy, notes: [...back.notes, ...held.notes] };
  const pull = await work.source.openPull(service, {
    ...{ snapshot, labels, branch, edits: held.edits },
    commitMessage: back.whole
      ? commitMessage(snapshot.commit, incident)
      : `${fieldsTitle(bumps)}\n\nThis puts back what ${remedy.sha} moved.\n\n${trailer(incident)}`,
    title: back.whole ? revertTitle(snapshot.commit.title) : fieldsTitle(bumps),
    body: pullBody(incident, {
      ...{ service, remedy: proposed, commit: snapshot.commit, guarded: touched },
      page: work.pageOf(incident.id),
    }),
  });
  return {
    ...{ type: "RecordProposal", remedy: proposed, pull },
    // What a bot would undo in minutes, or takes back more than was looked for, is for a person to see.
    guarded: touched.length > 0 || !back.whole || held.open,
  };
};

const fieldsTitle = (bumps: Bump[]): string => {
  const [{ name, field, from }, ...more] = bumps as [Bump, ...Bump[]];
  const rest = more.length > 0 ? ` and ${more.length} more` : "";
  return plainTitle(`Put ${name ?? `the ${field}`} back to ${from}${rest}`);
};

/** The files that the bump's commit changed, before and after. */
async function changeOf(
  { source }: Work,
  service: Service,
  { commit, base, theirs }: Snapshot,
): Promise<FileChange[]> {
  const text = async (entry: { sha: string } | undefined) =>
    entry && Buffer.from(await source.blob(service, entry.sha)).toString();
  return Promise.all(
    commit.paths
      .filter(isYaml)
      .slice(0, maxFiles)
      .map(async (path) => {
        const [before, after] = await Promise.all([text(theirs.get(path)), text(base.get(path))]);
        return { path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
      }),
  );
}

type Back = {
  edits: Edit[];
  notes: string[] /** The whole commit is taken back, not its versions alone. */;
  whole: boolean;
};

async function putBack(
  { source }: Work,
  service: Service,
  { snapshot, bumps }: { snapshot: Snapshot; bumps: Bump[] },
): Promise<Back | Intent> {
  const result = await takeBack(snapshot, (sha) => source.blob(service, sha));
  const own = (path: string) => snapshot.commit.paths.includes(path);
  if ("edits" in result && result.edits.every(({ path }) => own(path)))
    return { edits: result.edits, notes: [], whole: true };
  const conflicts =
    "conflicts" in result
      ? result.conflicts
      : result.edits
          .filter(({ path }) => !own(path))
          .map(({ path }) => ({ path, kind: "renamed" as const, detail: "a file was moved here since" }));
  const why = conflicts.slice(0, 3).map(({ path, detail }) => `${path}: ${detail}`);
  const fields = await fieldsBack(bumps, async (path) => {
    const entry = snapshot.ours.get(path);
    return entry && { mode: entry.mode, text: Buffer.from(await source.blob(service, entry.sha)).toString() };
  });
  if ("stuck" in fields) {
    const { path, detail } = fields.stuck;
    return unclean(snapshot.commit.sha, [
      ...conflicts,
      { path, kind: "content", detail: `nor can the version alone be put back: ${detail}` },
    ]);
  }
  const first = `the whole of ${snapshot.commit.sha.slice(0, 12)} cannot be taken back cleanly (${why.join("; ")}), so only the version is put back`;
  return { edits: fields.edits, notes: [first, ...fields.notes], whole: false };
}

/** The edits with the bot's hold among them; `open` when a person has to hold it. */
async function hold(
  { source }: Work,
  service: Service,
  { snapshot, bumps, edits }: { snapshot: Snapshot; bumps: Bump[]; edits: Edit[] },
): Promise<{ edits: Edit[]; notes: string[]; open: boolean }> {
  const bot = botOf(snapshot.commit, bumps);
  if (bot === undefined) return { edits, notes: [], open: false };
  const changed = new Map(edits.map((edit) => [edit.path, edit]));
  const read = async (path: string): Promise<string> => {
    const edit = changed.get(path);
    if (edit !== undefined && "content" in edit) return Buffer.from(edit.content).toString();
    const sha = edit !== undefined && "sha" in edit ? edit.sha : snapshot.ours.get(path)!.sha;
    return Buffer.from(await source.blob(service, sha)).toString();
  };
  const there = [...snapshot.ours.keys()].filter((path) => !("deleted" in (changed.get(path) ?? {})));
  const paths = holdPaths(bot.kind, there, bumps);
  const files = new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)));
  const made = holdOf(bot.kind, bumps, files);
  const name = botNames[bot.kind];
  if ("person" in made)
    return {
      edits,
      notes: [
        `${name} would raise it again within minutes (${bot.shownBy}), and no file here holds it: ${made.person}`,
      ],
      open: true,
    };
  const note = `${name} would raise it again (${bot.shownBy}), so this also ${made.does}, until someone takes that out again`;
  return { edits: withHold(edits, made, snapshot), notes: [note], open: false };
}

const withHold = (edits: Edit[], { files }: Hold, { ours }: Snapshot): Edit[] =>
  [
    ...edits.filter(({ path }) => !files.has(path)),
    ...[...files].map(
      ([path, text]): Edit => ({ path, mode: ours.get(path)!.mode, content: Buffer.from(text) }),
    ),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
