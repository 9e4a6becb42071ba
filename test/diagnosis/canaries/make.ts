/**
 * Incidents of a shop of nine services, told by golden signals alone: each service was deployed within hours, one of the deploys is bad, and
 * its callers suffer with it. No message, path or changed line tells more than the service's name.
 */
import { type Read, readForm } from "../../../infra/train/case-format.ts";
import { type Dice, diceOf } from "../exam/dice.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const calls: Record<string, string[]> = {
  gateway: ["checkout", "catalog", "account"],
  checkout: ["cart", "payment", "shipping"],
  catalog: ["search", "pricing"],
  account: ["mailer"],
  cart: ["pricing"],
  payment: [],
  shipping: ["mailer"],
  search: [],
  pricing: [],
  mailer: [],
};
const services = Object.keys(calls);

/** The harm of a bad version: the factor of errors, of latency, of CPU. */
const faults = {
  errors: { errors: 25, latency: 1, cpu: 1 },
  latency: { errors: 1.2, latency: 6, cpu: 1 },
  busy: { errors: 2, latency: 4, cpu: 3 },
  both: { errors: 12, latency: 3, cpu: 1.3 },
  slight: { errors: 4, latency: 1.5, cpu: 1 },
};
type Fault = keyof typeof faults;

type Deploy = { at: number; service: string; sha: string; version: string };
type Scene = {
  dice: Dice;
  at: number;
  onset: number;
  bad: Deploy;
  fault: (typeof faults)[Fault];
  alerting: string;
  deploys: Deploy[];
  isSplit: boolean;
  names: Record<Signal, string>;
  /** The share of its callee's trouble that a caller has. */
  passedOn: number;
  noise: number;
  stepMs: number;
  /** Services of which only CPU and memory are known. */
  dark: Set<string>;
  isLater?: true;
};
/** `culprit` is undefined where the bad deploy and its change were taken out. */
export type Canary = { read: Read; culprit: string | undefined };

const callersOf = (service: string): string[] => services.filter((one) => calls[one]!.includes(service));
/** Every service that waits for this one, with how many calls lie between. */
const victimsOf = (service: string, away = 1): [string, number][] =>
  callersOf(service).flatMap((caller): [string, number][] => [
    [caller, away],
    ...victimsOf(caller, away + 1),
  ]);

const sceneOf = (seed: number): Scene => {
  const dice = diceOf(52_000 + seed * 7919);
  const at = Date.UTC(2026, 3, 1 + (seed % 28), dice.int(0, 23), dice.int(0, 59));
  const onset = at - dice.int(3, 20) * minute;
  const [guilty, ...innocent] = dice.some(services, dice.int(4, 8));
  const deployed = (service: string, time: number): Deploy => ({
    ...{ at: Math.round(time), service, sha: dice.hex(40) },
    version: `1.${dice.int(3, 60)}.${dice.int(0, 9)}`,
  });
  const bad = deployed(guilty!, onset - dice.real(20, 150) * 1000);
  const others = innocent.map((service) =>
    deployed(
      service,
      dice.chance(0.4) ? onset - dice.real(10, 240) * 1000 : onset - dice.real(5, 170) * minute,
    ),
  );
  const victims = victimsOf(bad.service).map(([service]) => service);
  const alerting = dice.chance(0.5) || victims.length === 0 ? bad.service : dice.pick(victims);
  return {
    ...{ dice, at, onset, bad, alerting, deploys: [bad, ...others].sort((a, b) => a.at - b.at) },
    ...{ fault: faults[dice.pick(Object.keys(faults) as Fault[])], isSplit: dice.chance(0.5) },
    ...{ names: dice.pick(styles), passedOn: dice.real(0.55, 0.95), noise: dice.real(0.05, 0.3) },
    ...{
      stepMs: dice.pick([15, 30, 60]) * 1000,
      dark: new Set(services.filter((one) => one !== bad.service && dice.chance(0.15))),
    },
  };
};

const normal = { errors: 0.004, latency: 0.08, requests: 120, cpu: 0.35, memory: 4e8 };
type Signal = keyof typeof normal;
/** As several monitoring systems call them. */
const styles: Record<Signal, string>[] = [
  {
    errors: "http_errors_ratio",
    latency: "http_request_duration_seconds_p95",
    requests: "http_requests_per_second",
    cpu: "container_cpu_usage_cores",
    memory: "container_memory_working_set_bytes",
  },
  { errors: "error_count", latency: "latency_p99_ms", requests: "qps", cpu: "cpu", memory: "mem_mb" },
  {
    errors: "istio_5xx_per_second",
    latency: "istio_request_duration_milliseconds_p90",
    requests: "istio_requests_per_second",
    cpu: "process_cpu_seconds_rate",
    memory: "process_resident_memory_bytes",
  },
  {
    errors: "grpc_failures_per_minute",
    latency: "grpc_server_handling_seconds_p50",
    requests: "throughput",
    cpu: "jvm_process_cpu_load",
    memory: "jvm_memory_used_bytes",
  },
];

