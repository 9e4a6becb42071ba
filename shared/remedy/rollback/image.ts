import type { Image } from "../../ports/registry.ts";

const host =
  "(?:localhost|[a-z\\d](?:[a-z\\d-]*[a-z\\d])?(?:\\.[a-z\\d](?:[a-z\\d-]*[a-z\\d])?)*)(?::\\d{1,5})?";
const part = "[a-z\\d]+(?:(?:\\.|_|__|-+)[a-z\\d]+)*";
const namePattern = `(?:${host}/)?${part}(?:/${part})*`;
const tagPattern = "\\w[\\w.-]{0,127}";
const digestPattern = "sha256:[\\da-f]{64}|sha512:[\\da-f]{128}";
const reference = new RegExp(`^(${namePattern})(?::(${tagPattern}))?(?:@(${digestPattern}))?$`);
const version = new RegExp(`^(?:(${tagPattern}))?(?:(?:^|@)(${digestPattern}))?$`);
const maxLength = 512;

/** The parts of `name[:tag][@digest]`, or undefined for what is none. */
export const parseImage = (text: string): Image | undefined => {
  const found = text.length > maxLength ? null : reference.exec(text);
  if (!found) return undefined;
  const [, name = "", tag, digest] = found;
  return { name, ...(tag && { tag }), ...(digest && { digest }) };
};

export const isImageName = (text: string): boolean => {
  const image = parseImage(text);
  return image?.name === text;
};

/** Reads the part after the image's name: `tag`, `digest`, or `tag@digest`. */
export const parseVersion = (text: string): Pick<Image, "tag" | "digest"> | undefined => {
  const found = text === "" || text.length > maxLength ? null : version.exec(text);
  if (!found) return undefined;
  const [, tag, digest] = found;
  return { ...(tag && { tag }), ...(digest && { digest }) };
};

/** The same written again. */
export const versionOf = ({ tag, digest }: Pick<Image, "tag" | "digest">): string =>
  [tag, digest].filter((part) => part !== undefined).join("@");
