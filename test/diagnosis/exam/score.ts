import type { Case } from "../../../shared/diagnosis/model.ts";
import { verdictOn } from "../../../shared/diagnosis/rank.ts";
import { examined, size } from "./make.ts";
import type { Half } from "./world.ts";

/** An incident and who is guilty of it; undefined: nobody. */
type Incident = { story: string; given: Case; culprit: string | undefined };
/**
 * How it is told. `right`: the guilty commit is likelier than every other and than none, or none is likeliest when
 * nobody is guilty. `convicted`: an innocent commit gets .7 or more.
 */
export type Mark = { story: string; guilty: boolean; right: boolean; convicted: boolean };

export const mark = ({ story, given, culprit }: Incident): Mark => {
  const { ranked, noSuspect: none } = verdictOn(given).verdict;
  const first = ranked[0]!;
  const named = first.commit.sha === culprit;
  const guilty = culprit !== undefined;
  return {
    ...{ story, guilty },
    right: guilty ? named && first.p > none : none > first.p,
    convicted: !named && first.p >= 0.7,
  };
};

export const marks = (half: Half): Mark[] =>
  Array.from({ length: size }, (_, number) => {
    const { story, read, culprit } = examined(half, number);
    return mark({ story, given: read.given, culprit });
  });
