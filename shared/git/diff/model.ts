/** One place where two files differ: `removed` lines of the first at `from`, `added` lines of the second at `to`. */
export type Hunk = { from: number; removed: number; to: number; added: number };

/** Files as lists of line numbers in one table: equal lines have equal numbers below `symbols`. */
export type Lines = Int32Array;
