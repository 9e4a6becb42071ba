import type { FileChange } from "../../git/model.ts";
import { type Doc, parseManifests } from "../../yaml/manifests.ts";
import { application, argocdSource } from "./pins/argo-cd.ts";
import { blockPins } from "./pins/blocks.ts";
import { customResource, literals, operations } from "./pins/custom-resource.ts";
import { fluxSource, helmRelease, withMarkers } from "./pins/flux.ts";
import { chart, helmfile, valuesFile } from "./pins/helm.ts";
import { keyed } from "./pins/keyed.ts";
import { kustomize, manifest } from "./pins/kubernetes.ts";
import { isInLines, isTemplate, linePins } from "./pins/lines.ts";
import type { Pin } from "./pins/pin.ts";
import { actionPins, galaxy, pipeline } from "./pins/pipeline.ts";

/** A version that a change moved. `line` is where it stands after the change, from 1. */
export type Bump = Omit<Pin, "value" | "range"> & {
  path: string;
  line: number;
  from: string;
  to: string;
  /** The scalar as it was written before, quotes included. */
  was: string;
};

const forms = [
  kustomize,
  manifest,
  application,
  argocdSource,
  helmRelease,
  fluxSource,
  chart,
  helmfile,
  valuesFile,
  customResource,
  operations,
  literals,
  pipeline,
  galaxy,
  keyed,
];
export const isYaml = (path: string): boolean => /\.ya?ml$|(^|\/)Kustomization$/.test(path);
/** Files that the YAML reader takes as well: JSON, helmfiles with templates, and names without an ending. */
const isLikeYaml = (path: string): boolean =>
  isYaml(path) || (/(^|\/)[\w-]+$|\.(json|gotmpl)$/.test(path) && !notPinned.test(path));
const notPinned =
  /(^|\/)(package(-lock)?|tsconfig[^/]*|composer|renovate|npm-shrinkwrap)\.json$|(^|\/)(Makefile|Dockerfile|LICENSE|README|CODEOWNERS|Gemfile|Jenkinsfile|Procfile|VERSION)$|(^|\/)node_modules\//;

/** Whether a file of this path may pin versions. */
export const mayPin = (path: string): boolean => isLikeYaml(path) || isInLines(path);

const formed = (doc: Doc): Pin[] => forms.flatMap((form) => form(doc));

type Pinned = { pins: Map<string, Pin>; lineOf: (offset: number) => number };

/** Every pin of a file, by key. Undefined for a file that cannot be read. */
export const pinsOf = (path: string, text: string): Pinned | undefined => {
  const parsed = isLikeYaml(path) ? parseManifests(path, text) : undefined;
  if (!parsed) return isInLines(path) || (isYaml(path) && isTemplate(text)) ? inLines(path, text) : undefined;
  const taken = new Set<number>();
  const all = parsed.docs.flatMap((doc) => [
    ...withMarkers(doc, formed(doc)),
    ...blockPins(doc, text, formed),
  ]);
  const pins = [...all, ...actionPins(path, text)].filter(({ range: [from] }) => {
    // Two forms may know one scalar.
    const isNew = !taken.has(from);
    taken.add(from);
    return isNew;
  });
  return { pins: byKey(pins), lineOf: parsed.lineOf };
};

const inLines = (path: string, text: string): Pinned => ({
  pins: byKey(linePins(path, text)),
  lineOf: (offset) => text.slice(0, offset).split("\n").length,
});

/** Pins of one key are told apart by their turn, and only where there are as many of them. */
const byKey = (pins: Pin[]): Map<string, Pin> =>
  new Map(
    [...Map.groupBy(pins, ({ key }) => key)].flatMap(([key, same]): [string, Pin][] => {
      const [only, another] = same;
      if (only !== undefined && another === undefined) return [[key, only]];
      const sorted = same.sort((a, b) => a.range[0] - b.range[0]);
      return sorted.map((pin, turn) => {
        const { place, ...one } = pin;
        const turned = `${key}\0${turn} of ${same.length}`;
        return [turned, { ...one, key: turned, turned: true, aside: true }];
      });
    }),
  );

