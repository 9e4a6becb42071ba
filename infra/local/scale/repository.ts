import { createHash } from "node:crypto";
import { defaultBranch, readTip } from "../../../shared/adapters/github/change.ts";
import { githubClient } from "../../../shared/adapters/github/client.ts";
import { openOnce } from "../../../shared/adapters/github/once.ts";
import { inParallel } from "../../../shared/adapters/github/remember.ts";
import { connect, type Github } from "../../../shared/adapters/github/repository.ts";
import { readBlob } from "../../../shared/adapters/github/trees.ts";
import type { Service, Tree } from "../../../shared/ports.ts";
import { scaleBranch } from "../../../shared/remedy/branch.ts";
import {
  type Ask,
  type Edited,
  isRefused,
  type Refused,
  refuse,
} from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { scaleBody, scaleMessage, scaleTitle } from "../../../shared/remedy/scale/text.ts";
import { isManifest, maxBytes, skipped } from "./manifests.ts";

export type Opened = { number: number; url: string; branch: string };
/** `was`: the file as it is now. */
type Found = Edited & { was: string; pull?: Opened };
type Access = { apiUrl: string; token: string };

/** GitHub gives one file a request; past this many the folder has to be named. */
const maxFiles = 2000;
const parallel = 10;

/** Edits the repository's main branch by a pull request of its own; the same edit again finds the one that is open. */
export async function inRepository(
  access: Access,
  { repository, ask, dryRun }: { repository: string; ask: Ask; dryRun: boolean },
): Promise<Found | Refused> {
  const github = connect(githubClient(access));
  const branch = await defaultBranch(github, repository);
  const nobody = { name: "", environments: [], channel: "", approvers: [], verify: { holdMs: 0 } };
  const service: Service = { ...nobody, repository, branch, paths: [] };
  const { head, headTree, ours } = await readTip(github, service, { since: {} });
  const files = await readManifests(github, service, ours);
  if (isRefused(files)) return files;
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited;
  const { file } = edited.owner;
  const entry = ours.get(file)!;
  const was = files.get(file)!;
  if (dryRun) return { ...edited, was };
  const named = scaleBranch(file, { before: entry.sha, after: digestOf(edited.text) });
  const opened = await openOnce(github, service, {
    ...{ branch: named, snapshot: { head, headTree }, labels: [] },
    edits: [{ path: file, mode: entry.mode, content: Buffer.from(edited.text) }],
    ...{ commitMessage: scaleMessage(edited), title: scaleTitle(edited), body: scaleBody(edited) },
  });
  return { ...edited, was, pull: { number: opened.number, url: opened.url, branch: named } };
}

const digestOf = (text: string): string => createHash("sha1").update(text).digest("hex");

async function readManifests(
  github: Github,
  service: Service,
  tree: Tree,
): Promise<Map<string, string> | Refused> {
  const wanted = [...tree].filter(
    ([path, { mode, size = 0 }]) =>
      mode.startsWith("100") && isManifest(path) && size <= maxBytes && !path.split("/").some(skipped),
  );
  if (wanted.length > maxFiles)
    return refuse(
      `${service.repository} has ${wanted.length} files that may be manifests, more than are read over GitHub: run scale on a clone`,
    );
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const read = await inParallel(parallel, wanted, async ([path, { sha }]) => {
    const text = utf8.decode(await readBlob(github, service, sha));
    return [path, text] as const;
  });
  return new Map(read);
}
