import { parseImage, versionOf } from "../image.ts";
import { isVersionKey } from "../version-key.ts";
import type { Pin } from "./pin.ts";

/** A version on one line: its key, and the part of the line that says it. `whole`: the part is a whole image reference. */
type Found = {
  key: string;
  field: Pin["field"];
  name?: string;
  value: string;
  from: number;
  to: number;
  whole?: boolean;
  aside?: true;
};
type Around = { blocks: string[]; about: string };

/** The version that a line pins, in the first form that knows it. */
export const lineVersion = (path: string, line: string, around: Around): Found | undefined =>
  base(path, line) ??
  image(line, around) ??
  templatedImage(line) ??
  revision(line) ??
  constraint(path, line, around) ??
  version(path, line, around);

/** Files in which a key `version` alone says a module's or a chart's version. */
const withVersions = /\.(tf|tofu|hcl|cue|gotmpl)$/;

const value = /["'`]?([^\s"'`,;]+)/.source;
/** CUE writes the keys of one value on its line: `image: tag: "1.2.3"`. */
const pair = new RegExp(
  String.raw`^\s*(?:export\s+|local\s+|ARG\s+|ENV\s+|-\s*)?(?:[\w-]+:\s+(?=["']?[\w.-]+["']?:\s))*["']?([\w.-]+)["']?\s*\+?(?:::?:?|=)\s*${value}`,
);
const template = /[{}$]/;

/** `FROM image:tag AS build` in the recipe of an image. */
const base = (path: string, line: string): Found | undefined => {
  const [all = "", written = ""] = /^FROM\s+(?:--platform=\S+\s+)?(\S+)/i.exec(line) ?? [];
  return /(^|[/.])(Dockerfile|Containerfile)\b/.test(path) && written !== "" && !template.test(written)
    ? asideOf(reference("FROM", written, all.length))
    : undefined;
};

const asideOf = (found: Found | undefined): Found | undefined => found && { ...found, aside: true };

const reference = (key: string, written: string, to: number): Found | undefined => {
  const parts = parseImage(written);
  if (!parts || (parts.tag === undefined && parts.digest === undefined)) return undefined;
  const from = to - written.length;
  return { key, field: "image", name: parts.name, value: versionOf(parts), from, to, whole: true };
};

const image = (line: string, { blocks }: Around): Found | undefined => {
  const [all = "", key = "", written = ""] = pair.exec(line) ?? [];
  const isImage = /image/i.test(key) || (key === "default" && /image/i.test(variableOf(blocks)));
  return isImage && !template.test(written) ? reference(key, written, all.length) : undefined;
};

/** A tag or digest behind a name that is a template: `image: registry/{{ flavor }}:v1.2.3`. */
const templatedImage = (line: string): Found | undefined => {
  const [, before = "", key = "", name = "", tag = ""] =
    /^(\s*(?:-\s*)?["']?(\w*image)["']?\s*[:=]\s*["']?((?:[^\s"'{}$]|\$?\{+[^{}]*\}+)*\}):)([\w.-]*\d[\w.-]*(?:@sha256:[\da-f]{64})?)["']?,?\s*$/i.exec(
      line,
    ) ?? [];
  if (tag === "") return undefined;
  return { key, field: "tag", name, value: tag, from: before.length, to: before.length + tag.length };
};

const revision = (line: string): Found | undefined => {
  const [, before = "", name = "", ref = ""] =
    /^(.*?["'=\s]((?:[^"'\s=$]|\$\{[^}]*\})+[?&]))ref=([\w./-]+)(?!\$)/.exec(line) ?? [];
  if (ref === "") return undefined;
  const from = before.length + "ref=".length;
  return {
    ...{ key: "ref", field: "revision", name: name.replace(/[?&]$/, ""), value: ref },
    ...{ from, to: from + ref.length },
  };
};

/** Versions that a module or a provider of Terraform may have: `version = "~> 7.44.0"`, also in a map on one line. */
const constraint = (path: string, line: string, { blocks, about }: Around): Found | undefined => {
  const [, before = "", key = "", range = ""] =
    /^(.*?(?:^|[\s{,])((?:required_)?version|default)\s*=\s*")([~><=!\s\dv.,+\w-]*\d[^"$]*)"/.exec(line) ??
    [];
  if (!/\.(tf|tofu)$/.test(path) || range === "" || !/[~><=!]/.test(range)) return undefined;
  if (key === "default" && !isVersionKey(variableOf(blocks))) return undefined;
  const source = /source\s*=\s*"([^"]+)"/.exec(line)?.[1] ?? about;
  const names = { version: source || (blocks.at(-1) ?? ""), default: variableOf(blocks) };
  const name = key === "version" || key === "default" ? names[key] : "terraform";
  return {
    ...{
      key: `${key} ${/^\s*([\w-]+)\s*=\s*\{/.exec(line)?.[1] ?? ""}`,
      field: "version",
      name,
      value: range,
    },
    ...{ from: before.length, to: before.length + range.length, aside: true },
  };
};

const versioned = /^v?\d[\w.+-]*$|^(?=[\w.-]*\d)[\w.-]{5,64}$/;

const version = (path: string, line: string, { blocks, about }: Around): Found | undefined => {
  const [all = "", written, given = ""] = pair.exec(line) ?? [];
  const label = written === "default" ? variableOf(blocks) : "";
  const key = label === "" ? (written ?? "") : label;
  const isAlone = /^version$/i.test(key) && label === "";
  const isNamed = /^(image_?)?(tag|version)$/i.test(key) || isVersionKey(key) || /_VERSION$/i.test(key);
  if (!isNamed || (isAlone && !withVersions.test(path)) || !versioned.test(given)) return undefined;
  const name = isAlone ? about : key;
  if (name === "") return undefined;
  return {
    ...{ key, field: isAlone ? "version" : "tag", name, value: given },
    ...{ from: all.length - given.length, to: all.length },
  };
};

/** The variable whose block is around a line: `variable "VERSION" {`. */
const variableOf = (blocks: string[]): string => /^variable\s+"([^"]+)"/.exec(blocks.at(-1) ?? "")?.[1] ?? "";
