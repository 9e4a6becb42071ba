declare const encoded: unique symbol;
/** A branch name that git accepts. Only `refName` makes one. */
export type RefName = string & { readonly [encoded]: "ref" };

const maxLength = 200;

/** A branch name from any text: every character that git could refuse (git-check-ref-format) becomes a dash. */
export const refName = (text: string): RefName => {
  const whole = text.split("/").map(encodePart).join("/");
  // The cut may have made another end.
  const cut = whole.slice(0, maxLength).split("/");
  return [...cut.slice(0, -1), encodePart(cut.at(-1) ?? "")].join("/") as RefName;
};

const encodePart = (part: string): string =>
  part
    .replace(/[^\w.-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[.-]+|[.-]+$/g, "")
    .replace(/\.lock$/i, "-lock") || "x";

/** The branch of that name, or the one with a number where an earlier pull request from it is over. */
export const numbered = (root: RefName, number: number): RefName =>
  number === 1 ? root : refName(`${root}-${number}`);
