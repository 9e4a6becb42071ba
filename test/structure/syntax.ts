import type { Node, SourceFile } from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API, type Checker } from "typescript/unstable/sync";

/** Texts by their path in the repository. */
export type Sources = ReadonlyMap<string, string>;

const root = "/repository";
const project = `${root}/tsconfig.json`;
// Every file stands alone, without libraries and imports: a name that it does not declare is a global.
const compilerOptions = {
  noLib: true,
  noResolve: true,
  types: [],
  moduleDetection: "force",
  target: "esnext",
};

/** Parses every text with the TypeScript compiler and reads each tree. */
export const readSources = <T>(
  sources: Sources,
  read: (path: string, file: SourceFile, checker: Checker) => T,
): Map<string, T> => {
  const files = [...sources.keys()].map((path) => `${root}/${path}`);
  const fs = createVirtualFileSystem({
    [project]: JSON.stringify({ compilerOptions, files }),
    ...Object.fromEntries([...sources].map(([path, text]) => [`${root}/${path}`, text])),
  });
  const api = new API({ cwd: root, fs });
  try {
    const opened = api.updateSnapshot({ openProjects: [project] }).getProject(project);
    if (opened === undefined) throw new Error(`the TypeScript compiler did not open ${project}`);
    const { program, checker } = opened;
    const readOne = (path: string): T => {
      const file = program.getSourceFile(`${root}/${path}`);
      if (file === undefined) throw new Error(`the TypeScript compiler did not parse ${path}`);
      return read(path, file, checker);
    };
    return new Map([...sources.keys()].map((path) => [path, readOne(path)]));
  } finally {
    api.close();
  }
};

/** Calls `visit` for every node below `node`; `visit` returns false to leave out what lies under it. */
export const walk = (node: Node, visit: (node: Node) => boolean): void =>
  void node.forEachChild((child) => {
    if (visit(child)) walk(child, visit);
  });
