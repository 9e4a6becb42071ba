/** Commit ids that a tag may carry: 7 to 40 hexadecimal digits between separators, after `sha` or git-describe's `g`. The likeliest first. */
export const shasIn = (tag: string): string[] => {
  const parts = tag.split(/[-_.+]/);
  const found = parts.flatMap((part) => /^(?:sha|git|g)?([0-9a-f]{7,40})$/.exec(part)?.[1] ?? []);
  const [whole, short] = [found.filter(isWhole), found.filter((one) => !isWhole(one))];
  // A date or a time has the shape of a short id, but hardly ever a letter.
  const worded = short.filter((one) => /[a-f]/.test(one));
  const numbers = short.filter((one) => !/[a-f]/.test(one));
  return [...new Set([...whole, ...worded.toReversed(), ...numbers])].slice(0, most);
};
const isWhole = (sha: string): boolean => sha.length === 40;
const most = 3;

/** The git tags that an image's tag or a chart's version is named after. */
export const gitTagsOf = (version: string): string[] => {
  if (!/^[\w.+-]{1,128}$/.test(version) || /^latest$/i.test(version)) return [];
  if (/^v\d/.test(version)) return [version, version.slice(1)];
  return /^\d/.test(version) ? [`v${version}`, version] : [version];
};
