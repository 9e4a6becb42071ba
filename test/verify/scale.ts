import { parseArgs } from "node:util";
import { wanted } from "../../shared/remedy/scale/manifests/wanted-files.ts";
import type { Ask, Target } from "../../shared/remedy/scale/model.ts";
import { scale } from "../../shared/remedy/scale/scale.ts";
import { objectsOf, parseYaml } from "../../shared/yaml/document.ts";
import { isRefused } from "../../shared/yaml/refused.ts";
import { counted, headFiles, nameOf } from "./objects.ts";

const help = `usage: npm run --silent verify:scale -- DIR… [--targets N]

Asks for one more of each HPA, ScaledObject, Rollout, Deployment, StatefulSet, HelmRelease and Application of a clone's head (the first N, 200),
and reads the edited files again: exactly one line may differ, and the value must be the wanted one. Prints each reason of a refusal
with its count. Exit codes: 0 every edit is right, 1 one is not.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    targets: { type: "string", default: "200" },
    help: { type: "boolean", short: "h", default: false },
  },
});

const kinds =
  /^(HorizontalPodAutoscaler|ScaledObject|Rollout|Deployment|StatefulSet|HelmRelease|Application)$/;

const targetsOf = (files: Map<string, string>): Target[] =>
  [...files].flatMap(([path, text]) =>
    /\.ya?ml$/.test(path) && !text.includes("{{")
      ? objectsOf(parseYaml(path, text))
          .filter(({ kind }) => kinds.test(kind))
          .map(({ kind, name, namespace = "" }) => ({ kind, namespace, name }))
      : [],
  );

/** "edited", "wrong: …", or the reason of the refusal without names and numbers. */
const judge = (files: Map<string, string>, target: Target): string => {
  const field = /Autoscaler|ScaledObject/.test(target.kind) ? "max" : "replicas";
  const ask: Ask = { target, field, by: "1" };
  const edited = scale(files, ask);
  if (isRefused(edited)) return edited.refused.replace(/\S*[/.]\S*|\d+/g, "…");
  const { file } = edited.owner;
  const [before, after] = [files.get(file)?.split("\n") ?? [], edited.text.split("\n")];
  const changed = after.filter((line, at) => line !== before[at]).length;
  const again = scale(new Map([...files, [file, edited.text]]), ask);
  const isRead = !isRefused(again) && again.before === edited.after && again.owner.file === file;
  return before.length === after.length && changed === 1 && isRead
    ? "edited"
    : `wrong: ${file} ${edited.owner.path}`;
};

const verify = (dir: string): boolean => {
  const files = headFiles(dir, wanted);
  const targets = targetsOf(files).slice(0, Number(values.targets));
  const from = performance.now();
  const verdicts = targets.map((target) => judge(files, target));
  const each = (performance.now() - from) / Math.max(1, targets.length);
  const edited = verdicts.filter((one) => one === "edited").length;
  const wrong = verdicts.filter((one) => one.startsWith("wrong"));
  console.log(
    JSON.stringify({
      name: nameOf(dir),
      files: files.size,
      targets: targets.length,
      edited,
      wrong: wrong.length,
      meanMs: Math.round(each),
    }),
  );
  for (const [reason, count] of counted(verdicts.filter((one) => one !== "edited")))
    console.log(`  ${count} ${reason}`);
  return wrong.length === 0;
};

if (values.help) console.log(help);
else process.exitCode = positionals.map(verify).every(Boolean) ? 0 : 1;
