import { lineVersion } from "./line-forms.ts";
import type { Pin } from "./pin.ts";

/** Files that are not YAML and whose lines pin versions: settings, Terraform, jsonnet, CUE, templates, recipes of images. */
const inLines =
  /\.(env|tf|tofu|tfvars|hcl|nomad|jsonnet|libsonnet|cue|gotmpl|j2|properties|Dockerfile)$|(^|\/)\.env(\.[\w-]+)?$|(^|\/)(Dockerfile|Containerfile)([.-][\w.-]+)?$/;
/** A lock of Terraform moves with its constraint and holds digests. */
const locked = /(^|\/)\.terraform\.lock\.hcl$/;
const braced = /\.(tf|tofu|tfvars|hcl|nomad|jsonnet|libsonnet|cue)$/;

export const isInLines = (path: string): boolean => inLines.test(path) && !locked.test(path);

/** Whether a file that is not YAML as it stands is a template of it, whose lines are read. */
export const isTemplate = (text: string): boolean => /\{\{|\{%|<%|^\s*#@/m.test(text);

/**
 * The versions on the lines of such a file: a whole image reference, a `?ref=`, and a number behind a key such as `IMAGE_TAG`. A version
 * that is a template pins nothing.
 */
export const linePins = (path: string, text: string): Pin[] => {
  const within = enclosing(braced.test(path));
  let offset = 0;
  return text.split("\n").flatMap((line) => {
    const start = offset;
    offset += line.length + 1;
    if (line.length > maxLine || /^\s*(#|\/\/)/.test(line)) return [];
    const around = within(line);
    const found = lineVersion(path, line, around);
    if (!found) return [];
    const { key, field, name, value, from, to, whole, aside } = found;
    const place = [...around.blocks, key, field].join("\0");
    const pin: Pin = {
      ...{ form: "lines", field, value, range: [start + from, start + to], key: `${place}\0${name ?? ""}` },
      ...(name !== undefined && { name }),
      ...(whole && { place }),
      ...(aside && { aside }),
    };
    return [pin];
  });
};

/** No person writes a version on a longer line. */
const maxLine = 2000;

/** A line that says what the version beside it is of: a chart, a source, a module's address. */
const subject =
  /^\s*(?:-\s*)?["']?(?:chart|source|url|module|repository|image)["']?\s*[:=]\s*["']?([^"'\s,{}]+)/i;

/** The blocks around a line, each as its head, and what their last line with an address says that they are about. */
const enclosing = (isBraced: boolean) => {
  const blocks: string[] = [];
  let about = "";
  return (line: string): { blocks: string[]; about: string } => {
    const code = line.replace(/\s*(#|\/\/\s).*$/, "").trim();
    if (isBraced && /^[}\])]/.test(code)) {
      blocks.pop();
      about = "";
    }
    about = subject.exec(line)?.[1] ?? about;
    const around = { blocks: [...blocks], about };
    if (isBraced && /[{[(]$/.test(code)) {
      blocks.push(code.replace(/\s*[=:]*\s*[{[(]+$/, "").replace(/^[}\])]+[,\s]*/, ""));
      about = "";
    }
    return around;
  };
};
