import { messageOf } from "../../../shared/errors.ts";
import { ConfigurationError } from "../../host/errors.ts";
import { git } from "../../host/git.ts";
import type { Broken, Source } from "./report.ts";

/** A commit that names an incident of ours. `undoes`: the commits that it says it takes back. */
type Ours = { sha: string; incident: string; undoes: string[]; head?: { n: number; hash: string } };

/** The facts of a clone: the commits that name an incident, where its record stood then, and whether what they take back is there. */
export const verifyClone = async (directory: string): Promise<Source> => {
  const commits = await oursIn(directory).catch((error: unknown) => {
    throw new ConfigurationError(`--dir ${directory}: ${messageOf(error)}`);
  });
  const faults = (await Promise.all(commits.map((commit) => faultsOf(directory, commit)))).flat();
  const known = commits.flatMap(({ sha, incident, head }) =>
    head === undefined ? [] : [{ incident, ...head, place: `commit ${sha}` }],
  );
  return {
    ...{
      source: "clone",
      name: directory,
      broken: faults.flatMap((one) => ("broken" in one ? [one.broken] : [])),
      known,
    },
    parts: [...Map.groupBy(known, ({ incident }) => incident)].map(([incident, heads]) => {
      const { n, hash } = heads.toSorted((one, other) => one.n - other.n).at(-1) ?? { n: 0, hash: "" };
      return { incident, facts: heads.length, head: { n, hash } };
    }),
    notes: [
      ...faults.flatMap((one) => ("note" in one ? [one.note] : [])),
      `${commits.length} ${commits.length === 1 ? "commit names" : "commits name"} an incident; anybody can write a commit's message, so compare with --pull or --incident`,
    ],
  };
};

const oursIn = async (directory: string): Promise<Ours[]> => {
  const listed = await git(directory, [
    "log",
    "--all",
    "-z",
    "--format=%H%n%B",
    "--grep=^Countersteer-Incident: ",
  ]);
  return listed.split("\0").flatMap((text) => {
    const [sha = ""] = text.trimStart().split("\n", 1);
    const incident = /^Countersteer-Incident: (\S+)#\d+$/m.exec(text)?.[1];
    if (incident === undefined) return [];
    const [, n, hash] = /^Countersteer-Record: (\d+) ([0-9a-f]{64})$/m.exec(text) ?? [];
    const undoes = [...text.matchAll(/^This reverts commit ([0-9a-f]{40})/gm)].map(
      ([, undone = ""]) => undone,
    );
    return [{ sha, incident, undoes, ...(hash !== undefined && { head: { n: Number(n), hash } }) }];
  });
};

type Fault = { broken: Broken } | { note: string };

const faultsOf = async (directory: string, { sha, undoes }: Ours): Promise<Fault[]> =>
  (await Promise.all(undoes.map((undone) => faultOf(directory, sha, undone)))).flat();

/** A shallow clone does not have every commit, and tells nothing about those. */
const faultOf = async (directory: string, sha: string, undone: string): Promise<Fault[]> => {
  if (!(await succeeds(directory, ["cat-file", "-e", `${undone}^{commit}`])))
    return [{ note: `commit ${sha} takes back ${undone}, which this clone does not have` }];
  if (await succeeds(directory, ["merge-base", "--is-ancestor", undone, sha])) return [];
  const detail = `it says that it takes back ${undone}, which is not before it`;
  return [{ broken: { place: `commit ${sha}`, detail } }];
};

const succeeds = (directory: string, args: string[]): Promise<boolean> =>
  git(directory, args).then(
    () => true,
    () => false,
  );
