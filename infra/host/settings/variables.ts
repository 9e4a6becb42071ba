import { z } from "zod";

/** A variable as help and documentation show it. */
export type Variable = { name: string; type: string; preset?: string; description: string };

/** The variables of a schema, in its order. */
export const variablesOf = (schema: z.ZodObject): Variable[] => {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).map(([name, property]) => {
    const { title = "text", description = "", default: preset } = property === true ? {} : property || {};
    return { name, type: title, description, ...(preset === undefined ? {} : { preset: String(preset) }) };
  });
};

/** Help for a terminal: each variable with its default, and what it is for, below it. */
export const helpOf = (schema: z.ZodObject): string =>
  variablesOf(schema)
    .map(({ name, preset, description }) =>
      [`  ${name}${preset === undefined ? "" : ` (${preset})`}`, ...wrap(description, 96)].join("\n      "),
    )
    .join("\n");

const wrap = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};
