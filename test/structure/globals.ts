import {
  type Identifier,
  isBinaryExpression,
  isBindingElement,
  isElementAccessExpression,
  isExpressionWithTypeArguments,
  isHeritageClause,
  isIdentifier,
  isInterfaceDeclaration,
  isMetaProperty,
  isNewExpression,
  isPropertyAccessExpression,
  isShorthandPropertyAssignment,
  isSpreadElement,
  isStringLiteral,
  isTypeNode,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import type { Checker } from "typescript/unstable/sync";
import { walk } from "./syntax.ts";

/** A use of a global; its form is `Date`, `Date.now`, `new Date()`, `new Date(…)` or `instanceof Date`. */
export type Global = { name: string; form: string };

/** The globals that a file uses as values, `import.meta` among them. */
export const globalsOf = (file: SourceFile, checker: Checker): Global[] => {
  const uses: Global[] = [];
  const identifiers: Identifier[] = [];
  walk(file, (node) => {
    if (isMetaProperty(node)) uses.push({ name: "import.meta", form: memberOf("import.meta", node) });
    if (isIdentifier(node) && !isKey(node)) identifiers.push(node);
    return !isType(node);
  });
  const symbols = checker.getSymbolAtLocation(identifiers);
  for (const [index, identifier] of identifiers.entries()) {
    const symbol = isShorthandPropertyAssignment(identifier.parent)
      ? checker.getShorthandAssignmentValueSymbol(identifier.parent)
      : symbols[index];
    if (!symbol?.declarations.length) uses.push({ name: identifier.text, form: formOf(identifier) });
  }
  return uses;
};

/** A class may extend a value; every other type says nothing about what runs. */
const isType = (node: Node): boolean => {
  if (isInterfaceDeclaration(node)) return true;
  if (!isExpressionWithTypeArguments(node)) return isTypeNode(node);
  return isHeritageClause(node.parent) && node.parent.token === SyntaxKind.ImplementsKeyword;
};

/** The name of a member, a property or a label: it refers to nothing in scope. */
const isKey = (identifier: Identifier): boolean => {
  const { parent } = identifier;
  if (isShorthandPropertyAssignment(parent)) return false;
  if (isBindingElement(parent)) return parent.propertyName === identifier;
  return (
    ("name" in parent && parent.name === identifier) ||
    ("propertyName" in parent && parent.propertyName === identifier) ||
    ("label" in parent && parent.label === identifier)
  );
};

const formOf = (identifier: Identifier): string => {
  const { parent, text } = identifier;
  if (isNewExpression(parent) && parent.expression === identifier) {
    const [first] = parent.arguments ?? [];
    return first === undefined || isSpreadElement(first) ? `new ${text}()` : `new ${text}(…)`;
  }
  if (isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.InstanceOfKeyword)
    return parent.right === identifier ? `instanceof ${text}` : text;
  return memberOf(text, identifier);
};

const memberOf = (text: string, node: Node): string => {
  const { parent } = node;
  if (isPropertyAccessExpression(parent) && parent.expression === node) return `${text}.${parent.name.text}`;
  if (isElementAccessExpression(parent) && parent.expression === node && parent.argumentExpression)
    if (isStringLiteral(parent.argumentExpression)) return `${text}.${parent.argumentExpression.text}`;
  return text;
};
