/** The words that a workflow's input may hold: the commit to deploy, the redeploy's own id, and the environment. */
export const placeholders = ["sha", "id", "environment"] as const;
type Values = Record<(typeof placeholders)[number], string>;

/** The names in braces of a configured input, known or not. */
export const namesIn = (input: string): string[] =>
  [...input.matchAll(/\{(\w*)\}/g)].map(([, name = ""]) => name);

/** The inputs with the values in the place of the words. The values are ours: nothing of an alert is among them. */
export const withValues = (inputs: Record<string, string>, values: Values): Record<string, string> =>
  Object.fromEntries(
    Object.entries(inputs).map(([key, input]) => [
      key,
      input.replace(/\{(sha|id|environment)\}/g, (word, name: string) =>
        name === "sha" || name === "id" || name === "environment" ? values[name] : word,
      ),
    ]),
  );
