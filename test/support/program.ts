import { join } from "node:path";

/** The file that runs the command line: a bundle that `npm test` makes, for it starts with a third of the work, or else the source. */
export const program = process.env.TEST_PROGRAM ?? join(import.meta.dirname, "../../infra/cli/cli.ts");
