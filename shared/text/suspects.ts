import type { Suspect } from "../incident/model.ts";

/** A reason, with its kind where that is known. */
export type Reason = { text: string; kind?: "measured" | "text" };

export const reasonsOf = ({ reasons, kinds = [] }: Pick<Suspect, "reasons" | "kinds">): Reason[] =>
  reasons.map((text, index) => ({ text, ...(kinds[index] && { kind: kinds[index] }) }));

/** A reason that the first `of` suspects have, and whose they are in words. */
type Shared = Reason & { of: number; whose: string };

/** A reason that two of many have stays with them. */
const fewest = 3;

/**
 * The reasons that every suspect has, or at least the first three, each said once; and for each suspect the ones that set it apart. One suspect
 * shares nothing.
 */
export const toldOnce = (suspects: Suspect[]): { shared: Shared[]; own: Reason[][] } => {
  const all = suspects.map(reasonsOf);
  const ofFirst = (text: string): number => {
    const without = all.findIndex((reasons) => reasons.every((one) => one.text !== text));
    return without < 0 ? all.length : without;
  };
  const shared = (all[0] ?? []).flatMap((reason) => {
    const of = ofFirst(reason.text);
    const isEach = of === all.length;
    if (of < 2 || (!isEach && of < fewest)) return [];
    return [{ ...reason, of, whose: isEach ? "Each suspect" : `Each of the first ${of}` }];
  });
  const isShared = ({ text }: Reason, index: number): boolean =>
    shared.some((one) => one.text === text && index < one.of);
  return { shared, own: all.map((reasons, index) => reasons.filter((one) => !isShared(one, index))) };
};
