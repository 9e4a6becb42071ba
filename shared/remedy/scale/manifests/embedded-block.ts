import { type Parsed, parseYaml, type Source } from "../../../yaml/document.ts";
import { type Found, locate, locationOf, type Step } from "../../../yaml/locate.ts";
import { maskedTemplates } from "../../../yaml/masked-templates.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import { unindented } from "../../../yaml/unindented.ts";

/**
 * The YAML inside a literal block (`patch: |-`), one source a document of it, its text such that every offset is known in the file around
 * it. Refuses a folded block, a quoted string and one whose lines cannot be told one for one.
 */
export const insideBlock = (source: Source, steps: Step[]): Source[] | Refused => {
  const found = locate(source, steps);
  if ("refused" in found) return found;
  if ("absent" in found) return [];
  return insideScalar(found);
};

/** The same for a scalar that is found already. */
export const insideScalar = (found: Found): Source[] | Refused => {
  const { scalar, source } = found;
  if (scalar.type !== "BLOCK_LITERAL")
    return refuse(`${locationOf(source, scalar)} is YAML in a string that is no literal block (|)`);
  const inner = unindented(source.parsed.text, scalar.range ?? [0, 0, 0]);
  if (inner.text.replace(/\r\n/g, "\n").trimEnd() !== String(scalar.value).trimEnd())
    return refuse(`${locationOf(source, scalar)} is a block whose lines cannot be told one for one`);
  const parsed = parseAround(source.parsed.file, inner.text);
  const inside = { source: { ...source, keys: found.keys, node: scalar }, outer: inner.outer };
  const [wrong] = parsed.errors;
  if (wrong) return refuse(`${locationOf(source, scalar)} holds what is not YAML: ${wrong.message}`);
  return parsed.documents.map((document, index) => ({
    ...{ parsed, document: index, keys: [], node: document.contents, inside },
  }));
};

/** The YAML around the templates of a text that is not YAML with them. A value that is a template itself stays one. */
const parseAround = (file: string, text: string): Parsed => {
  const parsed = parseYaml(file, text);
  const masked = parsed.errors.length > 0 && text.includes("{{") ? maskedTemplates(text) : undefined;
  return masked === undefined ? parsed : { ...parseYaml(file, masked), text };
};
