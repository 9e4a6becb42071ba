type Library = typeof import("yaml");
type Class = "Composer" | "LineCounter" | "Pair" | "Parser" | "Scalar" | "YAMLMap";

let loaded: Library | undefined;

/** The reader of YAML, which is a file of its own beside the bundle: an event that reads no manifest and no workflow needs none of it. */
const load = (): Library => require("./yaml.cjs");

const library = (): Library => {
  loaded ??= load();
  return loaded;
};

/** Stands in for a class until the first object is made of it. An arrow function cannot be called with `new`. */
const classOf = (name: Class) =>
  function construct(...args: unknown[]): unknown {
    return Reflect.construct(library()[name], args);
  };

export const Composer = classOf("Composer");
export const LineCounter = classOf("LineCounter");
export const Pair = classOf("Pair");
export const Parser = classOf("Parser");
export const Scalar = classOf("Scalar");
export const YAMLMap = classOf("YAMLMap");

export const isAlias = (node: unknown): boolean => library().isAlias(node);
export const isCollection = (node: unknown): boolean => library().isCollection(node);
export const isDocument = (node: unknown): boolean => library().isDocument(node);
export const isMap = (node: unknown): boolean => library().isMap(node);
export const isNode = (node: unknown): boolean => library().isNode(node);
export const isPair = (node: unknown): boolean => library().isPair(node);
export const isScalar = (node: unknown): boolean => library().isScalar(node);
export const isSeq = (node: unknown): boolean => library().isSeq(node);
export const visit = (...args: Parameters<Library["visit"]>): void => library().visit(...args);
