import { readHeadTree } from "../../../shared/adapters/github/change.ts";
import { openOnce } from "../../../shared/adapters/github/once.ts";
import type { Github } from "../../../shared/adapters/github/repository.ts";
import { readBlob, readTree } from "../../../shared/adapters/github/trees.ts";
import type { Edit, Service, Snapshot, Tree } from "../../../shared/ports.ts";
import type { Conflict } from "../../../shared/remedy/conflict.ts";
import { type Guard, guardReasons } from "../../../shared/remedy/guards.ts";
import { takenBack, takesBack } from "../../../shared/remedy/lineage.ts";
import { applied, treeId } from "../../../shared/remedy/objects.ts";
import { type Changed, patch, type Version } from "../../../shared/remedy/patch.ts";
import { revertAll, within } from "../../../shared/remedy/series.ts";
import { untouched } from "../../../shared/remedy/untouched.ts";
import { nextRung } from "./ladder.ts";
import { pullText } from "./text.ts";
import type { Unit } from "./unit.ts";

export type Result = {
  result: "opened" | "exists" | "empty" | "conflict" | "refused";
  pull?: { number: number; url: string };
  branch?: string;
  tree?: string;
  conflicts?: Conflict[];
  guards?: Guard[];
  reason?: string;
  /** Of a dry run: what would change. */
  patch?: string;
};
/** `json`: nobody reads a diff. */
type How = { reland: boolean; dryRun: boolean; json: boolean };
type Where = Pick<Snapshot, "head" | "headTree">;

/** Takes one unit back as one pull request, or says why not. */
export async function take(github: Github, service: Service, unit: Unit, how: How): Promise<Result> {
  const open = how.reland ? undefined : openAlready(service, unit);
  if (open) return { result: "exists", pull: open, reason: `#${open.number} takes it back already` };
  const quick = how.reland || how.dryRun ? undefined : await unchanged(github, service, unit);
  if (quick) return propose(github, service, { unit, how, ...quick });

  const [changes, { ours, ...where }] = await Promise.all([
    unit.changes(),
    readHeadTree(github, service, unit.since),
  ]);
  const inside = changes.map((change) => within(change, service.paths));
  const read = (sha: string) => readBlob(github, service, sha);
  const result = await revertAll(inside, ours, read);
  if ("conflicts" in result) {
    const { conflicts, at } = result;
    const [change, another] = inside;
    const alone = change && !another && !how.reland && unit.commits[0]?.sha === unit.sha;
    const next = alone ? await nextRung(github, service, { unit, change, ours, conflicts, read }) : undefined;
    return unclean(unit, conflicts, { at, next });
  }
  const before = how.reland ? undefined : takenBack(unit.sha, unit.since.commits);
  const by = before && `${before.sha} has taken it back already`;
  if (result.edits.length === 0)
    return { result: "empty", reason: by ?? `nothing of it is left to change on ${service.branch}` };
  if (by) return { result: "exists", reason: by };
  const guards = guardReasons(result.edits.map(({ path }) => path));
  if (!how.dryRun) return propose(github, service, { unit, how, where, edits: result.edits });
  return {
    result: "opened",
    branch: unit.branch,
    ...known(ours, where, result.edits),
    ...(guards.length > 0 && { guards }),
    ...(!how.json && { patch: await show(ours, result.edits, read) }),
  };
}

/** The pull request of a person, or of an earlier try whose head is not ours to take over. */
function openAlready({ repository }: Service, { commits, pulls, branch }: Unit) {
  const [commit, another] = commits;
  if (!commit || another) return undefined;
  const found = pulls.find((pull) => pull.branch !== branch && takesBack(pull, commit, repository));
  return found && { number: found.number, url: found.url };
}

/** The edits of a change whose files nobody touched since; cheaper than reading every tree. */
async function unchanged(github: Github, service: Service, { commits, since }: Unit) {
  const [commit, another] = commits;
  const parent = commit?.parents[0];
  const { head, files } = since;
  if (!commit || another || service.paths.length > 0 || parent === undefined || !head || !files)
    return undefined;
  if (commit.paths.length >= maxListed || files.some(({ path }) => commit.paths.includes(path)))
    return undefined;
  const edits = untouched(commit, files, await readTree(github, service, parent));
  return edits && edits.length > 0 ? { edits, where: { head: head.sha, headTree: head.tree } } : undefined;
}
/** GitHub lists this many files of a commit at once. */
const maxListed = 300;

type Ready = { unit: Unit; how: How; where: Where; edits: Edit[] };

async function propose(
  github: Github,
  service: Service,
  { unit, how, where, edits }: Ready,
): Promise<Result> {
  const guards = guardReasons(edits.map(({ path }) => path));
  const { adopted, tree, number, url } = await openOnce(github, service, {
    ...{ branch: unit.branch, snapshot: where, edits, labels: [], draft: how.reland },
    ...{ commitMessage: unit.message, title: unit.title, body: pullText(unit, guards, how.reland) },
  });
  return {
    result: adopted ? "exists" : "opened",
    ...{ pull: { number, url }, branch: unit.branch, tree },
    ...(guards.length > 0 && { guards }),
  };
}

const unclean = (
  { commits }: Unit,
  conflicts: Conflict[],
  { at, next }: { at: string; next: string | undefined },
): Result => {
  const where = commits.length > 1 ? ` at ${at}` : "";
  const told = conflicts.slice(0, 5).map(({ path, detail }) => `${path}: ${detail}`);
  const more = conflicts.length > 5 ? ` and ${conflicts.length - 5} more` : "";
  return {
    result: "conflict",
    conflicts,
    reason: [`not clean${where}: ${told.join("; ")}${more}`, ...(next ? [next] : [])].join("; "),
  };
};

/** The tree to come, unless the listing cannot be told from its files (names that are not UTF-8). */
const known = (ours: Tree, { headTree }: Where, edits: Edit[]): { tree?: string } =>
  treeId(ours) === headTree ? { tree: treeId(applied(ours, edits)) } : {};

async function show(ours: Tree, edits: Edit[], read: (sha: string) => Promise<Uint8Array>): Promise<string> {
  const shown = await Promise.all(
    edits.map(async (edit): Promise<Changed> => {
      const entry = ours.get(edit.path);
      const before = entry && { mode: entry.mode, content: await read(entry.sha) };
      const after = await versionOf(edit, read);
      return { path: edit.path, ...(before && { before }), ...(after && { after }) };
    }),
  );
  return shown.map(patch).join("");
}

async function versionOf(
  edit: Edit,
  read: (sha: string) => Promise<Uint8Array>,
): Promise<Version | undefined> {
  if ("deleted" in edit) return undefined;
  return { mode: edit.mode, content: "sha" in edit ? await read(edit.sha) : edit.content };
}
