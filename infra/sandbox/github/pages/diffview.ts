import { html } from "hono/html";
import type { Html } from "../../layout.ts";
import type { ChangedFile } from "../git/diff.ts";

/** The number of lines of one file that are drawn. */
const maxLines = 1500;
const kinds: Record<string, string> = { "+": "add", "-": "del", "@": "hunk", "\\": "note" };

/** Changed files with their coloured patches, each foldable. */
export const diffHtml = (files: ChangedFile[]): Html => {
  const total = (of: "additions" | "deletions") => files.reduce((sum, file) => sum + file[of], 0);
  const words = `${files.length} ${files.length === 1 ? "file" : "files"} changed`;
  return html`<h2>${words} ${counts(total("additions"), total("deletions"))}</h2>${files.map(fileHtml)}`;
};

const counts = (additions: number, deletions: number): Html =>
  html`<span class="plus">+${additions}</span> <span class="minus">−${deletions}</span>`;

const fileHtml = (file: ChangedFile): Html => {
  const name = file.previous ? `${file.previous} → ${file.path}` : file.path;
  const kind = file.status === "modified" ? "" : html`<span class="tag">${file.status}</span>`;
  const shown =
    file.patch === undefined ? html`<p class="dim nothing">No text to show.</p>` : patchHtml(file.patch);
  return html`<details class="file" open><summary><code>${name}</code> ${kind} ${counts(file.additions, file.deletions)}</summary>${shown}</details>`;
};

const patchHtml = (patch: string): Html => {
  const lines = patch.split("\n");
  let [old, now] = [0, 0];
  const rows = lines.slice(0, maxLines).map((line) => {
    const kind = kinds[line[0] ?? ""] ?? "same";
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line);
    if (kind === "hunk" && hunk) [old, now] = [Number(hunk[1]), Number(hunk[2])];
    const [left, right] = [kind === "same" || kind === "del", kind === "same" || kind === "add"];
    const row = html`<tr class="${kind}"><td>${left ? old : ""}</td><td>${right ? now : ""}</td><td>${line}</td></tr>`;
    if (left) old += 1;
    if (right) now += 1;
    return row;
  });
  const more =
    lines.length > maxLines ? html`<p class="dim nothing">${lines.length - maxLines} more lines.</p>` : "";
  return html`<div class="scroll" tabindex="0"><table class="diff"><tbody>${rows}</tbody></table></div>${more}`;
};