/** The factor of a signal of a service, by the trouble and by the youth of its pods. */
const factorOf = (scene: Scene, service: string, signal: Signal, at: number): number => {
  const { bad, fault, onset } = scene;
  if (at < onset) return 1;
  const away = service === bad.service ? 0 : victimsOf(bad.service).find(([one]) => one === service)?.[1];
  if (away === undefined) return 1;
  const share = scene.passedOn ** away;
  if (signal === "errors") return 1 + (fault.errors - 1) * share;
  if (signal === "latency") return 1 + (fault.latency - 1) * share;
  if (signal === "cpu" && away === 0) return fault.cpu;
  return 1;
};
/** A fresh pod is busy for two minutes, and its memory is small and grows. */
const youth = (signal: Signal, age: number): number =>
  signal === "cpu" && age < 2 * minute ? 1.9 : signal === "memory" ? 0.4 + 0.6 * Math.min(1, age / hour) : 1;

/** The part of the course that is drawn: up to the alert, or the ten minutes after it. */
const spanOf = ({ at, stepMs, isLater }: Scene): [number, number] =>
  isLater === true ? [at + stepMs, at + laterMs] : [at - 3 * hour, at];
const laterMs = 10 * minute;

const pointsOf = (
  scene: Scene,
  service: string,
  signal: Signal,
  of: { from: number; born: number; isBad: boolean; share: number },
) => {
  const { dice } = scene;
  const [begin, end] = spanOf(scene);
  const scale = normal[signal] * (1 + (service.length % 5) / 4);
  const points: [number, number][] = [];
  for (let time = Math.max(of.from, begin); time <= end; time += scene.stepMs) {
    const trouble = of.isBad ? factorOf(scene, service, signal, time) : 1;
    const noise = Math.max(0.2, 1 + scene.noise * dice.gauss());
    const isCounted = signal === "requests" || (signal === "errors" && !scene.names.errors.endsWith("ratio"));
    const share = isCounted ? of.share : 1;
    points.push([time, scale * trouble * youth(signal, time - of.born) * noise * share]);
  }
  return points;
};

const seriesOf = (scene: Scene) =>
  services.flatMap((service) => {
    const own = scene.deploys.find((deploy) => deploy.service === service);
    return (Object.keys(scene.names) as Signal[]).flatMap((signal) => {
      if (scene.dark.has(service) && signal !== "cpu" && signal !== "memory") return [];
      const metric = scene.names[signal];
      const isCulprit = service === scene.bad.service;
      if (!scene.isSplit || own === undefined)
        return [
          {
            service,
            metric,
            points: pointsOf(scene, service, signal, { from: 0, born: own?.at ?? 0, isBad: true, share: 1 }),
          },
        ];
      const version = (label: string): string => `${metric}{version="${label}"}`;
      return [
        {
          service,
          metric: version("1.0.0"),
          points: pointsOf(scene, service, signal, { from: 0, born: 0, isBad: !isCulprit, share: 0.8 }),
        },
        {
          service,
          metric: version(own.version),
          points: pointsOf(scene, service, signal, {
            from: own.at + 15_000,
            born: own.at,
            isBad: true,
            share: 0.2,
          }),
        },
      ];
    });
  });

const symptoms = [
  "{} is slow or fails",
  "HighErrorRate {}",
  "SLO burn {}",
  "{} latency above target",
  "{} degraded",
];

/** The incident of that number; `isTaken`: the bad deploy and its change are not among what is known. */
export const canary = (seed: number, isTaken = false): Canary => {
  const scene = sceneOf(seed);
  const { dice, at, bad, alerting, deploys } = scene;
  const later = seriesOf({ ...scene, dice: diceOf(10_000 + seed), isLater: true });
  const series = seriesOf(scene).map((one, index) => ({
    ...one,
    points: [...one.points, ...later[index]!.points],
  }));
  const known = deploys.filter((deploy) => !isTaken || deploy !== bad);
  const older = services.map(
    (service): Deploy => ({ at: at - dice.real(2, 6) * day, service, sha: dice.hex(40), version: "1.0.0" }),
  );
  const candidates = [...known, ...older]
    .map(({ at: deployedAt, service, sha, version }) => ({
      ...{ sha, at: Math.round(deployedAt - dice.real(10, 40) * minute), author: "a", bot: false },
      ...{
        subject: `${service}: release ${version}`,
        body: "",
        files: [[`services/${service}/src/main.go`, 12, 7]],
      },
    }))
    .sort((a, b) => b.at - a.at);
  const form = {
    ...{ id: `canary-${seed}`, at, symptom: dice.pick(symptoms).replace("{}", alerting), service: alerting },
    ...{
      dependsOn: calls[alerting],
      deploys: [...older, ...known].sort((a, b) => a.at - b.at),
      series,
      candidates,
      looks: [{ at: at + laterMs }],
    },
  };
  return { read: readForm(form), culprit: isTaken ? undefined : bad.sha };
};
