import type { Diagnosis, FlagSuspect } from "../model.ts";
import { percent } from "../percent.ts";

/** The flag that no change and no remedy is likelier than. */
export const likeliestFlag = ({
  flags: [flag] = [],
  suspects,
  remedies,
}: Diagnosis): FlagSuspect | undefined =>
  flag !== undefined && flag.score >= Math.max(suspects[0]?.score ?? 0, remedies[0]?.score ?? 0)
    ? flag
    : undefined;

/** Why a flag is suspected; turning the likeliest back is the first thing to do, for it takes no deploy. */
export const flagText = (flag: FlagSuspect, diagnosis: Diagnosis): string =>
  flag === likeliestFlag(diagnosis) ? `${flag.reason}: turn it back first` : flag.reason;

/** Why nothing is proposed, behind what is to be done about the likeliest flag. */
export const flagFirst = (diagnosis: Diagnosis, detail: string): string => {
  const flag = likeliestFlag(diagnosis);
  return flag === undefined
    ? detail
    : `${flag.reason} (${percent(flag.score)}): turn it back first; ${detail}`;
};

/** The notes of the diagnosis, without those about flags that are shown anyway. */
export const notesBeside = ({ notes = [], flags = [] }: Pick<Diagnosis, "notes" | "flags">): string[] =>
  notes.filter((note) => flags.every(({ reason }) => reason !== note));
