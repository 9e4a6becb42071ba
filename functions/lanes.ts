/** Works through the items in their order, so many side by side, and begins none once it is over. `work` must not reject. */
export const inLanes = async <T>(
  items: T[],
  { lanes, isOver, work }: { lanes: number; isOver: () => boolean; work: (item: T) => Promise<void> },
): Promise<{ left: number }> => {
  const waiting = items.values();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < items.length && !isOver()) {
      begun += 1;
      const { value } = waiting.next();
      if (value !== undefined) await work(value);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return { left: items.length - begun };
};
