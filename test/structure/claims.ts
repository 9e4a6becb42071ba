import { type SourceFile, SyntaxKind } from "typescript/unstable/ast";
import { walk } from "./syntax.ts";

/** How often a file claims a type that the compiler cannot check: `as`, but for `as const`, and `!`. */
export type Claims = { casts: number; nonNulls: number };

export const claimsOf = (file: SourceFile): Claims => {
  const claims: Claims = { casts: 0, nonNulls: 0 };
  walk(file, (node) => {
    if (node.kind === SyntaxKind.NonNullExpression) claims.nonNulls++;
    if (node.kind === SyntaxKind.AsExpression && !/\bas const$/.test(node.getText(file))) claims.casts++;
    return true;
  });
  return claims;
};
