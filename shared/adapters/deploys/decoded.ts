/** A percent-encoded text as it is meant; one that is not encoded rightly is taken as it is. */
export const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
