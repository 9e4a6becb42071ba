import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { Chance } from "../simulation/chance.ts";
import type { Traced } from "./trace.ts";

type Node = { isFolder: boolean; bytes: Buffer };
/** A change that the disk may lose until its file or folder is synced. */
type Pending = { line: number } & (
  | { of: "content"; node: Node; at: number; bytes: Buffer }
  | { of: "content"; node: Node; size: number }
  | { of: "names"; folder: string; set?: { path: string; node: Node }; drop?: string }
);

/** The files of one directory as a disk has them that keeps only what was synced, and may keep more. */
export type Disk = ReturnType<typeof createDisk>;

export const createDisk = (root: string) => {
  const names = new Map<string, Node>();
  const durable = new Map<string, Node>();
  const positions = new Map<number, number>();
  let pending: Pending[] = [];
  const link = (line: number, path: string, isFolder = false): void => {
    const node = { isFolder, bytes: Buffer.alloc(0) };
    names.set(path, node);
    pending.push({ line, of: "names", folder: dirname(path), set: { path, node } });
  };
  const write = (line: number, path: string, change: { at: number; bytes: Buffer } | { size: number }) => {
    const node = names.get(path);
    // A file without a name is gone with its process.
    if (node !== undefined) pending.push({ line, of: "content", node, ...change });
  };
  const rename = (line: number, from: string, to: string): void => {
    const node = names.get(from);
    if (node === undefined) throw new Error(`${from} is renamed and was never made`);
    names.delete(from);
    names.set(to, node);
    pending.push({ line, of: "names", folder: dirname(to), set: { path: to, node }, drop: from });
  };
  const sync = (path: string, begun: number): void => {
    const node = names.get(path);
    const isSynced = (one: Pending): boolean =>
      one.line < begun && (one.of === "names" ? one.folder === path : one.node === node);
    for (const one of pending.filter(isSynced)) apply(durable, one);
    pending = pending.filter((one) => !isSynced(one));
  };
  return {
    take: ({ line, call }: Traced): void => {
      if (call.does === "open") {
        positions.set(call.fd, 0);
        if (call.isNew && !names.has(call.path)) link(line, call.path);
        if (call.isEmptied) write(line, call.path, { size: 0 });
      }
      if (call.does === "write") {
        const at = call.at ?? positions.get(call.fd) ?? 0;
        if (call.at === undefined) positions.set(call.fd, at + call.bytes.length);
        write(line, call.path, { at, bytes: call.bytes });
      }
      if (call.does === "truncate") write(line, call.path, { size: call.size });
      if (call.does === "make folder") link(line, call.path, true);
      if (call.does === "rename") rename(line, call.from, call.to);
      if (call.does === "remove" && names.delete(call.path))
        pending.push({ line, of: "names", folder: dirname(call.path), drop: call.path });
      if (call.does === "sync") sync(call.path, call.begun);
    },
    /** Writes to `target` what is left after a power cut now. Without `chance` nothing is that was not synced. */
    cut: (target: string, chance?: Chance): void => {
      const copies = new Map([...new Set([...durable.values(), ...names.values()])].map(copied));
      const left = new Map([...durable].map(([path, node]) => [path, copies.get(node) ?? node]));
      for (const one of chance === undefined ? [] : kept(pending, chance)) apply(left, onCopy(one, copies));
      materialize(left, root, target);
    },
  };
};

const copied = (node: Node): [Node, Node] => [node, { ...node }];

const onCopy = (one: Pending, copies: Map<Node, Node>): Pending => {
  const of = (node: Node): Node => copies.get(node) ?? node;
  if (one.of === "content") return { ...one, node: of(one.node) };
  return one.set === undefined ? one : { ...one, set: { ...one.set, node: of(one.set.node) } };
};

const apply = (names: Map<string, Node>, one: Pending): void => {
  if (one.of === "names") {
    if (one.drop !== undefined) names.delete(one.drop);
    if (one.set !== undefined) names.set(one.set.path, one.set.node);
    return;
  }
  const { node } = one;
  const size = "size" in one ? one.size : Math.max(node.bytes.length, one.at + one.bytes.length);
  const bytes = Buffer.alloc(size);
  node.bytes.copy(bytes);
  if ("bytes" in one) one.bytes.copy(bytes, one.at);
  node.bytes = bytes;
};

const sectorBytes = 512;

/** The changes of names are kept in their order up to one of them, and of the writes any sectors. */
const kept = (pending: Pending[], chance: Chance): Pending[] => {
  const lastOf = new Map<string, number>();
  return pending.flatMap((one): Pending[] => {
    if (one.of === "names") {
      const last = lastOf.get(one.folder) ?? chance.between(0, pending.length);
      lastOf.set(one.folder, last - 1);
      return last > 0 ? [one] : [];
    }
    if ("size" in one) return chance.is(0.5) ? [one] : [];
    return sectors(one.bytes)
      .filter(() => chance.is(0.7))
      .map(({ from, bytes }) => ({ ...one, at: one.at + from, bytes }));
  });
};

const sectors = (bytes: Buffer): { from: number; bytes: Buffer }[] =>
  Array.from({ length: Math.ceil(bytes.length / sectorBytes) }, (_, index) => ({
    from: index * sectorBytes,
    bytes: bytes.subarray(index * sectorBytes, (index + 1) * sectorBytes),
  }));

/** A file whose folder is lost is lost. */
const materialize = (left: Map<string, Node>, root: string, target: string): void => {
  mkdirSync(target);
  const folders = new Set([root]);
  for (const [path, { isFolder, bytes }] of [...left].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!folders.has(dirname(path))) continue;
    const place = join(target, relative(root, path));
    if (isFolder) {
      folders.add(path);
      mkdirSync(place);
    } else writeFileSync(place, bytes);
  }
};
