import type { ListedChange } from "../../git/model.ts";
import { list } from "../../text/format.ts";
import { classesOf } from "../classes.ts";

/** Files whose changed lines tell of a schema that others read: messages, tables, queries. */
const schemas = [
  { path: /\.proto$/, line: /^[-+]\s*((optional|repeated|required)\s+)?[\w.]+\s+\w+\s*=\s*\d+\s*[;[]/ },
  { path: /\.prisma$/, line: /^[-+]\s*(model\s|enum\s|\w+\s+\w+)/ },
  { path: /\.(graphqls?|gql)$/, line: /^[-+]\s*(type|input|enum|interface|union|\w+\s*(\(.*\))?\s*:)/ },
  { path: /\.avsc$/, line: /^[-+].*"(name|type|default)"\s*:/ },
];
/** Files whose lines must be seen before they can be told from a migration or a schema. */
const telling = /\.(sql|rb|py|ts|js|java|kt|go|php|proto|prisma|graphqls?|gql|avsc)$/;

/**
 * Why the deploy before these changes may not fit what they left behind, as sentences; none when nothing speaks against putting it back. Lines
 * decide, not names. Undefined: they could not all be listed.
 */
export const inBetween = (changes: ListedChange[] | undefined): string[] => {
  if (changes === undefined) return ["the changes in between could not all be read"];
  const found = changes.map((file) => ({ file, kinds: kindsOf(file) }));
  const pathsOf = (kind: string) =>
    found.flatMap(({ file, kinds }) => (kinds.includes(kind) ? [file.path] : []));
  const unread = changes.filter(
    ({ path, patch, status }) => patch === undefined && status !== "renamed" && telling.test(path),
  );
  return [
    ...sentence("a migration lies in between", pathsOf("migration")),
    ...sentence("a schema changed in between", pathsOf("schema")),
    ...sentence("a flag changed in between", pathsOf("flag")),
    ...sentence(
      "the lines changed in between are not known",
      unread.map(({ path }) => path),
    ),
  ];
};

const kindsOf = (file: ListedChange): string[] => {
  const lines = (file.patch ?? "").split("\n");
  const isSchema = schemas.some(
    ({ path, line }) => path.test(file.path) && lines.some((one) => line.test(one)),
  );
  return [...classesOf([file]), ...(isSchema ? ["schema"] : [])];
};

const sentence = (what: string, paths: string[]): string[] =>
  paths.length === 0 ? [] : [`${what} (${list(paths)})`];
