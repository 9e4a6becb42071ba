/** A port that a rehearsal of a decision never calls. */
export const uncalled = <Port extends object>(): Port => ({}) as Port;
