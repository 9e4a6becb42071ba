import { isBuiltin } from "node:module";
import { posix } from "node:path";
import {
  type CallExpression,
  type ImportDeclaration,
  isCallExpression,
  isExportDeclaration,
  isExternalModuleReference,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isMetaProperty,
  isNamedImports,
  isNewExpression,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  type NewExpression,
  type Node,
  type SourceFile,
  SyntaxKind,
} from "typescript/unstable/ast";
import { walk } from "./syntax.ts";

/** `url` names a file by `new URL` or `join(import.meta.dirname)` and does not import it. */
export type Import = Found & { inside: boolean };
type Found = { kind: "value" | "type" | "url"; to: string; names: string[] };

const everything = ["*"];

/** Every import of a file: of a path `inside` the repository, of `node:NAME` or of a package. */
export const importsOf = (path: string, file: SourceFile): Import[] => {
  const imports: Import[] = [];
  walk(file, (node) => {
    const found = importAt(node);
    if (found) imports.push({ ...found, ...resolve(path, found.to) });
    return true;
  });
  return imports;
};

const importAt = (node: Node): Found | undefined => {
  if (isImportDeclaration(node)) return declaration(node);
  if (isExportDeclaration(node) && node.moduleSpecifier)
    return { kind: node.isTypeOnly ? "type" : "value", to: textOf(node.moduleSpecifier), names: everything };
  if (isExternalModuleReference(node))
    return { kind: "value", to: textOf(node.expression), names: everything };
  if (isImportTypeNode(node)) return { kind: "type", to: textOf(node.argument), names: everything };
  if (isCallExpression(node)) return call(node);
  return isNewExpression(node) ? construction(node) : undefined;
};

const declaration = ({ importClause, moduleSpecifier }: ImportDeclaration): Found => {
  const kind = importClause?.phaseModifier === SyntaxKind.TypeKeyword ? "type" : "value";
  const bindings = importClause?.namedBindings;
  const named = bindings && isNamedImports(bindings) ? bindings.elements.map(importedName) : undefined;
  const names = [...(importClause?.name ? ["default"] : []), ...(named ?? (bindings ? everything : []))];
  return { kind, to: textOf(moduleSpecifier), names };
};

const importedName = ({ propertyName, name }: { propertyName?: { text: string }; name: { text: string } }) =>
  (propertyName ?? name).text;

/** `import(…)`, `require(…)`, `require.resolve(…)`, `import.meta.resolve(…)`, `join(import.meta.dirname, …)`. */
const call = ({ expression, arguments: given }: CallExpression): Found | undefined => {
  const [first, ...rest] = given;
  if (expression.kind === SyntaxKind.ImportKeyword || isNamed(expression, "require"))
    return { kind: "value", to: textOf(first), names: everything };
  if (isPropertyAccessExpression(expression) && expression.name.text === "resolve")
    if (isNamed(expression.expression, "require") || isMetaProperty(expression.expression))
      return { kind: "value", to: textOf(first), names: everything };
  return isMeta(first, "dirname") ? named(rest.map(textOf)) : undefined;
};

/** `new URL("…", import.meta.url)`. */
const construction = ({ expression, arguments: given }: NewExpression): Found | undefined => {
  const [first, base] = given ?? [];
  return isNamed(expression, "URL") && isMeta(base, "url") ? named([textOf(first)]) : undefined;
};

/** A folder and a computed path name no file. */
const named = (steps: string[]): Found | undefined => {
  const to = posix.join(...steps);
  return steps.includes(computed) || posix.extname(to) === ""
    ? undefined
    : { kind: "url", to: `./${to}`, names: [] };
};

const isNamed = (node: Node, name: string): boolean => isIdentifier(node) && node.text === name;

const isMeta = (node: Node | undefined, name: string): boolean =>
  node !== undefined &&
  isPropertyAccessExpression(node) &&
  isMetaProperty(node.expression) &&
  node.name.text === name;

/** Stands for a specifier that is computed. */
export const computed = "?";

const textOf = (node: Node | undefined): string => {
  if (node === undefined) return computed;
  if (isLiteralTypeNode(node)) return textOf(node.literal);
  return isStringLiteral(node) || isNoSubstitutionTemplateLiteral(node) ? node.text : computed;
};

const resolve = (path: string, specifier: string): { to: string; inside: boolean } => {
  if (specifier.startsWith(".")) return { to: posix.join(posix.dirname(path), specifier), inside: true };
  const bare = isBuiltin(specifier) && !specifier.startsWith("node:");
  return { to: bare ? `node:${specifier}` : specifier, inside: false };
};
