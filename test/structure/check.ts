import type { SourceFile } from "typescript/unstable/ast";
import type { Checker } from "typescript/unstable/sync";
import { circlesOf } from "./circles.ts";
import { type Claims, claimsOf } from "./claims.ts";
import { type Global, globalsOf } from "./globals.ts";
import { computed, type Import, importsOf } from "./imports.ts";
import { hostModules, mayUse, type Room, rooms } from "./rules.ts";

export type Facts = { imports: Import[]; globals: Global[]; claims: Claims };

export const factsOf = (path: string, file: SourceFile, checker: Checker): Facts => ({
  imports: importsOf(path, file),
  globals: globalsOf(file, checker),
  claims: claimsOf(file),
});

/** Every breach of the rules as a sentence, in the order of the files; circles last. */
export const breachesOf = (facts: ReadonlyMap<string, Facts>): string[] => [
  ...[...facts].flatMap(([path, { imports, globals }]) => {
    const room = roomOf(path);
    if (room === undefined) return [`${path} is in no room of test/structure/rules.ts`];
    return [
      ...imports
        .filter((found) => !mayImport(room, path, found))
        .map(({ kind, to }) => `${path} ${verbs[kind]} ${to}`),
      ...globals
        .filter(({ name, form }) => !mayUse(room, name, form))
        .map(({ form }) => `${path} uses ${form}`),
    ];
  }),
  ...circlesOf(new Map([...facts].map(([path, { imports }]) => [path, imported(imports)]))).map(
    (circle) => `${circle.join(" and ")} import each other`,
  ),
];

const verbs = { value: "imports", type: "imports types of", url: "names" };

const imported = (imports: Import[]): string[] =>
  imports.filter(({ kind }) => kind !== "url").map(({ to }) => to);

/** The room whose row says most of the path. */
export const roomOf = (path: string): Room | undefined =>
  rooms
    .filter(({ room }) => within(path, room.replace(/\/\*$/, "")))
    .sort((a, b) => b.room.replace("*", "").length - a.room.replace("*", "").length)[0];

const within = (path: string, place: string): boolean => path === place || path.startsWith(`${place}/`);

/** The file or folder that a room's files may import freely. */
const homeOf = ({ room }: Room, path: string): string => {
  if (!room.endsWith("/*")) return room;
  const folder = room.slice(0, -1);
  return folder + path.slice(folder.length).split("/")[0];
};

const mayImport = (room: Room, path: string, { kind, to, names, inside }: Import): boolean => {
  if (!inside) return mayImportPackage(room, to, names);
  const { sees, types = [], names: named = [] } = room;
  const allowed = [
    homeOf(room, path),
    ...sees,
    ...(kind === "type" ? types : []),
    ...(kind === "url" ? named : []),
  ];
  return allowed.some((place) => within(to, place));
};

const mayImportPackage = ({ packages = {}, uses }: Room, to: string, names: string[]): boolean => {
  if (to === computed) return false;
  if (packages === "all") return uses === "a machine" || !hostModules.includes(to);
  const allowed = packages[to];
  return allowed === "all" || (allowed !== undefined && names.every((name) => allowed.includes(name)));
};
