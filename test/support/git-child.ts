import { runHere } from "../../infra/sandbox/git.ts";

/** Runs git for the process that started this one, as asked by `runGit`, until that one ends. */
export type Asked = {
  id: number;
  args: string[];
  env: Record<string, string>;
  input: string | Uint8Array | undefined;
};

process.on("message", async ({ id, args, env, input }: Asked) => {
  try {
    process.send?.({ id, ran: await runHere(args, env, input) });
  } catch (error) {
    process.send?.({ id, error });
  }
});
