import type { Owner } from "../../yaml/refused.ts";

/** The files of a directory or repository that may matter, by their path below it. */
export type Files = ReadonlyMap<string, string>;

export type Field = "replicas" | "min" | "max" | "memory" | "cpu";
/** `KIND/NAMESPACE/NAME`; a namespace of "" is any. */
export type Target = { kind: string; namespace: string; name: string };
/** The requested scale. Exactly one of `to` and `by` is given, as typed. `path` is the only folder or file that may be edited. */
export type Ask = {
  target?: Target;
  service?: string;
  field: Field;
  to?: string;
  by?: string;
  path?: string;
};

/** The limits of one edit. */
export type Limits = {
  /** No value becomes more than this many times what it was. */
  step: number;
  /** No count above this, whatever it was. */
  ceiling: number;
};
export const limits: Limits = { step: 2, ceiling: 500 };

export type Value = number | string;
export type Edited = {
  owner: Owner;
  before: Value;
  after: Value;
  /** The file with nothing but that value changed. */
  text: string;
  /** The kustomization that applies it: its folder, and the folders and files that it is made of. */
  rendering?: { root: string; of: string[] };
  /** The cost and the other effects, as plain sentences. */
  effects: string[];
};
