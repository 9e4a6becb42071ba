import { all } from "./stories/all.ts";

export type { Case, Pair } from "./form.ts";
export { pairOf } from "./pair.ts";

/** The kinds of trouble; the seed modulo their number chooses. */
export const stories: readonly string[] = all.map(({ name }) => name);
