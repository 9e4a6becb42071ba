import { recordOf } from "../../../records.ts";
import { plain, type Source } from "../../../yaml/document.ts";
import { locationOf } from "../../../yaml/locate.ts";
import { type FileSet, join } from "./file-set.ts";
import { type Kustomization, list, texts } from "./layers.ts";
import type { Override, Rendered } from "./rendered.ts";

type Layer = { body: Kustomization; source: Source };

/** The objects with the fields that a kustomization sets in ways that are not followed: `replacements`, `vars` and `transformers`. */
export const unreadableParts = (
  set: FileSet,
  { body, source }: Layer,
  folder: string,
  objects: Rendered[],
): Rendered[] => {
  const where = locationOf(source, source.node);
  const marks = [...replacements(set, body, folder, where), ...transformers(set, body, folder, where)];
  if (marks.length === 0) return objects;
  return objects.map((one) => {
    const found = marks.filter(({ about }) => about(one)).map(({ override }) => override);
    return found.length === 0 ? one : { ...one, overrides: [...one.overrides, ...found] };
  });
};

type Mark = { about: (one: Rendered) => boolean; override: Override };

const replacements = (set: FileSet, body: Kustomization, folder: string, where: string): Mark[] => {
  const entries = list(body.replacements).flatMap((entry) => {
    const { path } = recordOf(entry);
    if (typeof path !== "string") return [entry];
    const inside = contents(set, join(folder, path));
    return inside.flatMap((one) => (Array.isArray(one) ? one : [one]));
  });
  return entries.flatMap((entry) =>
    list(recordOf(entry).targets).map((target): Mark => {
      const { select, fieldPaths } = recordOf(target);
      const { kind, name } = recordOf(select);
      const paths = list(fieldPaths).map(String);
      return {
        about: (one) =>
          (kind === undefined || kind === one.written.kind) &&
          (name === undefined || one.names.includes(String(name))),
        override: { kind: "unreadable", reason: `${where} sets ${paths.join(", ")} by replacements`, paths },
      };
    }),
  );
};

const transformers = (set: FileSet, body: Kustomization, folder: string, where: string): Mark[] =>
  texts(body.transformers)
    .filter((entry) =>
      /replica|patch|values?add/i.test(entry.includes("\n") ? entry : textOf(set, join(folder, entry))),
    )
    .map(() => ({
      about: () => true,
      override: { kind: "unreadable", reason: `${where} runs transformers, which may set it` },
    }));

/** The text of a file, or of every file that is as deep as a folder. */
const textOf = (set: FileSet, path = "-"): string =>
  set.files.get(path) ??
  [...set.files]
    .filter(([file]) => file.startsWith(`${path}/`))
    .map(([, text]) => text)
    .join("\n");

const contents = (set: FileSet, path = "-"): unknown[] =>
  (set.parsed(path)?.documents ?? []).map((document) => plain(document, document));
