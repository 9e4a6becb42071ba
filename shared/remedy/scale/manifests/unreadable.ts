import { parseYaml } from "../../../yaml/document.ts";
import type { Files } from "../model.ts";
import { isSimple } from "./fast-path.ts";
import { charts, folderOf, join, within } from "./file-set.ts";

/** The first YAML file that cannot be read, as `file:line: message`. It may contain another value of the target. */
export const broken = (files: Files): string | undefined => {
  const templates = charts(files).map((chart) => join(chart, "templates") ?? "");
  for (const [file, text] of files) {
    if (
      !/\.ya?ml$/i.test(file) ||
      templates.some((folder) => within(folder, folderOf(file))) ||
      isSimple(text)
    )
      continue;
    const wrong = parseYaml(file, text).errors.find(({ code }) => code !== "DUPLICATE_KEY");
    if (wrong && !/\{\{|\{%/.test(text)) return `${file}:${wrong.line}: ${wrong.message}`;
  }
  return undefined;
};
