import { blobId } from "../../../shared/git/object-ids.ts";
import type { Accounts } from "../../../shared/ports/accounts.ts";
import type { History } from "../../../shared/ports/history.ts";
import type { Trees } from "../../../shared/ports/trees.ts";
import { sha } from "../incident.ts";
import type { Holder } from "./state.ts";

export const historyOf = ({ state, trap }: Holder): History => ({
  async commits() {
    trap("commits");
    return state.commits;
  },
  async shas() {
    return state.commits.map(({ sha }) => sha);
  },
  async change(_, name) {
    trap("change");
    const { commit, base, ours, since, pulls } = state.snapshot;
    const paths = new Set([...base.keys(), ...ours.keys()]);
    const files = [...paths]
      .filter((path) => base.get(path)?.sha !== ours.get(path)?.sha)
      .map((path) => ({
        path,
        status: !ours.has(path) ? "removed" : base.has(path) ? "modified" : "added",
      }));
    return { commit: { ...commit, sha: name }, since: { ...since, files }, pulls };
  },
  async commit() {
    return state.snapshot.commit;
  },
  async find(_, name) {
    return state.named.get(name);
  },
  async landed() {
    return undefined;
  },
  async dependents() {
    return undefined;
  },
  async between() {
    return state.commits;
  },
  async contains(_, { ancestor, descendant }) {
    if (descendant === "main") return !state.forcePushed;
    return ancestor === descendant || (ancestor === sha("f") && descendant === sha("a"));
  },
  async undone() {
    return state.undone;
  },
  async changedPaths() {
    return state.changed;
  },
});

export const treesOf = ({ state }: Holder): Trees => ({
  async before() {
    return state.snapshot.theirs;
  },
  async changed() {
    return undefined;
  },
  async sides() {
    return state.snapshot;
  },
  async tip() {
    return state.snapshot;
  },
  async blob() {
    throw new Error("no blob is read in an unmodified revert");
  },
  async texts() {
    return state.files;
  },
  async files(_, { wanted }) {
    const texts = [...state.texts].filter(([path]) => wanted(path));
    return {
      ...{ head: sha("e"), headTree: sha("1") },
      files: new Map(
        texts.map(([path, text]) => [path, { mode: "100644", sha: blobId(Buffer.from(text)), text }]),
      ),
    };
  },
});

export const accountsOf = ({ state, trap }: Holder): Accounts => ({
  async authors() {
    trap("authors");
    return state.authors;
  },
  async pushers() {
    return state.pushers;
  },
  async isMember({ org, slug }, login) {
    trap("isMember");
    return state.teams[`${org}/${slug}`]?.includes(login) ?? false;
  },
  async said() {
    trap("said");
    return state.said;
  },
  async codeowners() {
    return state.codeowners;
  },
});
