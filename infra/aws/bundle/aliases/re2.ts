import type { RE2JS as Expression } from "re2js";

type Library = { RE2JS: typeof Expression };

let loaded: Library | undefined;

/** RE2, which is a file of its own beside the bundle: few configurations have an expression in a matcher. */
const load = (): Library => require("./re2.cjs");

const library = (): Library => {
  loaded ??= load();
  return loaded;
};

/** Stands in for RE2 until a matcher has an expression. */
export const RE2JS = {
  get DOTALL() {
    return library().RE2JS.DOTALL;
  },
  compile: (pattern: string, flags?: number): Expression => library().RE2JS.compile(pattern, flags),
};
