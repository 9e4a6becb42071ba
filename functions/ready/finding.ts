import { messageOf } from "../../shared/errors.ts";

/**
 * One finding about the setup. `failed`: the first incident would fail on it. `warning`: something is less than it could be. `todo` tells a
 * person the next step.
 */
export type Finding = {
  level: "ok" | "warning" | "failed";
  /** The system or file that it is about, such as `github acme/shop`. */
  about: string;
  text: string;
  todo?: string;
};

export const ok = (about: string, text: string): Finding => ({ level: "ok", about, text });
export const warning = (about: string, text: string, todo: string): Finding => ({
  ...{ level: "warning", about, text, todo },
});
export const failed = (about: string, text: string, todo: string): Finding => ({
  ...{ level: "failed", about, text, todo },
});

/** The findings of a check, or one about the read that failed. */
export const orFailed = async (
  about: string,
  todo: string,
  check: () => Promise<Finding[]>,
): Promise<Finding[]> => {
  try {
    return await check();
  } catch (error) {
    return [failed(about, messageOf(error), todo)];
  }
};

const marks = { ok: "ok     ", warning: "warning", failed: "FAILED " };
/** `ok       github acme/shop: …`, and the next step on a line of its own. */
export const lineOf = ({ level, about, text, todo }: Finding): string =>
  `${marks[level]}  ${about}: ${text}${todo === undefined ? "" : `\n         → ${todo}`}`;
