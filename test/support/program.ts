import { join } from "node:path";

/** The file that runs the command line. */
export const source = join(import.meta.dirname, "../../infra/cli/cli.ts");
/** The same as a bundle that `npm test` makes, for it starts with a third of the work. */
export const program = process.env.TEST_PROGRAM ?? source;
