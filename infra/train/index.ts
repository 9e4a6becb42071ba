import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { confidence, signNames } from "../../shared/diagnosis/confidence.ts";
import { figuresOf, printFigures, type Result } from "./figures.ts";
import {
  featureNames,
  fitFeatures,
  fitSigns,
  groundOf,
  named,
  type Settings,
  type Signed,
  sharesOf,
  signsOfSample,
} from "./model.ts";
import { readSamples, type Sample, type Seen } from "./windows.ts";

const usage = `usage: npm run fit -- --cases FILE… [--patches FILE…] [--write]

Fits the weights of the diagnosis on cases whose culprit is known, and prints the figures they reach: on the cases they
were fitted on, and on each repository with weights fitted on the others. --write stores them in shared/diagnosis/weights.json.
Nothing in it is random: the same files give the same weights.`;

const { values } = parseArgs({
  options: {
    cases: { type: "string", multiple: true, default: [] },
    patches: { type: "string", multiple: true, default: [] },
    write: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
    l2: { type: "string", default: "25" },
    free: { type: "string", default: "0.06" },
  },
});
if (values.help || values.cases.length === 0) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}
const settings: Settings = { l2: Number(values.l2), freePrior: Number(values.free), signL2: 1 };

const patches = new Map<string, string>();
for (const file of values.patches)
  for (const line of gunzipSync(readFileSync(file)).toString().trim().split("\n")) {
    const { sha, patch }: { sha: string; patch: string } = JSON.parse(line);
    patches.set(sha, patch);
  }
const samples = await readSamples(values.cases, patches);

const ground = groundOf(samples, settings);
const repos = [...new Set(samples.map(({ repo }) => repo))];
const others = new Map(
  repos.map((left) => [
    left,
    fitFeatures(
      samples.filter(({ repo }) => repo !== left),
      ground,
      settings,
    ),
  ]),
);
const of = <Value>(byRepo: Map<string, Value>, repo: string): Value => {
  const value = byRepo.get(repo);
  if (value === undefined) throw new Error(`nothing was fitted for ${repo}`);
  return value;
};
const weightsOf = ({ repo }: Sample): Float64Array => of(others, repo);
// Confidence is fitted on shares that no case had a part in fitting.
const signed = new Map<string, Signed[]>(
  repos.map((repo) => [
    repo,
    samples.filter((one) => one.repo === repo).flatMap((one) => signsOfSample(one, weightsOf(one), settings)),
  ]),
);
const signsWithout = new Map(
  repos.map((left) => [
    left,
    fitSigns(
      repos.filter((repo) => repo !== left).flatMap((repo) => of(signed, repo)),
      settings,
    ),
  ]),
);
const allFeatures = fitFeatures(samples, ground, settings);
const allSigns = fitSigns([...signed.values()].flat(), settings);

const resultOf = (
  sample: Sample,
  form: "full" | "bare",
  features: Float64Array,
  signs: Float64Array,
): Result => {
  const likeliest = (seen: Seen): { shares: number[]; p: number } => {
    const shares = sharesOf(seen, features);
    return { shares, p: confidence(seen.window, shares, named(signNames, signs)) * Math.max(...shares) };
  };
  const { shares, p } = likeliest(sample[form]);
  const { chosen } = sample[form];
  const own = shares[chosen] ?? 0;
  const place = shares.filter((share, at) => share > own || (share === own && at < chosen)).length;
  return { group: sample.repo, chosen, place, p, free: likeliest(sample.free).p };
};
for (const [name, kind] of [
  ["incidents", "incident"],
  ["GitOps, service paths known", "gitops"],
] as const)
  for (const form of ["full", "bare"] as const) {
    const some = samples.filter((sample) => sample.kind === kind);
    if (some.length === 0 || (kind === "gitops" && form === "bare")) continue;
    const title = `${name}${form === "bare" ? ", without changed lines" : ""}`;
    console.log(
      printFigures(
        `${title}, on other repositories than fitted on`,
        figuresOf(some.map((one) => resultOf(one, form, weightsOf(one), of(signsWithout, one.repo)))),
      ),
    );
    console.log(
      printFigures(
        `${title}, as fitted`,
        figuresOf(some.map((one) => resultOf(one, form, allFeatures, allSigns))),
      ),
    );
  }
if (values.write)
  writeFileSync(
    new URL("../../shared/diagnosis/weights.json", import.meta.url),
    `${JSON.stringify({ features: named(featureNames, allFeatures), confidence: named(signNames, allSigns) }, null, 2)}\n`,
  );
