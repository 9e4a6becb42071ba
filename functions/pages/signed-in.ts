import { everybody } from "../login/access.ts";
import type { Sight } from "../login/guard.ts";

/** The name of a reader who signed in, for the page's head. */
export const signedIn = ({ reader }: Pick<Sight, "reader">): { reader?: string } =>
  reader === everybody ? {} : { reader: reader.name };
