import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import { appendItem, insertPair, replaceScalar } from "../../yaml/splice.ts";
import type { BotKind } from "./bot.ts";
import type { Bump } from "./bumps.ts";
import { type Doc, mapAt, mapsAt, nodeAt, parseYaml, scalarAt, textAt } from "./yaml.ts";

/** Keeps a bot from raising a version again: the new texts by path, what they do, and how the hold is lifted. */
export type Hold = { files: Map<string, string>; does: string };
/** Files of the repository by path, as far as they may tell a bot what to do. */
export type Files = Map<string, string>;

/** Where a bot is told what to do, among the paths of a repository. The likeliest first. */
export function holdPaths(kind: BotKind, paths: string[], bumps: Bump[]): string[] {
  const near = new Set(bumps.map(({ path }) => path.split("/")[0]!));
  const yaml = /\.ya?ml$/;
  const wanted: Record<BotKind, (path: string) => boolean> = {
    renovate: (path) => renovateFiles.includes(path),
    dependabot: (path) => /^\.github\/dependabot\.ya?ml$/.test(path),
    flux: (path) => yaml.test(path) && /image|automation|flux-system|gotk/i.test(path),
    "image-updater": (path) =>
      yaml.test(path) && /app|argo|image/i.test(path) && !/\.argocd-source/.test(path),
    "jenkins-x": () => false,
  };
  const score = (path: string) => Number(!near.has(path.split("/")[0]!)) + path.split("/").length / 100;
  return paths
    .filter(wanted[kind])
    .sort((a, b) => score(a) - score(b))
    .slice(0, maxRead);
}
const maxRead = 40;
const renovateFiles = [
  "renovate.json",
  ".github/renovate.json",
  ".gitlab/renovate.json",
  ".renovaterc.json",
  ".renovaterc",
];

/** The hold as an edit of the bot's own settings, or what a person has to do where that is no edit to be sure of. */
export function holdOf(kind: BotKind, bumps: Bump[], files: Files): Hold | { person: string } {
  const names = [...new Set(bumps.flatMap(({ name }) => name ?? []))];
  const what = names.join(", ") || "this version";
  const made = holds[kind](bumps, { names, files });
  return made ?? { person: byHand[kind](what) };
}

type Given = { names: string[]; files: Files };
const holds: Record<BotKind, (bumps: Bump[], given: Given) => Hold | undefined> = {
  flux: suspendFlux,
  "image-updater": ignoreTags,
  renovate: ignoreDeps,
  dependabot: ignoreDependency,
  "jenkins-x": () => undefined,
};

const byHand: Record<BotKind, (what: string) => string> = {
  flux: () => "suspend it: flux suspend image update NAME",
  "image-updater": (what) =>
    `tell it to ignore the tags of ${what} (ignoreTags of its ImageUpdater, or the application's annotation)`,
  renovate: (what) => `add ${what} to its ignoreDeps`,
  dependabot: (what) => `add ${what} to the ignore list of .github/dependabot.yml`,
  "jenkins-x": (what) => `label the next promotion of ${what} do-not-merge/hold`,
};

/** Every ImageUpdateAutomation that writes where the bumps are. */
function suspendFlux(bumps: Bump[], { files }: Given): Hold | undefined {
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
}

