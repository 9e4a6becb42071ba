/**
 * Characters that a screen obeys instead of showing: controls but for tabs and line ends, marks that turn the direction of text or
 * hide in it, and tags. Joiners of scripts and emoji stay as they are.
 */
const obeyed =
  /\r(?!\n)|[^\P{Cc}\t\n\r]|[\u00ad\u061c\u180e\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** The text with such characters as escapes that people see, `\u202e`. They are those of JSON too, so JSON stays the same JSON. */
export const visible = (text: string): string =>
  text.replace(obeyed, (character) =>
    Array.from({ length: character.length }, (_, place) => escaped(character.charCodeAt(place))).join(""),
  );

const escaped = (unit: number): string => `\\u${unit.toString(16).padStart(4, "0")}`;
