import type { Suspect } from "../incident/model.ts";

/** A reason, with its kind where that is known. */
export type Reason = { text: string; kind?: "measured" | "text" };

export const reasonsOf = ({ reasons, kinds = [] }: Pick<Suspect, "reasons" | "kinds">): Reason[] =>
  reasons.map((text, index) => ({ text, ...(kinds[index] && { kind: kinds[index] }) }));

/** The reasons that every suspect has, said once, and for each suspect the ones that set it apart. One suspect shares nothing. */
export const toldOnce = (suspects: Suspect[]): { shared: Reason[]; own: Reason[][] } => {
  const all = suspects.map(reasonsOf);
  const [first = [], ...others] = all;
  const isShared = ({ text }: Reason): boolean =>
    others.length > 0 && others.every((reasons) => reasons.some((one) => one.text === text));
  const shared = first.filter(isShared);
  return { shared, own: all.map((reasons) => reasons.filter((one) => !isShared(one))) };
};