const writes = ({ root }: Doc, bumps: Bump[]): boolean => {
  const below = (textAt(root, "spec", "update", "path") ?? ".").replace(/^\.?\/*|\/*$/g, "");
  return bumps.some(({ path }) => below === "" || path === below || path.startsWith(`${below}/`));
};
const isSuspended = (path: string, text: string, id: string): boolean =>
  docsOf(path, text).some((doc) => doc.id === id && textAt(doc.root, "spec", "suspend") === "true");

const annotation = "argocd-image-updater.argoproj.io/";

/** The annotation of the one Application that has the image in its list. */
function ignoreTags(_: Bump[], { names, files }: Given): Hold | undefined {
  const [name, another] = names;
  if (name === undefined || another !== undefined) return undefined;
  const owners = [...files].flatMap(([path, text]) =>
    docsOf(path, text).flatMap((doc) => {
      const annotations = doc.kind === "Application" ? mapAt(doc.root, "metadata", "annotations") : undefined;
      const alias = annotations && aliasOf(textAt(annotations, `${annotation}image-list`) ?? "", name);
      return alias === undefined
        ? []
        : [{ path, text, annotations: annotations!, key: `${annotation}${alias}.ignore-tags` }];
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
  if (made === undefined || parseYaml(path, made) === undefined) return undefined;
  return { files: new Map([[path, made]]), does: `tells Image Updater to ignore every tag of ${name}` };
}

/** The alias of `alias=name[:constraint]` in an image list; updates of an image without one cannot be told apart. */
const aliasOf = (list: string, name: string): string | undefined =>
  list.split(",").flatMap((entry) => {
    const [, alias, image] = /^\s*([\w-]+)=([^:@\s]+(?::\d+\/[^:@\s]+)?)/.exec(entry) ?? [];
    return image === name && alias !== undefined ? [alias] : [];
  })[0];

function ignoreDeps(_: Bump[], { names, files }: Given): Hold | undefined {
  const [path, text] = [...files][0] ?? [];
  if (path === undefined || text === undefined || names.length === 0 || !isJson(text)) return undefined;
  const { contents } = parseDocument(text, { schema: "failsafe" });
  if (!isMap(contents)) return undefined;
  const list = contents.get("ignoreDeps", true);
  const missing = names.filter(
    (name) => !isSeq(list) || !list.items.some((item) => isScalar(item) && item.value === name),
  );
  const items = missing.map((name) => JSON.stringify(name)).join(", ");
  const made =
    list === undefined
      ? insertPair(text, contents as YAMLMap, "ignoreDeps", `[${items}]`)
      : isSeq(list) && items !== ""
        ? appendItem(text, list, items)
        : undefined;
  if (made === undefined || !isJson(made)) return undefined;
  return { files: new Map([[path, made]]), does: `tells Renovate to leave ${names.join(", ")} alone` };
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const ecosystems = /^(docker|docker-compose|helm|gitsubmodule)$/;

/** The `ignore` of the one update entry that covers the bumps' folder. */
function ignoreDependency(bumps: Bump[], { names, files }: Given): Hold | undefined {
  const [path, text] = [...files][0] ?? [];
  const [name, another] = names;
  if (path === undefined || text === undefined || name === undefined || another !== undefined)
    return undefined;
  const [doc] = docsOf(path, text);
  const folders = new Set(bumps.map((bump) => bump.path.split("/").slice(0, -1).join("/")));
  const covering = doc
    ? mapsAt(doc.root, "updates").filter(
        (one) =>
          ecosystems.test(textAt(one, "package-ecosystem") ?? "") &&
          folders.has((textAt(one, "directory") ?? "").replace(/^\/+|\/+$/g, "")),
      )
    : [];
  const [entry, more] = covering;
  if (!entry || more) return undefined;
  const item = `dependency-name: ${JSON.stringify(withoutHost(name))}`;
  const list = nodeAt(entry, "ignore");
  const made =
    list === undefined
      ? insertPair(text, entry, "ignore", `[{ ${item} }]`)
      : isSeq(list)
        ? appendItem(text, list, list.flow === true ? `{ ${item} }` : item)
        : undefined;
  if (made === undefined || parseYaml(path, made) === undefined) return undefined;
  return { files: new Map([[path, made]]), does: `tells Dependabot to ignore ${name}` };
}

/** Dependabot names an image without its registry. */
const withoutHost = (name: string): string => name.replace(/^(?:[^/]*[.:][^/]*|localhost)\//, "");

const docsOf = (path: string, text: string): Doc[] => parseYaml(path, text)?.docs ?? [];
