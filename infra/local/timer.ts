/** Does `work` once after `ms`; the result cancels it. */
export type Timer = (ms: number, work: () => void) => () => void;

/** It does not keep the process from ending. */
export const realTimer: Timer = (ms, work) => {
  const timer = setTimeout(work, ms).unref();
  return () => clearTimeout(timer);
};
