/** One disturbance, the answer of the loop to it, and whether that is right. `isRight` is absent for one that was not tried. */
export type Row = { disturbance: string; did: string; isRight?: boolean };

/** The rows as a table for a terminal. */
export const tableOf = (rows: Row[]): string[] => {
  const width = Math.max(...rows.map(({ disturbance }) => disturbance.length));
  return rows.map(({ disturbance, did, isRight }) => {
    const mark = isRight === undefined ? "-" : isRight ? "✓" : "✗";
    return `${mark} ${disturbance.padEnd(width)}  ${did}`;
  });
};

export const allRight = (rows: Row[]): boolean => rows.every(({ isRight }) => isRight !== false);
