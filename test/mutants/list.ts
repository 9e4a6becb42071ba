import { acting } from "./bugs/acting.ts";
import { alerts } from "./bugs/alerts.ts";
import { machine } from "./bugs/machine.ts";
import { newest } from "./bugs/newest.ts";
import { outside } from "./bugs/outside.ts";
import { receivers } from "./bugs/receivers.ts";
import { redeploy } from "./bugs/redeploy.ts";
import { storing } from "./bugs/storing.ts";
import { telling } from "./bugs/telling.ts";
import type { Mutant } from "./mutant.ts";

/** Every seeded bug, room by room. */
export const mutants: Mutant[] = [
  ...machine,
  ...alerts,
  ...acting,
  ...receivers,
  ...redeploy,
  ...telling,
  ...storing,
  ...outside,
  ...newest,
];
