/** The words of a name, however it is written, in lower case. */
export const words = (name: string): string[] =>
  name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .split(/[\s_\-./]+/)
    .filter(Boolean)
    .map((word) => word.toLowerCase());

export const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);
export const pascal = (name: string): string => words(name).map(capital).join("");
export const camel = (name: string): string =>
  words(name)
    .map((word, n) => (n === 0 ? word : capital(word)))
    .join("");
export const snake = (name: string): string => words(name).join("_");
export const kebab = (name: string): string => words(name).join("-");
export const upper = (name: string): string => snake(name).toUpperCase();
