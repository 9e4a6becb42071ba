/** The breaches that remain. The list only shrinks: the test fails for an entry that is mended. */
export const known = [];
