import type { run } from "node:test";

type Tests = ReturnType<typeof run>;
type Located = { file?: string | undefined; name: string; nesting: number };

/** Calls `bark` once when the tests say nothing for `silenceMs`, with the names of those that still run. */
export const watchdog = (tests: Tests, silenceMs: number, bark: (message: string) => void): void => {
  const running = new Map<string, Located>();
  const keyOf = ({ file, name, nesting }: Located): string => JSON.stringify([file, name, nesting]);
  const timer = setTimeout(() => {
    const names = [...running.values()].map(({ file, name }) => (file === name ? name : `${file}: ${name}`));
    bark(`No test began or ended for ${silenceMs / 1000} s. Still running:\n  ${names.join("\n  ")}`);
  }, silenceMs);
  tests.on("test:dequeue", (data) => {
    running.set(keyOf(data), data);
    timer.refresh();
  });
  tests.on("test:complete", (data) => {
    running.delete(keyOf(data));
    timer.refresh();
  });
  tests.once("end", () => clearTimeout(timer));
};
