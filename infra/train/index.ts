import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { confidence, signNames } from "../../shared/diagnosis/confidence.ts";
import { decimal, runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { delayFigures, readPasts } from "./delays.ts";
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

const help = `usage: npm run fit -- --cases FILE… [--patches FILE…] [--write]
       npm run fit -- --delays --cases FILE…

Fits the weights of the diagnosis on cases whose culprit is known, and prints the figures they reach: on the cases they
were fitted on, and on each repository with weights fitted on the others. --write stores them in shared/diagnosis/weights.json.
Nothing in it is random: the same files give the same weights. --delays: prints how well the law of delays between a
change and its trouble (docs/diagnosis.md, "The weight of a deploy") fits the cases instead.`;

const options = {
  cases: { type: "string", multiple: true },
  patches: { type: "string", multiple: true },
  write: { type: "boolean", default: false },
  delays: { type: "boolean", default: false },
  l2: { type: "string", default: "25" },
  free: { type: "string", default: "0.06" },
} as const;

const kinds = [
  ["incidents", "incident"],
  ["GitOps, service paths known", "gitops"],
] as const;

/** Weights fitted on all repositories, and for each repository those fitted on the others. */
type Fitted = {
  features: Float64Array;
  signs: Float64Array;
  featuresWithout: Map<string, Float64Array>;
  signsWithout: Map<string, Float64Array>;
};

const readPatches = (files: string[]): Map<string, string> => {
  const patches = new Map<string, string>();
  for (const file of files)
    for (const line of gunzipSync(readFileSync(file)).toString().trim().split("\n")) {
      const { sha, patch }: { sha: string; patch: string } = JSON.parse(line);
      patches.set(sha, patch);
    }
  return patches;
};

const of = <Value>(byRepo: Map<string, Value>, repo: string): Value => {
  const value = byRepo.get(repo);
  if (value === undefined) throw new Error(`nothing was fitted for ${repo}`);
  return value;
};

const fit = (samples: Sample[], settings: Settings): Fitted => {
  const ground = groundOf(samples, settings);
  const repos = [...new Set(samples.map(({ repo }) => repo))];
  const featuresWithout = new Map(
    repos.map((left) => {
      const rest = samples.filter(({ repo }) => repo !== left);
      return [left, fitFeatures(rest, ground, settings)];
    }),
  );
  // Confidence is fitted on shares that no case had a part in fitting.
  const signed = new Map<string, Signed[]>(
    repos.map((repo) => {
      const own = samples.filter((one) => one.repo === repo);
      return [repo, own.flatMap((one) => signsOfSample(one, of(featuresWithout, repo), settings))];
    }),
  );
  const signsWithout = new Map(
    repos.map((left) => {
      const rest = repos.filter((repo) => repo !== left).flatMap((repo) => of(signed, repo));
      return [left, fitSigns(rest, settings)];
    }),
  );
  const features = fitFeatures(samples, ground, settings);
  return { features, signs: fitSigns([...signed.values()].flat(), settings), featuresWithout, signsWithout };
};

type Form = "full" | "bare";
type Weights = Pick<Fitted, "features" | "signs">;

const resultOf = (sample: Sample, form: Form, { features, signs }: Weights): Result => {
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

const print = (samples: Sample[], fitted: Fitted): void => {
  const without = ({ repo }: Sample): Weights => ({
    features: of(fitted.featuresWithout, repo),
    signs: of(fitted.signsWithout, repo),
  });
  const show = (title: string, results: Result[]): void =>
    console.log(printFigures(title, figuresOf(results)));
  for (const [name, kind] of kinds)
    for (const form of ["full", "bare"] as const) {
      const some = samples.filter((sample) => sample.kind === kind);
      if (some.length === 0 || (kind === "gitops" && form === "bare")) continue;
      const title = `${name}${form === "bare" ? ", without changed lines" : ""}`;
      show(
        `${title}, on other repositories than fitted on`,
        some.map((one) => resultOf(one, form, without(one))),
      );
      show(
        `${title}, as fitted`,
        some.map((one) => resultOf(one, form, fitted)),
      );
    }
};

const printDelays = async (cases: string[]): Promise<void> => {
  const pasts = await readPasts(cases);
  for (const [name, kind] of kinds) {
    const some = pasts.filter((past) => past.kind === kind);
    if (some.length > 0) console.log(delayFigures(name, some));
  }
};

const store = ({ features, signs }: Weights): void =>
  writeFileSync(
    new URL("../../shared/diagnosis/weights.json", import.meta.url),
    `${JSON.stringify({ features: named(featureNames, features), confidence: named(signNames, signs) }, null, 2)}\n`,
  );

process.exitCode = await runCommand(
  { name: "fit", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  async ({ values: { cases = [], patches = [], write, delays, l2, free } }) => {
    if (cases.length === 0) throw new UsageError("--cases is missing");
    if (delays) {
      await printDelays(cases);
      return 0;
    }
    const settings: Settings = { l2: decimal("--l2", l2), freePrior: decimal("--free", free), signL2: 1 };
    const samples = await readSamples(cases, readPatches(patches));
    const fitted = fit(samples, settings);
    print(samples, fitted);
    if (write) store(fitted);
    return 0;
  },
);
