import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, standardIo, wholeNumber } from "../host/command.ts";
import { median } from "./median.ts";

const help = `usage: npm run bench:scale -- [options]

One edit in a folder of many manifests, as a process of its own each time: its time and the most memory it had.
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

/** Half plain manifests, half bases with an overlay each; a few that a fast look does not understand. */
const fill = (root: string, count: number): void => {
  for (let at = 0; at < count; ) {
    const name = `app-${at}`;
    const base = join(root, "apps", name);
    const files: [string, string][] =
      at % 2 === 0
        ? [["all.yaml", `${deployment(name)}---\n${hpa(name)}`]]
        : [
            ["base/kustomization.yaml", "resources:\n- deployment.yaml\n- hpa.yaml\n"],
            ["base/deployment.yaml", deployment(name)],
            ["base/hpa.yaml", hpa(name)],
            [
              "overlays/prod/kustomization.yaml",
              `namespace: ${name}\nresources:\n- ../../base\npatches:\n- path: hpa.yaml\n`,
            ],
            [
              "overlays/prod/hpa.yaml",
              `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: ${name}\nspec:\n  maxReplicas: 50\n`,
            ],
          ];
    for (const [path, text] of files) {
      mkdirSync(join(base, path, ".."), { recursive: true });
      writeFileSync(join(base, path), text);
      at++;
    }
  }
};

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
const once = (root: string, target: string): { ms: number; mib: number } => {
  const cli = join(import.meta.dirname, "../cli/cli.ts");
  const started = process.hrtime.bigint();
  const program = `process.on("exit",()=>console.error("peak",process.resourceUsage().maxRSS));process.argv.splice(1,0,${JSON.stringify(cli)});await import(${JSON.stringify(cli)})`;
  const argv = [
    "--input-type=module",
    "-e",
    program,
    "--",
    "scale",
    root,
    "--target",
    target,
    "--max",
    "56",
    "--dry-run",
    "--json",
  ];
  const { stdout, stderr, status } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  const ms = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) throw new Error(`scale: exit code ${status}: ${stdout}${stderr}`);
  return { ms, mib: Number(/peak (\d+)/.exec(stderr)?.[1]) / 1024 };
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
    for (const [name, target] of [
      ["plain", "Deployment/-/app-2994"],
      ["overlay", "Deployment/app-3001/app-3001"],
    ] as const) {
      const all = Array.from({ length: rounds }, () => once(root, target));
      console.log(
        `${name.padEnd(8)} ${files} files  ${Math.round(median(all.map(({ ms }) => ms)))} ms  ${Math.round(median(all.map(({ mib }) => mib)))} MiB`,
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
