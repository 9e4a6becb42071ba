/** The words of a text as a reader counts them: a sign such as % is one, a dot between words is none. */
export const wordsIn = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}%]/u.test(word)).length;
