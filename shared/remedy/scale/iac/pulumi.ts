import { isMap } from "yaml";
import type { Source } from "../../../yaml/document.ts";
import { locate, locationAt } from "../../../yaml/locate.ts";
import { isRefused, type Refused, refuse } from "../../../yaml/refused.ts";
import { type FileSet, within } from "../manifests/file-set.ts";
import type { Ask, Target } from "../model.ts";
import { type ValueLocation, valueLocationOf } from "../value-edit.ts";

const stackFile = /(^|\/)Pulumi\.([\w-]+)\.ya?ml$/;

/** The value for `Pulumi/STACK/KEY`: KEY as `project:key` or without its project, dotted for what lies deeper. */
export const pulumi = (
  set: FileSet,
  { namespace, name }: Target,
  ask: Ask,
): { location: ValueLocation; kind: string; name: string } | Refused => {
  if (ask.field === "memory" || ask.field === "cpu") return refuse(`Pulumi has no --${ask.field}`);
  const files = [...set.files.keys()].filter((file) => {
    const stack = stackFile.exec(file)?.[2];
    return stack !== undefined && (namespace === "" || stack === namespace) && within(ask.path ?? "", file);
  });
  const found = files.flatMap((file) => inStack(set, file, name));
  const [one, another] = found;
  if (!one)
    return refuse(
      files.length === 0
        ? `no Pulumi.${namespace || "<stack>"}.yaml here`
        : `no config ${name} in ${files.slice(0, 3).join(", ")}`,
    );
  if (another)
    return refuse(
      `two owners: ${found.map((each) => (isRefused(each) ? each.refused : `${each.file}:${each.line}`)).join(" and ")} both set ${name}; name the stack`,
    );
  return isRefused(one) ? one : { location: one, kind: "Pulumi", name };
};

const inStack = (set: FileSet, file: string, name: string): (ValueLocation | Refused)[] => {
  const parsed = set.parsed(file);
  if (parsed === undefined) return [];
  const [wrong] = parsed.errors;
  if (wrong) return [refuse(`${file}:${wrong.line}: ${wrong.message}`)];
  const root = parsed.documents[0]?.contents;
  const config = isMap(root) ? root.get("config", true) : undefined;
  if (!isMap(config)) return [];
  const source: Source = { parsed, document: 0, keys: ["config"], node: config };
  return config.items
    .map(({ key }) => String(key))
    .flatMap((key) => {
      const plain = [key, key.split(":").at(-1) ?? key].find(
        (each) => name === each || name.startsWith(`${each}.`),
      );
      if (plain === undefined) return [];
      const deeper = name === plain ? [] : name.slice(plain.length + 1).split(".");
      const secure = locateSecure(source, key);
      if (secure)
        return [refuse(`${locationAt(source, secure)}: ${key} is secret (secure), which is never touched`)];
      const found = locate(source, [key, ...deeper]);
      if ("absent" in found) return [];
      return [isRefused(found) ? found : valueLocationOf(found)];
    });
};

const locateSecure = (source: Source, key: string): number | undefined => {
  const found = locate(source, [key, "secure"]);
  return "scalar" in found ? found.scalar.range?.[0] : undefined;
};
