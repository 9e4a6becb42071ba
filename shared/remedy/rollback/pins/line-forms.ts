import { parseImage, versionOf } from "../image.ts";
import { isVersionKey } from "../version-key.ts";
import { fileOfRelease } from "./kubernetes.ts";
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
  released(line) ??
  digest(line, around) ??
  defaulted(line) ??
  constraint(path, line, around) ??
  version(path, line, around);

/** Files in which a key `version` alone says a module's or a chart's version. */
const withVersions = /\.(tf|tofu|hcl|cue|gotmpl|jsonnet|libsonnet)$/;

const value = /["'`]?([^\s"'`,;]+)/.source;
/** CUE writes the keys of one value on its line: `image: tag: "1.2.3"`. */
const pair = new RegExp(
  String.raw`^\s*(?:export\s+|local\s+|ARG\s+|ENV\s+|-\s*)?(?:[\w-]+:\s+(?=["']?[\w.-]+["']?:\s))*["']?([\w.-]+)["']?\s*\+?(?:::?:?|=)\s*${value}`,
);
const template = /[{}$]/;

/** `FROM image:tag AS build`, or `COPY --from=image:tag`, in the recipe of an image. */
const base = (path: string, line: string): Found | undefined => {
  const [all = "", written = ""] =
    /^(?:FROM\s+(?:--platform=\S+\s+)?|COPY\s+(?:--\w+=\S+\s+)*?--from=)(\S+)/i.exec(line) ?? [];
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

/** The address of a file of a release, in a setting: `crds = "https://raw.githubusercontent.com/acme/api/v1.2.3/crds.yaml"`. */
const released = (line: string): Found | undefined => {
  const [, before = "", key = "", url = ""] =
    /^(\s*["']?([\w.-]+)["']?\s*[:=]\s*["'])(https:\/\/[^"'\s]+)["']/.exec(line) ?? [];
  const [, start = "", value = ""] = fileOfRelease.exec(url) ?? [];
  const name = start.replace(/\/releases\/download\/$|\/$/, "");
  const from = before.length + start.length;
  return value === "" ? undefined : { key, field: "revision", name, value, from, to: from + value.length };
};

/** `digest: "sha256:…"` beside the image that it is of. */
const digest = (line: string, { blocks, about }: Around): Found | undefined => {
  const [, before = "", value = ""] =
    /^(\s*(?:[\w-]+:\s+)?["']?digest["']?\s*[:=]\s*["'])(sha256:[\da-f]{64})["']/.exec(line) ?? [];
  const name = about || (blocks.at(-1) ?? "");
  if (value === "" || name === "") return undefined;
  return {
    key: "digest",
    field: "digest",
    name,
    value,
    from: before.length,
    to: before.length + value.length,
  };
};

/** The one text that a template or a function falls back on: `version: '{{ env "V" | default "1.2.3" }}'`, `try(var.v, "1.2.3")`. */
const defaulted = (line: string): Found | undefined => {
  const [, key = "", rest = ""] =
    /^\s*(?:-\s*)?["']?([\w-]*(?:tag|version))["']?\s*(?:[:=])\s*(.*(?:\{\{.*\bdefault\b.*\}\}|\b(?:try|coalesce|lookup)\(.*\)).*)$/i.exec(
      line,
    ) ?? [];
  const said = [...rest.matchAll(/"(v?\d[\w.+-]*\.[\w.+-]*)"/g)];
  const [only, another] = said;
  const value = only?.[1];
  if (only === undefined || value === undefined || another) return undefined;
  const from = line.length - rest.length + only.index + 1;
  const name = /\benv\s+"(\w+)"/.exec(rest)?.[1] ?? key;
  return { key, field: "tag", name, value, from, to: from + value.length };
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
  const isListed = /\.ya?ml$/.test(path) && about !== "";
  if (!isNamed || (isAlone && !withVersions.test(path) && !isListed) || !versioned.test(given))
    return undefined;
  const name = isAlone ? about || headOf(blocks) : key;
  if (name === "") return undefined;
  return {
    ...{ key, field: isAlone ? "version" : "tag", name, value: given },
    ...{ from: all.length - given.length, to: all.length },
  };
};

/** The variable whose block is around a line: `variable "VERSION" {`. */
/** The head of the nearest named block: a map of a provider in Terraform, of a component in jsonnet. */
const headOf = (blocks: string[]): string => blocks.findLast((head) => /[A-Za-z]/.test(head)) ?? "";

const variableOf = (blocks: string[]): string => /^variable\s+"([^"]+)"/.exec(blocks.at(-1) ?? "")?.[1] ?? "";
