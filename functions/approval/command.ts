/** A command that a person wrote on the pull request. `why` follows a rejection. */
export type PullCommand =
  | { does: "approve" | "hold" | "retry" | "explain" | "unknown" }
  | { does: "reject"; why: string };

const known = ["approve", "hold", "retry", "explain"] as const;

export const readCommand = (text: string): PullCommand => {
  const [, word = "", rest = ""] = /^\/countersteer\s+(\S+)\s*([\s\S]*)$/.exec(text) ?? [];
  if (word === "reject") return { does: "reject", why: rest.trim().slice(0, maxWhy) };
  return { does: known.find((one) => one === word) ?? "unknown" };
};

const maxWhy = 1000;

export const usage =
  "commands are /countersteer approve, /countersteer reject WHY, /countersteer hold, /countersteer retry and /countersteer explain";
