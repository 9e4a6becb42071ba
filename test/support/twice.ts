import fc from "fast-check";

/** Up to `maxLength` items as they are, and each of them twice in any order. */
export const twiceInAnyOrder = <Item>(
  item: fc.Arbitrary<Item>,
  maxLength: number,
): fc.Arbitrary<[Item[], Item[]]> =>
  fc
    .array(item, { minLength: 1, maxLength })
    .chain((items) =>
      fc.tuple(
        fc.constant(items),
        fc.shuffledSubarray([...items, ...items], { minLength: items.length * 2 }),
      ),
    );
