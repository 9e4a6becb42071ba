import type { z } from "zod";
import { sentenceOf, unknownKey } from "./sentences.ts";

type Issue = z.core.$ZodIssue;
type Path = PropertyKey[];
/** A fault that the schema sees. `meant`: the key that an unknown one was meant to be; `places`: those that have such a key. */
export type Found = { path: Path; message: string; meant?: string; places?: string[] };

/** The faults of an issue. Of a value that may be of several kinds, those of the kind that it has. */
export const foundIn = (
  root: z.core.$ZodType,
  issue: Issue,
  textAt: (path: Path) => string | undefined,
): Found[] => {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      ...unknownKey(root, issue.path, key),
    }));
  const ofItsKind = issue.code === "invalid_union" ? issue.errors.find(isOfKind(issue.message)) : undefined;
  if (ofItsKind !== undefined)
    return ofItsKind.flatMap((inner) =>
      foundIn(root, { ...inner, path: [...issue.path, ...inner.path] } as Issue, textAt),
    );
  return [{ path: issue.path, message: sentenceOf(root, issue, textAt(issue.path)) }];
};

/** Whether a value is of the kind whose faults these are. A choice that has a sentence of its own says best that a key is missing or unknown. */
const isOfKind =
  (message: string) =>
  (errors: Issue[]): boolean =>
    errors.every(
      ({ path, code, input }) =>
        (path.length > 0 && (message === "Invalid input" || input !== undefined)) ||
        (message === "Invalid input" && code !== "invalid_type"),
    );

const placeOf = (path: Path): string => path.join(".");

/**
 * Leaves out what follows from a misspelt key: that the one that was meant is missing, or that its map lacks something. Keys of a service
 * that stand at the top of the file are one fault.
 */
export const withoutEchoes = (found: Found[]): Found[] => {
  const misspelt = found.flatMap(({ path, meant }) =>
    meant === undefined
      ? []
      : [{ meant: placeOf([...path.slice(0, -1), meant]), map: placeOf(path.slice(0, -1)) }],
  );
  const echoes = new Set(misspelt.flatMap(({ meant, map }) => [meant, map]));
  const rest = found.filter(({ path }) => path.length === 0 || !echoes.has(placeOf(path)));
  return withoutServiceAbove(rest);
};

const withoutServiceAbove = (found: Found[]): Found[] => {
  const above = found.filter(({ path, places }) => path.length === 1 && places?.includes("services[]"));
  const [first] = above;
  const isMissing = found.some(({ path }) => placeOf(path) === "services");
  if (first === undefined || !isMissing) return found;
  const keys = above.map(({ path }) => String(path[0])).join(", ");
  const message = `stands at the top of the file, and the keys of a service (${keys}) belong to an entry of services: write services: above them, “  - ” before the first, and four spaces before the others`;
  return [
    { path: first.path, message },
    ...found.filter((one) => !above.includes(one) && placeOf(one.path) !== "services"),
  ];
};
