/**
 * The text with each template (`{{ … }}`) as a word of as many letters, and a line of templates alone as a comment, so that the YAML around
 * them can be read. Undefined where one goes over several lines.
 */
export const maskedTemplates = (text: string): string | undefined => {
  const lines = text.split("\n").map((line) => {
    const alone = /^(\s*)(?:\{\{[^{}]*\}\}\s*)+$/.exec(line);
    if (alone) return `${alone[1]}#${" ".repeat(Math.max(0, line.trimStart().length - 1))}`;
    return line.replace(/\{\{[^{}]*\}\}/g, (template) => "x".repeat(template.length));
  });
  const masked = lines.join("\n");
  return /\{\{|\}\}/.test(masked) ? undefined : masked;
};
