import {
  isNoSubstitutionTemplateLiteral,
  isRegularExpressionLiteral,
  isStringLiteral,
  isTemplateHead,
  isTemplateMiddle,
  isTemplateTail,
  type Node,
  type SourceFile,
} from "typescript/unstable/ast";
import { walk } from "../structure/syntax.ts";

export type Passage = { line: number; text: string };

/** The comments of a file without their marks; `//` comments on lines that follow each other are one. */
export const commentsOf = (file: SourceFile): Passage[] =>
  [...withoutLiterals(file).matchAll(/(?:\/\/.*(?:\n[ \t]*(?=\/\/))?)+|\/\*[\s\S]*?\*\//g)].map(
    ({ index, 0: { length } }) => ({
      line: file.getLineAndCharacterOfPosition(index).line + 1,
      text: unmarked(file.text.slice(index, index + length)),
    }),
  );

/** Blanks texts and regular expressions: outside of them, `//` and `/*` begin a comment. */
const withoutLiterals = (file: SourceFile): string => {
  const parts: string[] = [];
  let end = 0;
  walk(file, (node) => {
    if (!isLiteral(node)) return true;
    const start = node.getStart(file);
    parts.push(file.text.slice(end, start), " ".repeat(node.end - start));
    end = node.end;
    return true;
  });
  return [...parts, file.text.slice(end)].join("");
};

const isLiteral = (node: Node): boolean =>
  isStringLiteral(node) ||
  isRegularExpressionLiteral(node) ||
  isNoSubstitutionTemplateLiteral(node) ||
  isTemplateHead(node) ||
  isTemplateMiddle(node) ||
  isTemplateTail(node);

const unmarked = (comment: string): string =>
  comment.replace(/^[ \t]*(?:\/\*\*?|\*(?!\/)|\/\/)[ \t]?/gm, "").replace(/\s*\*\/$/, "");
