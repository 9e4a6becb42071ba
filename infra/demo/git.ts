import { execFile } from "node:child_process";
import { devNull } from "node:os";

const environment = {
  PATH: process.env.PATH ?? "",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: devNull,
  GIT_TERMINAL_PROMPT: "0",
  GIT_COMMITTER_NAME: "GitHub",
  GIT_COMMITTER_EMAIL: "noreply@github.com",
};

/** Runs git in `dir` and returns what it printed, trimmed. Nothing of the user's git configuration applies. */
export const git = (dir: string, args: string[], env: Record<string, string> = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = {
      cwd: dir,
      env: { ...environment, ...env },
      maxBuffer: 64 * 1024 * 1024,
      timeout: 30_000,
    };
    execFile("git", args, options, (error, stdout, stderr) => {
      if (error) return reject(new Error(`git ${args.join(" ")}: ${stderr.trim() || error.message}`));
      resolve(stdout.trim());
    });
  });
