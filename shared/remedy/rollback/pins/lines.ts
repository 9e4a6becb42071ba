import { parseImage, versionOf } from "../image.ts";
import type { Pin } from "./pin.ts";

/** Files that are not YAML and whose lines pin versions: settings, Terraform, jsonnet, CUE, templates. */
const inLines =
  /\.(env|tf|tfvars|hcl|nomad|jsonnet|libsonnet|cue|gotmpl|j2|properties)$|(^|\/)\.env(\.[\w-]+)?$/;
/** Files in which a key `version` alone says a module's or a chart's version. */
const withVersions = /\.(tf|hcl|cue|gotmpl)$/;

export const isInLines = (path: string): boolean => inLines.test(path);

/** A pin on one line: its key, and the part of the line that is the version. */
type Found = { key: string; field: Pin["field"]; name?: string; value: string; from: number; to: number };

/**
 * The versions on the lines of such a file: a whole image reference, a `?ref=`, and a number behind a key such as `IMAGE_TAG`. A line with
 * a template in its value pins nothing. A key that several lines have is told apart by its turn.
 */
export const linePins = (path: string, text: string): Pin[] => {
  const turns = new Map<string, number>();
  let offset = 0;
  let about = "";
  return text.split("\n").flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    about = subject.exec(line.slice(0, maxLine))?.[1] ?? about;
    const found =
      line.length > maxLine || /^\s*(#|\/\/)/.test(line)
        ? undefined
        : (image(line) ?? revision(line) ?? version(path, line, about));
    if (!found) return [];
    const { key, field, name, value, from, to } = found;
    const turn = turns.get(`${key}\0${name}`) ?? 0;
    turns.set(`${key}\0${name}`, turn + 1);
    const pin: Pin = {
      ...{ form: "lines", field, value, range: [start + from, start + to] },
      key: [key, field, name ?? "", String(turn)].join("\0"),
      ...(name !== undefined && { name }),
    };
    return [pin];
  });
};

/** No person writes a version on a longer line. */
const maxLine = 2000;

/** A line that says what the version below it is of: a chart, a source, a module's address. */
const subject =
  /^\s*(?:-\s*)?["']?(?:chart|source|url|module|repository|image)["']?\s*[:=]\s*["']?([^"'\s,{}]+)/i;

const value = /["'`]?([^\s"'`,;]+)/.source;
const pair = new RegExp(
  String.raw`^\s*(?:export\s+|local\s+|-\s*)?["']?([\w.-]+)["']?\s*\+?(?:::?:?|=)\s*${value}`,
);

const image = (line: string): Found | undefined => {
  const [all = "", key = "", written = ""] = pair.exec(line) ?? [];
  if (!/image/i.test(key) || /[{}$]/.test(written)) return undefined;
  const parts = parseImage(written);
  if (!parts || (parts.tag === undefined && parts.digest === undefined)) return undefined;
  const from = all.length - written.length;
  return { key, field: "image", name: parts.name, value: versionOf(parts), from, to: all.length };
};

const revision = (line: string): Found | undefined => {
  const [, before = "", name = "", ref = ""] = /^(.*?["'=\s]([^"'\s=]+[?&]))ref=([\w./-]+)/.exec(line) ?? [];
  if (ref === "" || /[{}$]/.test(name)) return undefined;
  const from = before.length + "ref=".length;
  return {
    key: "ref",
    field: "revision",
    name: name.replace(/[?&]$/, ""),
    value: ref,
    from,
    to: from + ref.length,
  };
};

const versioned = /^v?\d[\w.+-]*$|^(?=[\w.-]*\d)[\w.-]{5,64}$/;

const version = (path: string, line: string, about: string): Found | undefined => {
  const [all = "", key = "", written = ""] = pair.exec(line) ?? [];
  const isNamed = /(^|_|-)(image_?)?(tag|version)$|(image|app|chart)_?(tag|version)$/i.test(key);
  const isAlone = /^version$/i.test(key);
  if (!isNamed || (isAlone && !withVersions.test(path)) || !versioned.test(written)) return undefined;
  const name = isAlone ? about : key;
  if (name === "") return undefined;
  return {
    key,
    field: isAlone ? "version" : "tag",
    name,
    value: written,
    from: all.length - written.length,
    to: all.length,
  };
};
