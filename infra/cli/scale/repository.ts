import { createHash } from "node:crypto";
import { githubClient } from "../../../shared/adapters/github/api/client.ts";
import { connect } from "../../../shared/adapters/github/api/repository.ts";
import { files } from "../../../shared/adapters/github/files/files.ts";
import { defaultBranch } from "../../../shared/adapters/github/history/change.ts";
import { openOnce } from "../../../shared/adapters/github/pulls/open-once.ts";
import type { Service } from "../../../shared/ports/service.ts";
import { scaleBranch } from "../../../shared/remedy/revert/branch.ts";
import { onlyRead } from "../../../shared/remedy/scale/effects.ts";
import { maxFiles, wanted } from "../../../shared/remedy/scale/manifests/wanted-files.ts";
import type { Ask, Edited } from "../../../shared/remedy/scale/model.ts";
import { scale } from "../../../shared/remedy/scale/scale.ts";
import { scaleBody, scaleMessage, scaleTitle } from "../../../shared/remedy/scale/title.ts";
import { isRefused, type Refused } from "../../../shared/yaml/refused.ts";

export type Opened = { number: number; url: string; branch: string };
/** `was`: the file as it is now. */
type Found = Edited & { was: string; pull?: Opened };
type Access = { apiUrl: string; token: string };

/** Edits the repository's main branch by a pull request of its own; the same edit again finds the one that is open. */
export const inRepository = async (
  access: Access,
  { repository, ask, dryRun }: { repository: string; ask: Ask; dryRun: boolean },
): Promise<Found | Refused> => {
  const github = connect(githubClient(access));
  const branch = await defaultBranch(github, repository);
  const nobody = { name: "", environments: [], channel: "", approvers: [], verify: { holdMs: 0 } };
  const service: Service = { ...nobody, repository, branch, paths: ask.path ? [ask.path] : [] };
  const read = await files(github, service, { wanted, limit: maxFiles });
  const { head, headTree, files: ours } = read;
  const texts = new Map([...ours].map(([path, { text }]) => [path, text]));
  const made = scale(texts, ask);
  if (isRefused(made)) return made;
  const edited = { ...made, effects: [...made.effects, ...onlyRead(read)] };
  const { file } = edited.owner;
  const entry = ours.get(file);
  if (entry === undefined) throw new Error(`${repository} has no file ${file}`);
  const was = entry.text;
  if (dryRun) return { ...edited, was };
  const named = scaleBranch(file, { before: entry.sha, after: digestOf(edited.text) });
  const opened = await openOnce(github, service, {
    ...{ branch: named, snapshot: { head, headTree }, labels: [] },
    edits: [{ path: file, mode: entry.mode, content: Buffer.from(edited.text) }],
    ...{ commitMessage: scaleMessage(edited), title: scaleTitle(edited), body: scaleBody(edited) },
  });
  return { ...edited, was, pull: { number: opened.number, url: opened.url, branch: named } };
};

const digestOf = (text: string): string => createHash("sha1").update(text).digest("hex");
