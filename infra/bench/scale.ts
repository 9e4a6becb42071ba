import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { median } from "./median.ts";

const help = `usage: npm run bench:scale -- [options]

One edit in a folder of many manifests, as a process of its own each time: its time, that of its CPU without kustomize, and the most memory it had.
  --files N   files in the folder (10000)
  --rounds N  runs (5), of which the median is told
  --dir PATH  where the folder is made (the temporary directory)
  --keep      leaves the folder there`;

const options = {
  files: { type: "string", default: "10000" },
  rounds: { type: "string", default: "5" },
  dir: { type: "string", default: tmpdir() },
  keep: { type: "boolean", default: false },
} as const;

type Written = [path: string, text: string];

/** Every third app is a plain manifest, a base with an overlay, or a base with a folder for each cluster that an ApplicationSet applies. */
const fill = (root: string, count: number): void => {
  for (let at = 0, app = 0; at < count; app++) {
    const name = `app-${app}`;
    const files = [plain, overlaid, deployed][app % 3]?.(name) ?? [];
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
      at++;
    }
  }
  writeFileSync(join(root, "argo/kustomization.yaml"), `resources:\n${sets(root)}`);
};

const sets = (root: string): string =>
  readdirSync(join(root, "argo"))
    .map((file) => `- ${file}\n`)
    .join("");

const plain = (name: string): Written[] => [
  [`apps/${name}/all.yaml`, `${deployment(name)}---\n${hpa(name)}`],
];

const base = (name: string): Written[] => [
  [`apps/${name}/base/kustomization.yaml`, "resources:\n- deployment.yaml\n- hpa.yaml\n"],
  [`apps/${name}/base/deployment.yaml`, deployment(name)],
  [`apps/${name}/base/hpa.yaml`, hpa(name)],
];

const overlaid = (name: string): Written[] => [
  ...base(name),
  [
    `apps/${name}/overlays/prod/kustomization.yaml`,
    `namespace: ${name}\nresources:\n- ../../base\npatches:\n- path: hpa.yaml\n`,
  ],
  [
    `apps/${name}/overlays/prod/hpa.yaml`,
    `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: ${name}\nspec:\n  maxReplicas: 50\n`,
  ],
];

const clusters = ["one", "two", "three"];

const deployed = (name: string): Written[] => [
  ...base(name),
  ...clusters.map(
    (each): Written => [
      `apps/${name}/prod/${each}/kustomization.yaml`,
      `namespace: ${name}\nresources:\n- ../../base\n`,
    ],
  ),
  [
    `argo/${name}.yaml`,
    `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata:
  name: ${name}
spec:
  generators:
    - merge:
        mergeKeys: [nameNormalized]
        generators:
          - clusters: { values: { sourceRoot: apps/${name}, environment: prod, clusterDir: "" } }
          - list: { elements: [${clusters.map((each) => `{ nameNormalized: ${each}, values.clusterDir: ${each} }`).join(", ")}] }
  template:
    metadata:
      name: "${name}-{{nameNormalized}}"
    spec:
      source:
        path: "{{values.sourceRoot}}/{{values.environment}}/{{values.clusterDir}}"
        repoURL: https://git.example/apps.git
      destination: { namespace: ${name}, server: "{{server}}" }
`,
  ],
];

const deployment = (name: string) =>
  `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: &labels
    app: ${name}
spec:
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: main
          image: registry.example/${name}:1.2.3
          args: ["--listen", "0.0.0.0:8080"]
          resources:
            requests: { cpu: 500m, memory: 1Gi }
            limits:
              memory: 2Gi
`.replace(/ (&|\*)labels/g, (anchor) =>
    Number(name.slice(4)) % 10 === 0 ? anchor : anchor.startsWith(" *") ? `\n      app: ${name}` : "",
  );

const hpa = (name: string) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: ${name}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${name}
  minReplicas: 3
  maxReplicas: 50 # ceiling
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
`;

/** The peak is what the kernel says of the process (/proc/…/status VmHWM is gone with it, so the process tells). */
const once = (root: string, asked: string[]): { ms: number; mib: number; cpu: number } => {
  const cli = join(import.meta.dirname, "../cli/cli.ts");
  const started = process.hrtime.bigint();
  const program = `process.on("exit",()=>{const u=process.resourceUsage();console.error("peak",u.maxRSS,u.userCPUTime+u.systemCPUTime)});process.argv.splice(1,0,${JSON.stringify(cli)});await import(${JSON.stringify(cli)})`;
  const argv = [
    "--input-type=module",
    "-e",
    program,
    "--",
    "scale",
    root,
    ...asked,
    "--max",
    "56",
    "--dry-run",
    "--json",
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`scale: exit code ${status}: ${stdout}${stderr}`);
  const [, peak, cpu] = /peak (\d+) (\d+)/.exec(stderr) ?? [];
  return { ms, mib: Number(peak) / 1024, cpu: Number(cpu) / 1000 };
};

type Given = { count: number; rounds: number; dir: string; keep: boolean };

const main = ({ count, rounds, dir, keep }: Given): void => {
  const root = mkdtempSync(join(dir, "countersteer-bench-"));
  try {
    fill(root, count);
    const files =
      execFileSync("find", [root, "-type", "f"], { maxBuffer: 1 << 28 })
        .toString()
        .split("\n").length - 1;
    for (const [name, app, path] of [
      ["plain", 1200, ""],
      ["overlay", 1201, ""],
      ["sets", 1202, "apps/app-1202/prod/two"],
    ] as const) {
      const target = `Deployment/-/app-${app}`;
      const all = Array.from({ length: rounds }, () =>
        once(root, [`--target=${target}`, ...(path === "" ? [] : [`--path=${path}`])]),
      );
      console.log(
        `${name.padEnd(8)} ${files} files  ${Math.round(median(all.map(({ ms }) => ms)))} ms  ${Math.round(median(all.map(({ cpu }) => cpu)))} ms of CPU  ${Math.round(median(all.map(({ mib }) => mib)))} MiB`,
      );
    }
  } finally {
    if (!keep) rmSync(root, { recursive: true, force: true });
  }
};

process.exitCode = await runCommand(
  { name: "bench:scale", help, options },
  { argv: process.argv.slice(2), io: standardIo() },
  ({ values: { files, rounds, dir, keep } }) => {
    main({ count: wholeNumber("--files", files), rounds: wholeNumber("--rounds", rounds), dir, keep });
    return 0;
  },
);
