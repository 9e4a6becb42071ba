import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import { asError } from "../../../shared/errors.ts";
import { skipped } from "../../../shared/remedy/scale/manifests/wanted-files.ts";
import type { Edited } from "../../../shared/remedy/scale/model.ts";
import { unequal } from "../../../shared/remedy/scale/value-edit.ts";

const run = promisify(execFile);
const timeoutMs = 30_000;
const renderers = [
  ["kustomize", "build"],
  ["kubectl", "kustomize"],
] as const;

/**
 * The output of `kustomize build` or `kubectl kustomize` for a folder; undefined where neither is installed. Rejects with its error
 * message.
 */
export const kustomize = async (folder: string): Promise<string | undefined> => {
  for (const [command, ...args] of renderers) {
    try {
      const { stdout } = await run(command, [...args, folder], { timeout: timeoutMs, maxBuffer: 1 << 26 });
      return stdout;
    } catch (error) {
      const absent = error instanceof Error && "code" in error && error.code === "ENOENT";
      if (!absent) throw error;
    }
  }
  return undefined;
};

export type Proof =
  | { rendered: "same but for one field" }
  | { rendered: "not"; why: string }
  | { wrong: string };

/** Renders the kustomization as it is and, in a copy, with the edit: exactly one field of one object may differ. */
export const compareRenders = async (root: string, { rendering, owner, text }: Edited): Promise<Proof> => {
  if (!rendering) return { rendered: "not", why: "no kustomization applies it" };
  const copy = mkdtempSync(join(tmpdir(), "countersteer-render-"));
  try {
    for (const path of rendering.of) copyInto(copy, root, path);
    writeFileSync(join(copy, owner.file), text);
    const [before, after] = await Promise.allSettled(
      [root, copy].map((from) => kustomize(join(from, rendering.root))),
    );
    if (before?.status !== "fulfilled")
      return { rendered: "not", why: `kustomize cannot render it as it is: ${lastLine(before?.reason)}` };
    if (before.value === undefined)
      return { rendered: "not", why: "neither kustomize nor kubectl is installed" };
    if (after?.status !== "fulfilled") return { wrong: `kustomize: ${lastLine(after?.reason)}` };
    return compared(before.value, after.value ?? "");
  } catch (error) {
    return { wrong: `kustomize: ${lastLine(error)}` };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
};

const copyInto = (copy: string, root: string, path: string): void => {
  if (!existsSync(join(root, path)) || (path !== "" && existsSync(join(copy, path)))) return;
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  cpSync(join(root, path), join(copy, path), { recursive: true, filter: (from) => !skipped(basename(from)) });
};

const lastLine = (error: unknown): string => asError(error).message.trim().split("\n").at(-1) ?? "";

const compared = (before: string, after: string): Proof => {
  const values = (text: string) => {
    const all = parseAllDocuments(text);
    return Array.isArray(all) ? all.map((document) => document.toJS()) : [];
  };
  const { length } = unequal(values(before), values(after), []);
  return length === 1
    ? { rendered: "same but for one field" }
    : { wrong: `${length} fields of what kustomize renders would change` };
};
