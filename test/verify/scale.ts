import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { isTestFile } from "../../shared/remedy/scale/manifests/unreadable.ts";
import { wanted } from "../../shared/remedy/scale/manifests/wanted-files.ts";
import type { Ask, Target } from "../../shared/remedy/scale/model.ts";
import { scale } from "../../shared/remedy/scale/scale.ts";
import { objectsOf, parseYaml } from "../../shared/yaml/document.ts";
import { isRefused } from "../../shared/yaml/refused.ts";
import { counted, headFiles, nameOf } from "./objects.ts";

const help = `usage: npm run --silent verify:scale -- DIR… [--targets N] [--list]

Asks for one more of each HPA, ScaledObject, Rollout, Deployment, StatefulSet, HelmRelease and Application of a clone's head (N of them, 200, from all
over it), and reads the edited files again: exactly one line may differ, and the value must be the wanted one. Where several objects have one name, the folder of
each, and then the roots that apply it, are asked for. "without" counts the targets of which no file says a number. Prints each reason of a refusal with its count; with --list, the answer for each target. Exit codes: 0 every edit is right, 1 one is not.`;

const options = {
  targets: { type: "string", default: "200" },
  list: { type: "boolean", default: false },
} as const;

const kinds =
  /^(HorizontalPodAutoscaler|ScaledObject|Rollout|Deployment|StatefulSet|HelmRelease|Application)$/;

type Asked = { target: Target; path: string };

const targetsOf = (files: Map<string, string>): Asked[] =>
  [...files].flatMap(([path, text]) =>
    /\.ya?ml$/.test(path) && !text.includes("{{") && !isTestFile(path)
      ? objectsOf(parseYaml(path, text))
          .filter(({ kind, name }) => kinds.test(kind) && !name.includes("${"))
          .map(({ kind, name, namespace = "" }) => ({ target: { kind, namespace, name }, path }))
      : [],
  );

/** The reasons of a target that has no number to change. */
const without =
  /is not set: write it|does not say \S+ so the default of|has no values of a chart here|is empty: write it/;

/** "edited", "wrong: …", or the reason of the refusal without names and numbers. */
const judge = (files: Map<string, string>, { target, path }: Asked, roots: string[]): string => {
  const first = asked(files, target);
  if (!first.includes("say which with --path")) return first;
  const places = [path, folderOf(path), ...nearest(roots, path)].filter((place) => place !== "");
  const answers = places.map((place) => asked(files, target, place));
  const told = answers.find((one) => one === "edited" || one.startsWith("wrong"));
  return told ?? answers.find((one) => !one.startsWith("there is no")) ?? first;
};

/** At most so many, evenly from the whole list. */
const spread = <T>(all: T[], most: number): T[] =>
  all.filter(
    (_, at) =>
      Math.floor((at * most) / all.length) !== Math.floor(((at - 1) * most) / all.length) ||
      all.length <= most,
  );

const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** The kustomizations with the longest common path. */
const nearest = (roots: string[], path: string): string[] => {
  const common = (root: string) => {
    const at = [...root].findIndex((letter, index) => letter !== path[index]);
    return at < 0 ? root.length : at;
  };
  return roots.toSorted((a, b) => common(b) - common(a)).slice(0, 3);
};

const asked = (files: Map<string, string>, target: Target, place?: string): string => {
  const field = /Autoscaler|ScaledObject/.test(target.kind) ? "max" : "replicas";
  const ask: Ask = { target, field, by: "1", ...(place !== undefined && { path: place }) };
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited.refused;
  const { file } = edited.owner;
  const [before, after] = [files.get(file)?.split("\n") ?? [], edited.text.split("\n")];
  const changed = after.filter((line, at) => line !== before[at]).length;
  const again = scale(new Map([...files, [file, edited.text]]), ask);
  const isRead = !isRefused(again) && again.before === edited.after && again.owner.file === file;
  return before.length === after.length && changed === 1 && isRead
    ? "edited"
    : `wrong: ${file} ${edited.owner.path}`;
};

/** The reason without names and numbers. */
const kindOf = (reason: string): string => reason.replace(/\S*[/.]\S*|\d+/g, "…");

type How = { most: number; list: boolean };

const verify = (dir: string, { most, list }: How): boolean => {
  const files = headFiles(dir, wanted);
  const targets = spread(targetsOf(files), most);
  const roots = [...files.keys()].filter((path) => /(^|\/)kustomization\.ya?ml$/i.test(path)).map(folderOf);
  const from = performance.now();
  const answers = targets.map((target) => judge(files, target, roots));
  const each = (performance.now() - from) / Math.max(1, targets.length);
  const verdicts = answers.map((one) => (one.startsWith("wrong") ? one : kindOf(one)));
  const edited = verdicts.filter((one) => one === "edited").length;
  const wrong = verdicts.filter((one) => one.startsWith("wrong"));
  const none = answers.filter((one) => without.test(one)).length;
  console.log(
    JSON.stringify({
      name: nameOf(dir),
      files: files.size,
      targets: targets.length,
      without: none,
      edited,
      percent: Math.round((100 * edited) / Math.max(1, targets.length - none)),
      wrong: wrong.length,
      meanMs: Math.round(each),
    }),
  );
  if (list) {
    for (const [at, { target, path }] of targets.entries())
      console.log(`  ${target.kind}/${target.namespace || "-"}/${target.name} of ${path}: ${answers[at]}`);
    return wrong.length === 0;
  }
  for (const [reason, count] of counted(verdicts.filter((one) => one !== "edited"))) {
    const { target, path } = targets[verdicts.indexOf(reason)]!;
    console.log(`  ${count} ${reason}`);
    console.log(`      such as ${target.kind}/${target.namespace || "-"}/${target.name} of ${path}`);
  }
  return wrong.length === 0;
};

process.exitCode = await runCommand(
  { name: "verify:scale", help, options, positionals: true },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values, positionals }) => {
    const most = wholeNumber("--targets", values.targets);
    return positionals.map((dir) => verify(dir, { most, list: values.list })).every(Boolean) ? 0 : 1;
  },
);
