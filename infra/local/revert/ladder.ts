import { readSides } from "../../../shared/adapters/github/change.ts";
import { dependents } from "../../../shared/adapters/github/dependents.ts";
import type { Github } from "../../../shared/adapters/github/repository.ts";
import type { Service, Tree } from "../../../shared/ports.ts";
import type { Conflict } from "../../../shared/remedy/conflict.ts";
import type { Landed } from "../../../shared/remedy/lineage.ts";
import { type Change, revertAll } from "../../../shared/remedy/series.ts";
import { plainTitle } from "../../../shared/remedy/text.ts";
import type { Unit } from "./unit.ts";

type Failed = { unit: Unit; change: Change; ours: Tree; conflicts: Conflict[] };

/** What is left to a person when a change does not come off: with which later changes it would, or how to do it by hand. */
export async function nextRung(
  github: Github,
  service: Service,
  failed: Failed & { read: (sha: string) => Promise<Uint8Array> },
): Promise<string> {
  const { unit, change, ours, conflicts, read } = failed;
  const [commit] = unit.commits;
  const paths = [...new Set(conflicts.map(({ path }) => path))];
  const later = await dependents(github, service, { paths, since: unit.since });
  const byHand = `by hand: git revert ${commit!.parents.length > 1 ? "-m 1 " : ""}${unit.sha}`;
  if (!later) return byHand;
  const sides = await Promise.all(
    later.map(async (one) => ({ sha: one.sha, ...(await readSides(github, service, one)) })),
  );
  const told = `changed since by ${later.map(name).join(", ")}`;
  const result = await revertAll([...sides, change], ours, read);
  if ("conflicts" in result) return `${told}; ${byHand}`;
  const shas = [...later.map(({ sha }) => sha), unit.sha].join(" ");
  return `${told}; it goes back cleanly together with that: revert ${service.repository} ${shas} --together`;
}

const name = ({ sha, author, message }: Landed): string =>
  `${author} in ${sha.slice(0, 12)} "${plainTitle(message)}"`;
