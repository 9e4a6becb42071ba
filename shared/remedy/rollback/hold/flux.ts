import { type Doc, docsOf } from "../../../yaml/manifests.ts";
import { mapAt, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { insertPair, replaceScalar } from "../../../yaml/splice.ts";
import type { Bump } from "../bumps.ts";
import type { Given, UpdateHold } from "./hold.ts";

/** Every ImageUpdateAutomation that writes where the bumps are. */
export const suspendFlux = (bumps: Bump[], { files }: Given): UpdateHold | undefined => {
  const found = new Map<string, string>();
  const stopped: string[] = [];
  for (const [path, text] of files) {
    const automations = docsOf(path, text).filter(
      (doc) => doc.kind === "ImageUpdateAutomation" && writes(doc, bumps),
    );
    if (automations.length > 1) return undefined;
    const [doc] = automations;
    const spec = doc && mapAt(doc.root, "spec");
    if (!doc || !spec) continue;
    if (textAt(spec, "suspend") === "true") continue;
    const written = scalarAt(spec, "suspend");
    const made = written ? replaceScalar(text, written, "true") : insertPair(text, spec, "suspend", "true");
    if (made === undefined || !isSuspended(path, made, doc.id)) return undefined;
    found.set(path, made);
    stopped.push(textAt(doc.root, "metadata", "name") ?? path);
  }
  if (found.size === 0) return undefined;
  return {
    files: found,
    does: `suspends the image update automation ${stopped.join(", ")}, and with it all that it updates`,
  };
};

const writes = ({ root }: Doc, bumps: Bump[]): boolean => {
  const below = (textAt(root, "spec", "update", "path") ?? ".").replace(/^\.?\/*|\/*$/g, "");
  return bumps.some(({ path }) => below === "" || path === below || path.startsWith(`${below}/`));
};
const isSuspended = (path: string, text: string, id: string): boolean =>
  docsOf(path, text).some((doc) => doc.id === id && textAt(doc.root, "spec", "suspend") === "true");
