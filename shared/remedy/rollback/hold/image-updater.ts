import { docsOf, parseManifests } from "../../../yaml/manifests.ts";
import { mapAt, nodeAt, scalarAt, textAt } from "../../../yaml/nodes.ts";
import { insertPair, replaceScalar } from "../../../yaml/splice.ts";
import type { Bump } from "../bumps.ts";
import type { Given, UpdateHold } from "./hold.ts";

const annotation = "argocd-image-updater.argoproj.io/";

/** The annotation of the one Application that has the image in its list. */
export const ignoreTags = (_: Bump[], { names, files }: Given): UpdateHold | undefined => {
  const [name, another] = names;
  if (name === undefined || another !== undefined) return undefined;
  const owners = [...files].flatMap(([path, text]) =>
    docsOf(path, text).flatMap((doc) => {
      const annotations = doc.kind === "Application" ? mapAt(doc.root, "metadata", "annotations") : undefined;
      const alias = annotations && aliasOf(textAt(annotations, `${annotation}image-list`) ?? "", name);
      return alias === undefined || annotations === undefined
        ? []
        : [{ path, text, annotations, key: `${annotation}${alias}.ignore-tags` }];
    }),
  );
  const [owner, more] = owners;
  if (!owner || more) return undefined;
  const { path, text, annotations, key } = owner;
  const written = scalarAt(annotations, key);
  const made = written
    ? replaceScalar(text, written, '"*"')
    : nodeAt(annotations, key)
      ? undefined
      : insertPair(text, annotations, key, '"*"');
  if (made === undefined || parseManifests(path, made) === undefined) return undefined;
  return { files: new Map([[path, made]]), does: `tells Image Updater to ignore every tag of ${name}` };
};

/** The alias of `alias=name[:constraint]` in an image list; updates of an image without one cannot be told apart. */
const aliasOf = (list: string, name: string): string | undefined =>
  list.split(",").flatMap((entry) => {
    const [, alias, image] = /^\s*([\w-]+)=([^:@\s]+(?::\d+\/[^:@\s]+)?)/.exec(entry) ?? [];
    return image === name && alias !== undefined ? [alias] : [];
  })[0];
