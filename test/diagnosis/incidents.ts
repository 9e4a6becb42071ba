import type { Case, LogLine, Series } from "../../shared/diagnosis/model.ts";
import type { Commit } from "../../shared/ports/history.ts";
import type { DeployRecord } from "../../shared/ports/store.ts";
import { alert } from "../support/incident.ts";

/** Incidents made to mislead: an innocent deploy just before each onset, the guilty one up to hours before, some with none guilty. */
export type Made = { given: Case; culprit: string | undefined; innocent: string; cause: string };

const minute = 60_000;
const start = Date.UTC(2026, 2, 3);
const services = ["checkout", "ledger", "catalog", "search", "mailer", "identity"];
const verbs = [
  "parse",
  "load",
  "merge",
  "encode",
  "resolve",
  "expand",
  "verify",
  "collect",
  "schedule",
  "flush",
];
const nouns = [
  "Invoice",
  "Basket",
  "Voucher",
  "Session",
  "Tariff",
  "Address",
  "Refund",
  "Thumbnail",
  "Digest",
  "Quota",
];
const titles = [
  "tidy up",
  "simplify",
  "handle empty input in",
  "speed up",
  "extract",
  "rework",
  "log less in",
  "cover",
];

/** A small generator of chance with a seed (mulberry32). */
const chance = (seed: number) => {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    below: (n: number): number => Math.floor(next() * n),
    pick: <T>(some: T[]): T => some[Math.floor(next() * some.length)]!,
  };
};
type Chance = ReturnType<typeof chance>;

const commitOf = (dice: Chance, n: number, at: number): Commit & { service: string; name: string } => {
  const service = dice.pick(services);
  const name = `${dice.pick(verbs)}${dice.pick(nouns)}`;
  const limit = 10 + dice.below(90);
  const title = `${dice.pick(titles)} ${name}`;
  return {
    ...{
      sha: (n + 1).toString(16).padStart(8, "0").repeat(5),
      parents: [],
      title,
      message: title,
      author: "",
      at,
      url: "",
    },
    ...{ service, name, paths: [`services/${service}/src/${name.toLowerCase()}.ts`] },
    patch: `+++ b/services/${service}/src/${name.toLowerCase()}.ts\n-  const limit = ${limit};\n+  const ${name}Limit = ${limit * 2};\n+  return ${name}(input, ${name}Limit);\n+  throw new Error("${name} of ${dice.pick(nouns)} refused");`,
  };
};

const noise = (dice: Chance, from: number, to: number): LogLine[] =>
  Array.from({ length: 150 }, () => {
    const at = from + dice.below(to - from);
    const service = dice.pick(services);
    const slow = dice.next() < 0.1;
    return {
      at,
      service,
      level: slow ? "warn" : "info",
      text: slow
        ? `slow request took ${dice.below(900)} ms`
        : `request ${dice.below(1e6)} done in ${dice.below(50)} ms`,
    };
  });

const seriesOf = (
  dice: Chance,
  {
    service,
    metric,
    base,
    onset,
    factor,
    end,
  }: { service: string; metric: string; base: number; onset: number; factor: number; end: number },
): Series => ({
  service,
  metric,
  points: Array.from({ length: 90 }, (_, n) => {
    const at = end - (90 - n) * 2 * minute;
    return [at, base * (0.9 + 0.2 * dice.next()) * (at >= onset ? factor : 1)];
  }),
});

const causes = [
  "commit",
  "commit",
  "commit",
  "dependency",
  "quiet",
  "flag",
  "load",
  "certificate",
  "unknown",
];

export const make = (seed: number): Made => {
  const dice = chance(seed * 7919 + 13);
  const cause = causes[seed % causes.length]!;
  const at = start + seed * 3_600_000;
  const onset = at - (2 + dice.below(4)) * minute;
  const commits = Array.from({ length: 30 }, (_, n) =>
    commitOf(dice, n, onset - (30 - n) * (20 + dice.below(5)) * minute),
  ).reverse();
  const service = cause === "dependency" ? "checkout" : dice.pick(services);
  const guiltyService = cause === "dependency" ? "ledger" : service;
  const deployed = (commit: Commit & { service: string }, when: number): DeployRecord => ({
    service: commit.service,
    environment: "",
    sha: commit.sha,
    status: "succeeded",
    at: when,
  });
  const deploys = commits.slice(4).map((commit) => deployed(commit, commit.at + 5 * minute));
  const innocent = Object.assign(commits[1]!, moved(commits[1]!, service));
  deploys.push(deployed(innocent, onset - (1 + dice.below(3)) * minute));
  const place = 4 + dice.below(12);
  const guilty = Object.assign(commits[place]!, moved(commits[place]!, guiltyService));
  for (const [n, deploy] of deploys.entries())
    if (deploy.sha === guilty.sha) deploys[n] = deployed(guilty, deploy.at);
  const faulty = ["commit", "dependency", "quiet"].includes(cause);
  const logs = noise(dice, at - 180 * minute, at);
  const after = (): number => onset + dice.below(at - onset);
  const say = (text: string, where = service, level = "error", trace?: string) => {
    for (let n = 0; n < 8; n++)
      logs.push({
        at: after(),
        service: where,
        level,
        text: text.replace("%", String(dice.below(1e5))),
        ...(trace === undefined ? {} : { trace }),
      });
  };
  logs.push({
    at: onset - minute,
    service,
    level: "info",
    text: `started version ${innocent.sha.slice(0, 7)}, ${innocent.name} ready`,
  });
  if (cause === "commit" || cause === "dependency")
    say(
      `${guilty.name} refused request %`,
      guiltyService,
      "error",
      dice.next() < 0.5
        ? `at ${guilty.name} (services/${guiltyService}/src/${guilty.name.toLowerCase()}.ts:${dice.below(90)}:7)`
        : undefined,
    );
  if (cause === "dependency") say("upstream ledger answered 500 to request %", "checkout");
  if (cause === "certificate") say("x509: certificate has expired calling payments.partner.test, request %");
  if (cause === "unknown") say("connection reset by peer 10.0.0.% while reading");
  if (cause === "load" || cause === "flag") say("request % timed out waiting in line");
  return {
    cause,
    culprit: faulty ? guilty.sha : undefined,
    innocent: innocent.sha,
    given: {
      service,
      dependsOn: service === "checkout" ? ["ledger", "identity"] : ["identity"],
      alerts: [
        alert({
          name: "ErrorRateHigh",
          labels: { service },
          annotations: { summary: `${service} answers more than 5 % of requests with errors` },
          startsAt: at,
        }),
      ],
      onsetAt: at,
      commits,
      history: commits.map(({ sha }) => sha),
      deploys,
      logs,
      series: [
        seriesOf(dice, { service, metric: "error_ratio", base: 0.002, onset, factor: 40, end: at }),
        seriesOf(dice, {
          service,
          metric: "requests_per_second",
          base: 120,
          onset,
          factor: cause === "load" ? 3 : 1,
          end: at,
        }),
      ],
      flags:
        cause === "flag"
          ? [{ at: onset - dice.below(3) * minute, service, flag: "new-ranking", change: "off → on" }]
          : [],
    },
  };
};

const moved = (commit: Commit & { service: string }, service: string) => ({
  service,
  paths: commit.paths.map((path) => path.replace(commit.service, service)),
  patch: commit.patch!.replace(commit.service, service),
});
