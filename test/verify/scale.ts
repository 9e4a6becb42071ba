import { existsSync } from "node:fs";
import { join } from "node:path";
import { compareRenders, kustomize, type Proof } from "../../infra/cli/scale/render.ts";
import { runCommand, standardIo, wholeNumber } from "../../infra/host/command.ts";
import { recordOf } from "../../shared/records.ts";
import { isTestFile } from "../../shared/remedy/scale/manifests/unreadable.ts";
import { wanted } from "../../shared/remedy/scale/manifests/wanted-files.ts";
import type { Ask, Edited, Target } from "../../shared/remedy/scale/model.ts";
import { scale } from "../../shared/remedy/scale/scale.ts";
import { objectsOf, parseYaml, type Written } from "../../shared/yaml/document.ts";
import { isRefused } from "../../shared/yaml/refused.ts";
import { counted, headFiles, nameOf } from "./objects.ts";

const help = `usage: npm run --silent verify:scale -- DIR… [--targets N] [--list] [--minutes N] [--seconds N]

Asks for one more of each HPA, ScaledObject, Rollout, Deployment, StatefulSet, HelmRelease, Application of a chart, and chart of a clone's head (N of them, 200,
from all over it), and reads the edited files again: one line may differ, or one entry of the environment's own kustomization be new, and the value must be the
wanted one. Where kustomize or kubectl is installed and DIR has a work tree at its head, it also renders before and after. Where several objects have one name,
or several environments take the value from one place, the folder of each, and the environments that the refusal names, are asked for. "without" counts the
targets of which no file says a number, and percent is the share of the others that is edited. Prints each reason of a refusal with its count; with --list, the
answer for each target, an edit with its file, key, and old and new value. Ends on any clone: after --minutes (10) of a clone its other targets are "skipped", after --seconds (30) of a target no further folder of
it is asked for, and a kustomization that could not be rendered, as it takes something from the network, is not rendered again. Tells its progress on stderr.
Exit codes: 0 every edit is right, 1 one is not.`;

const options = {
  targets: { type: "string", default: "200" },
  list: { type: "boolean", default: false },
  minutes: { type: "string", default: "10" },
  seconds: { type: "string", default: "30" },
} as const;

const kinds = /^(HorizontalPodAutoscaler|ScaledObject|Rollout|Deployment|StatefulSet|HelmRelease)$/;

type Asked = { target: Target; path: string };
/** `unrendered`: the kustomizations that could not be rendered as they are, and why. `targetMs`: after it no further folder is asked for. */
type Clone = {
  dir: string;
  files: Map<string, string>;
  roots: string[];
  isRendered: boolean;
  unrendered: Map<string, string>;
  targetMs: number;
};

/** An Application has a number only where it releases a chart. */
const releasesChart = ({ kind, body }: Written): boolean => {
  const { source, sources } = recordOf(body.spec);
  const all = [source, ...(Array.isArray(sources) ? sources : [])].map(recordOf);
  return kind === "Application" && all.some(({ chart, helm }) => (chart ?? helm) !== undefined);
};

const targetsOf = (files: Map<string, string>): Asked[] =>
  [...files].flatMap(([path, text]) => {
    const chart = /^(.+)\/Chart\.ya?ml$/.exec(path)?.[1];
    if (chart !== undefined && !isTestFile(path)) return chartIn(files, chart, text);
    return /\.ya?ml$/.test(path) && !text.includes("{{") && !isTestFile(path)
      ? objectsOf(parseYaml(path, text))
          .filter((one) => (kinds.test(one.kind) || releasesChart(one)) && !one.name.includes("${"))
          .map(({ kind, name, namespace = "" }) => ({ target: { kind, namespace, name }, path }))
      : [];
  });

