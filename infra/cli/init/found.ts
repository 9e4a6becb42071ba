import { array, literal, object, optional, record, string } from "zod";

/** A service as a Backstage catalogue has it. `folder` is where its entry lies in the clone. */
export type Component = { name: string; repository?: string; folder: string; owner?: string };
/** A folder that CODEOWNERS gives to teams. */
export type Owned = { folder: string; teams: string[] };

const entity = object({
  kind: literal("Component"),
  metadata: object({ name: string(), annotations: optional(record(string(), string())) }),
  spec: object({ type: optional(string()), owner: optional(string()) }),
});

/** The services among the entries of a catalogue's file: https://backstage.io/docs/features/software-catalog/descriptor-format */
export const componentsIn = (documents: unknown[], path: string): Component[] =>
  documents.flatMap((document) => {
    const { data } = entity.safeParse(document);
    if (data === undefined || (data.spec.type ?? "service") !== "service") return [];
    const { name, annotations = {} } = data.metadata;
    const slug = annotations["github.com/project-slug"];
    const owner = data.spec.owner?.replace(/^.*[:/]/, "");
    return [
      {
        ...{ name, folder: path.slice(0, path.lastIndexOf("/") + 1) },
        ...(slug !== undefined && { repository: slug }),
        ...(owner !== undefined && { owner }),
      },
    ];
  });

/** The entries of CODEOWNERS that give a folder, at most three deep, to teams of the organisation. */
export const ownedIn = (text: string): Owned[] =>
  text.split("\n").flatMap((line) => {
    const [pattern = "", ...owners] = line.replace(/#.*/, "").trim().split(/\s+/);
    const folder = /^\/?((?:[\w.-]+\/){1,3})(?:\*{1,2})?$/.exec(pattern)?.[1];
    const teams = owners.flatMap((one) => /^@[\w-]+\/([\w.-]+)$/.exec(one)?.[1] ?? []);
    return folder === undefined || teams.length === 0 ? [] : [{ folder, teams }];
  });

const listed = object({ environments: optional(array(object({ name: string() }))) });
/** Environments that GitHub makes by itself. */
const own = /^(github-pages|copilot)$/;

/** The names of a repository's environments, as GitHub lists them. */
export const environmentsIn = (answer: unknown): string[] =>
  (listed.safeParse(answer).data?.environments ?? [])
    .map(({ name }) => name)
    .filter((name) => !own.test(name));
