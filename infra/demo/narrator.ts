import { clock } from "../../shared/text/format.ts";

/** Tells the story on a terminal: the time in UTC, a sentence, and details under it. */
export type Narrator = {
  say(sentence: string, ...details: string[]): void;
  /** A sentence that ends well or badly, or asks for something. */
  mark(kind: "good" | "bad" | "ask", sentence: string, ...details: string[]): void;
  plain(...lines: string[]): void;
};

const colours = { good: 32, bad: 31, ask: 33, quiet: 2, strong: 1 } as const;
type Out = { isTTY?: boolean; write(text: string): unknown };

/** Colours only for a terminal, and not where NO_COLOR (https://no-color.org) is set. */
export const createNarrator = (
  out: Out,
  { NO_COLOR, TERM }: Record<string, string | undefined>,
  now: () => number = Date.now,
): Narrator => {
  const coloured = out.isTTY === true && !NO_COLOR && TERM !== "dumb";
  const paint = (text: string, colour: keyof typeof colours) =>
    coloured ? `\x1b[${colours[colour]}m${text}\x1b[0m` : text;
  const line = (sentence: string, details: string[], colour?: keyof typeof colours) => {
    const safe = printable(sentence);
    out.write(`${paint(clock(now()), "quiet")}  ${colour ? paint(safe, colour) : safe}\n`);
    for (const detail of details) out.write(`          ${paint(printable(detail), "quiet")}\n`);
  };
  return {
    say: (sentence, ...details) => line(sentence, details),
    mark: (kind, sentence, ...details) => line(sentence, details, kind),
    plain: (...lines) => {
      for (const one of lines) out.write(`${printable(one)}\n`);
    },
  };
};

/** The text without characters that a terminal would obey. */
const printable = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
