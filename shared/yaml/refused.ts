/** Why nothing is changed, as one sentence; the owner where it was found. `usage`: the request can never be served. */
export type Refused = { refused: string; owner?: Owner; usage?: true };

export const refuse = (refused: string, owner?: Owner): Refused => ({
  refused,
  ...(owner !== undefined && { owner }),
});

export const isRefused = (value: unknown): value is Refused =>
  typeof value === "object" && value !== null && "refused" in value;

/** The owner of the scale: its value stands at `path` in `file` at `line`. */
export type Owner = { kind: string; name: string; file: string; line: number; path: string };