/** The versions that a change moved: those pinned before and after, at the same place, for the same thing. */
export const bumpsOf = (files: FileChange[]): Bump[] =>
  files.flatMap(({ path, before, after }) => {
    if (before === undefined || after === undefined || before === after) return [];
    const old = pinsOf(path, before);
    const now = pinsOf(path, after);
    if (!old || !now) return [];
    const replaced = replacedBy(old.pins, now.pins);
    const pins = [...now.pins.values()].sort((a, b) => a.range[0] - b.range[0]);
    return pins.flatMap(({ value, range, ...pin }): Bump[] => {
      const then = old.pins.get(pin.key) ?? replaced.get(pin.key);
      if (!then || (then.value === value && then.name === pin.name)) return [];
      const was = before.slice(...then.range);
      const from = then.name === pin.name ? then.value : `${then.name}${tagged(then.value)}`;
      return [{ ...pin, path, line: now.lineOf(range[0]), from, to: value, was }];
    });
  });

const tagged = (version: string): string => `${/^sha\d+:/.test(version) ? "@" : ":"}${version}`;

/** The pins of images that came from another registry or folder, by the key that they have now; only where one place tells both. */
const replacedBy = (old: Map<string, Pin>, now: Map<string, Pin>): Map<string, Pin> => {
  const gone = [...old.values()].filter(({ key, place }) => place !== undefined && !now.has(key));
  const come = [...now.values()].filter(({ key, place }) => place !== undefined && !old.has(key));
  const places = Map.groupBy(gone, ({ place }) => place);
  return new Map(
    [...Map.groupBy(come, ({ place }) => place)].flatMap(([place, [one, ...more]]): [string, Pin][] => {
      const [then, ...others] = places.get(place) ?? [];
      const isAlone = one !== undefined && then !== undefined && more.length + others.length === 0;
      return isAlone && lastOf(one) === lastOf(then) ? [[one.key, then]] : [];
    }),
  );
};

const lastOf = ({ name = "" }: Pin): string => name.slice(name.lastIndexOf("/") + 1);

/** Why a bump cannot be put back into a text. */
export type Unrestorable = { path: string; detail: string };

/**
 * The text with the versions as they were before, whatever they are now; everything else stays, byte for byte. `moved` says of each
 * that has moved on since the bump that this goes back too.
 */
export const putBack = (
  path: string,
  text: string,
  bumps: Bump[],
): { text: string; moved: string[] } | { unrestorable: Unrestorable } => {
  const now = pinsOf(path, text);
  if (!now) return { unrestorable: { path, detail: "it is not a YAML file any more" } };
  const splices: { range: [number, number]; was: string }[] = [];
  const moved: string[] = [];
  for (const { key, name = "the version", to, from, was, turned } of bumps) {
    const pin = now.pins.get(key);
    if (!pin) return { unrestorable: { path, detail: `${name} is not pinned where it was` } };
    if (pin.value === from) continue;
    if (pin.value !== to && turned)
      return { unrestorable: { path, detail: `several are called ${name}, and one has moved on since` } };
    if (pin.value !== to)
      moved.push(`${name} has moved on from ${to} to ${pin.value} since: that goes back to ${from} too`);
    splices.push({ range: pin.range, was });
  }
  splices.sort((a, b) => b.range[0] - a.range[0]);
  const back = splices.reduce(
    (made, { range, was }) => made.slice(0, range[0]) + was + made.slice(range[1]),
    text,
  );
  return { text: back, moved };
};

/** Whether the bumps are all that the change did. */
export const isBumpOnly = (files: FileChange[], bumps: Bump[]): boolean =>
  files.every(({ path, before, after }) => {
    const own = bumps.filter((bump) => bump.path === path);
    if (before === undefined || after === undefined || own.length === 0) return before === after;
    const back = putBack(path, after, own);
    return "text" in back && back.text === before;
  });
