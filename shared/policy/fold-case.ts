/** Names as GitHub and mail systems compare them. Only ASCII letters: “K” (U+212A) is not “k”. */
export const foldCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