/** A chart whose templates make a workload, which is called like the chart. */
const chartIn = (files: Map<string, string>, folder: string, text: string): Asked[] => {
  const name = /^name:\s*["']?([\w.-]+)/m.exec(text)?.[1];
  const templates = [...files].filter(([path]) => path.startsWith(`${folder}/templates/`));
  const runs = templates.some(([, one]) => /^kind: *(Deployment|StatefulSet)\b/m.test(one));
  return name !== undefined && runs
    ? [{ target: { kind: "Deployment", namespace: "", name }, path: folder }]
    : [];
};

/** The reasons of a target that has no number to change. */
const without =
  /is not set: write it|does not say \S+ so the default of|has no values of a chart here|is empty: write it|the chart's templates read no value for|which \S+ does not list/;
const several = /say which with --path|set it (for this one|in a layer of \S+) alone first/;

const isEdited = (answer: string): boolean => answer.startsWith("edited ");
const isEnd = (answer: string): boolean => isEdited(answer) || answer.startsWith("wrong");

/** "edited FILE KEY: …", "wrong: …", or the reason of the refusal. */
const judge = async (clone: Clone, { target, path }: Asked): Promise<string> => {
  const first = await asked(clone, target, chartOf(clone, path));
  if (!several.test(first)) return first;
  const answers: string[] = [];
  const until = performance.now() + clone.targetMs;
  for (const place of placesOf(clone, path, first)) {
    if (performance.now() > until) break;
    const answer = await asked(clone, target, place);
    if (isEnd(answer)) return answer;
    answers.push(answer);
    if (several.test(answer))
      for (const root of rootsIn(answer)) {
        if (performance.now() > until) break;
        const there = await asked(clone, target, root);
        if (isEnd(there)) return there;
      }
  }
  return answers.find((one) => !one.startsWith("there is no")) ?? first;
};

/** A chart is asked for by its folder. */
const chartOf = ({ files }: Clone, path: string): string | undefined => (files.has(path) ? undefined : path);

/** At most so many, evenly from the whole list. */
const spread = <T>(all: T[], most: number): T[] =>
  all.filter(
    (_, at) =>
      Math.floor((at * most) / all.length) !== Math.floor(((at - 1) * most) / all.length) ||
      all.length <= most,
  );

const folderOf = (path: string): string => path.split("/").slice(0, -1).join("/");

const placesOf = ({ roots }: Clone, path: string, first: string): string[] =>
  [...new Set([folderOf(path), path, ...rootsIn(first), ...nearest(roots, path)])].filter(
    (one) => one !== "",
  );

/** The environments that a refusal names: `… of overlays/prod`, `also part of overlays/prod, …`, a deployer by its file. */
const rootsIn = (refusal: string): string[] =>
  /also (?:that|part) of (.*?): set it/
    .exec(refusal)?.[1]
    ?.split(/,\s+/)
    .map((one) => /\(([^()]+\.ya?ml)\)$/.exec(one)?.[1] ?? one.split(" ").at(-1) ?? "") ?? [];

/** The kustomizations with the longest common path. */
const nearest = (roots: string[], path: string): string[] => {
  const common = (root: string) => {
    const at = [...root].findIndex((letter, index) => letter !== path[index]);
    return at < 0 ? root.length : at;
  };
  return roots.toSorted((a, b) => common(b) - common(a)).slice(0, 3);
};

const asked = async (clone: Clone, target: Target, place?: string): Promise<string> => {
  const { files, isRendered } = clone;
  const field = /Autoscaler|ScaledObject/.test(target.kind) ? "max" : "replicas";
  const ask: Ask = { target, field, by: "1", ...(place !== undefined && { path: place }) };
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited.refused;
  const again = scale(new Map([...files, [edited.owner.file, edited.text]]), ask);
  const isRead = !isRefused(again) && again.before === edited.after && again.owner.file === edited.owner.file;
  if (!isRead || !isSmall(files.get(edited.owner.file) ?? "", edited))
    return `wrong: ${edited.owner.file} ${edited.owner.path}`;
  const proof = isRendered ? await rendered(clone, edited) : undefined;
  if (proof !== undefined && "wrong" in proof) return `wrong: ${edited.owner.file}: ${proof.wrong}`;
  return `edited ${edited.owner.file} ${edited.owner.path}: ${edited.before} → ${edited.after}`;
};

/** One that could not be rendered waited for the network, perhaps for long: it is not tried again. */
const rendered = async ({ dir, unrendered }: Clone, edited: Edited): Promise<Proof | undefined> => {
  const { root } = edited.rendering ?? {};
  if (root === undefined || unrendered.has(root)) return undefined;
  const proof = await compareRenders(dir, edited);
  if ("why" in proof) unrendered.set(root, proof.why);
  return proof;
};

/** One line differs, or one entry of at most eight lines is new. */
const isSmall = (before: string, { text }: Edited): boolean => {
  const [was, now] = [before.split("\n"), text.split("\n")];
  if (was.length === now.length) return now.filter((line, at) => line !== was[at]).length === 1;
  const added = now.length - was.length;
  const from = now.findIndex((line, at) => line !== was[at]);
  return (
    added <= 8 && [...now.slice(0, from), ...now.slice(from + added)].join("\n").trim() === before.trim()
  );
};

type How = { most: number; list: boolean; cloneMs: number; targetMs: number };

const verify = async (dir: string, { most, list, cloneMs, targetMs }: How): Promise<boolean> => {
  const until = performance.now() + cloneMs;
  const files = headFiles(dir, wanted);
  const targets = spread(targetsOf(files), most);
  const roots = [...files.keys()].filter((path) => /(^|\/)kustomization\.ya?ml$/i.test(path)).map(folderOf);
  const isRendered =
    existsSync(join(dir, ".git")) && (await kustomize(dir).catch(() => "installed")) !== undefined;
  const from = process.cpuUsage();
  const answers: string[] = [];
  const clone: Clone = { dir, files, roots, isRendered, unrendered: new Map(), targetMs };
  for (const [at, target] of targets.entries()) {
    if (performance.now() > until) break;
    answers.push(await judge(clone, target));
    if (at % 10 === 9) console.error(`${nameOf(dir)}: ${at + 1} of ${targets.length}`);
  }
  const { user, system } = process.cpuUsage(from);
  const meanMs = Math.round((user + system) / 1000 / Math.max(1, answers.length));
  const skipped = targets.length - answers.length;
  report({ ...{ dir, files, targets: targets.slice(0, answers.length), answers }, meanMs, list, skipped });
  for (const [root, why] of clone.unrendered) console.log(`  not rendered: ${root}: ${why.slice(0, 200)}`);
  return !answers.some((one) => one.startsWith("wrong"));
};

/** The reason without names and numbers. */
const kindOf = (reason: string): string =>
  reason.startsWith("wrong") ? reason : reason.replace(/\S*[/.]\S*|\d+/g, "…");

type Verified = Pick<Clone, "dir" | "files"> & {
  targets: Asked[];
  answers: string[];
  meanMs: number;
  list: boolean;
  skipped: number;
};

const report = ({ dir, files, targets, answers, meanMs, list, skipped }: Verified): void => {
  const verdicts = answers.map(kindOf);
  const edited = answers.filter(isEdited).length;
  const none = answers.filter((one) => without.test(one)).length;
  const wrong = answers.filter((one) => one.startsWith("wrong")).length;
  const percent = Math.round((100 * edited) / Math.max(1, targets.length - none));
  const counts = { targets: targets.length, skipped, without: none, edited, percent, wrong, meanMs };
  console.log(JSON.stringify({ name: nameOf(dir), files: files.size, ...counts }));
  const titled = ({ target: { kind, namespace, name }, path }: Asked) =>
    `${kind}/${namespace || "-"}/${name} of ${path}`;
  if (list) {
    for (const [at, target] of targets.entries()) console.log(`  ${titled(target)}: ${answers[at]}`);
    return;
  }
  for (const [reason, count] of counted(verdicts.filter((one) => !isEdited(one)))) {
    console.log(`  ${count} ${reason}`);
    console.log(`      such as ${titled(targets[verdicts.indexOf(reason)]!)}`);
  }
};

process.exitCode = await runCommand(
  { name: "verify:scale", help, options, positionals: true },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values, positionals }) => {
    const most = wholeNumber("--targets", values.targets);
    const cloneMs = wholeNumber("--minutes", values.minutes) * 60_000;
    const targetMs = wholeNumber("--seconds", values.seconds) * 1000;
    let isRight = true;
    for (const dir of positionals)
      isRight = (await verify(dir, { ...{ most, list: values.list }, cloneMs, targetMs })) && isRight;
    return isRight ? 0 : 1;
  },
);
