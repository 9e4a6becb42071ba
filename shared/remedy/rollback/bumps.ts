import type { FileChange } from "../../git/model.ts";
import { parseManifests } from "../../yaml/manifests.ts";
import { application, argocdSource } from "./pins/argo-cd.ts";
import { fluxSource, helmRelease, withMarkers } from "./pins/flux.ts";
import { chart, helmfile, valuesFile } from "./pins/helm.ts";
import { kustomize, manifest } from "./pins/kubernetes.ts";
import type { Pin } from "./pins/pin.ts";

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
];
export const isYaml = (path: string): boolean => /\.ya?ml$|(^|\/)Kustomization$/.test(path);

type Pinned = { pins: Map<string, Pin>; lineOf: (offset: number) => number };

/** Every pin of a file, by key; a key that stands in two places is left out. Undefined for a file that is not YAML. */
export const pinsOf = (path: string, text: string): Pinned | undefined => {
  const parsed = isYaml(path) ? parseManifests(path, text) : undefined;
  if (!parsed) return undefined;
  const pins = new Map<string, Pin>();
  const twice = new Set<string>();
  for (const doc of parsed.docs)
    for (const pin of withMarkers(
      doc,
      forms.flatMap((form) => form(doc)),
    )) {
      if (pins.has(pin.key)) twice.add(pin.key);
      pins.set(pin.key, pin);
    }
  for (const key of twice) pins.delete(key);
  return { pins, lineOf: parsed.lineOf };
};

/** The versions that a change moved: those pinned before and after, at the same place, for the same thing. */
export const bumpsOf = (files: FileChange[]): Bump[] =>
  files.flatMap(({ path, before, after }) => {
    if (before === undefined || after === undefined || before === after) return [];
    const old = pinsOf(path, before);
    const now = pinsOf(path, after);
    if (!old || !now) return [];
    const pins = [...now.pins.values()].sort((a, b) => a.range[0] - b.range[0]);
    return pins.flatMap(({ value, range, ...pin }): Bump[] => {
      const then = old.pins.get(pin.key);
      if (!then || then.value === value) return [];
      const was = before.slice(...then.range);
      return [{ ...pin, path, line: now.lineOf(range[0]), from: then.value, to: value, was }];
    });
  });

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
  for (const { key, name = "the version", to, from, was } of bumps) {
    const pin = now.pins.get(key);
    if (!pin) return { unrestorable: { path, detail: `${name} is not pinned where it was` } };
    if (pin.value === from) continue;
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
