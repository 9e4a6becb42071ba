import { YAMLMap } from "yaml";
import { ownValue, recordOf } from "../../../records.ts";
import { plain, type Source } from "../../../yaml/document.ts";
import { isRefused } from "../../../yaml/refused.ts";
import { insideBlock } from "./embedded-block.ts";
import { type FileSet, join } from "./file-set.ts";
import { kinds } from "./kinds.ts";
import { type Kustomization, list, texts } from "./layers.ts";
import type { Rendered } from "./rendered.ts";

type Layer = { body: Kustomization; source: Source };

/**
 * The objects of a base in another repository that the kustomization changes: those that `replicas:` and patches name. Nothing else is known
 * of them.
 */
export const remoteObjects = (
  set: FileSet,
  { body, source }: Layer,
  { folder, root }: { folder: string; root: string },
): Rendered[] => {
  const remote = [...texts(body.resources), ...texts(body.bases)].find(isRemote);
  if (remote === undefined) return [];
  const named = [...patched(set, { body, source }, folder), ...counted(body)];
  const distinct = [...new Map(named.map((one) => [`${one.kind}/${one.name}`, one])).values()];
  return distinct.map(({ kind, name, namespace }) => ({
    written: {
      ...{
        kind,
        name,
        group: ownValue(kinds, kind)?.group ?? "",
        body: { kind, metadata: { name }, spec: {} },
      },
      ...(namespace !== undefined && { namespace }),
      source: { ...source, node: new YAMLMap() },
    },
    ...{ root, remote, names: [name], overrides: [] },
    namespaces: namespace === undefined ? [] : [namespace],
  }));
};

const isRemote = (entry: string): boolean =>
  /^(https?:\/\/|ssh:\/\/|git@|git::|github\.com\/)|\?ref=/.test(entry);

type Named = { kind: string; name: string; namespace?: string };

/** `replicas:` names no kind; most of what it scales is a Deployment. */
const counted = (body: Kustomization): Named[] =>
  list(body.replicas).flatMap((entry) => {
    const { name } = recordOf(entry);
    return typeof name === "string" ? [{ kind: "Deployment", name }] : [];
  });

const patched = (set: FileSet, { body, source }: Layer, folder: string): Named[] =>
  ["patches", "patchesStrategicMerge", "patchesJson6902"].flatMap((field) =>
    list(body[field]).flatMap((entry, at) => {
      const { target, path, patch } = recordOf(entry);
      const { kind, name } = recordOf(target);
      if (typeof kind === "string" && typeof name === "string") return scaled({ kind, metadata: { name } });
      const file = typeof entry === "string" ? entry : path;
      if (typeof file === "string" && !file.includes("\n"))
        return contents(set, join(folder, file)).flatMap(scaled);
      const inside = insideBlock(source, patch === undefined ? [field, at] : [field, at, "patch"]);
      return isRefused(inside) ? [] : inside.flatMap((one) => scaled(bodyOf(one)));
    }),
  );

const bodyOf = ({ node, parsed, document }: Source): unknown => plain(node, parsed.documents[document]!);
const contents = (set: FileSet, path = "-"): unknown[] =>
  (set.parsed(path)?.documents ?? []).map((document) => plain(document, document));

const scaled = (body: unknown): Named[] => {
  const { kind, metadata } = recordOf(body);
  const { name, namespace } = recordOf(metadata);
  if (typeof kind !== "string" || typeof name !== "string" || !Object.hasOwn(kinds, kind)) return [];
  return [{ kind, name, ...(typeof namespace === "string" && { namespace }) }];
};
