import { runCommand, standardIo } from "../host/command.ts";
import { UsageError } from "../host/errors.ts";
import { createDisturbances } from "./chaos/disturbances.ts";
import { playChaos } from "./chaos/play.ts";
import { allRight } from "./chaos/table.ts";
import { type Environment, type EnvironmentOptions, startEnvironment } from "./environment.ts";
import { playLoad } from "./load/play.ts";
import { createNarrator, type Narrator } from "./narrator.ts";
import type { Host } from "./server-process.ts";
import { demo, type Story, stories } from "./service-config.ts";
import { breakIt, introduce, type Result, solveIt } from "./story.ts";

const help = `usage: npm run --silent demo -- [options]

A real repository gets a release, one pull request of which breaks payments in yen; Countersteer finds it,
proposes the revert, asks, merges, and verifies. The deploy is reported after the alert. Everything runs on this machine, on loopback.

  --story STORY  revert: as above (the default);
                 bump: a bot brings the release by raising an image in a configuration repository; the
                 bump is rolled back there, and the commit behind it gets a revert of its own;
                 load: traffic triples while innocent commits go live; the autoscaler's maximum is
                 raised for a time, and set back when that is over;
                 withdraw: the first suspect is innocent: taken back, it does not help, so it is put back,
                 and the second one is taken back;
                 redeploy: the last good deploy is put back by a workflow at once, and the revert is merged
                 behind it, live only after its build;
                 chaos: the revert, while one part after the other fails: the service, GitHub, Countersteer,
                 its disk, Prometheus, Alertmanager; it approves by itself and ends with a table
  --yes          approve without a person
  --host HOST    embedded: one process over SQLite (the default);
                 aws-local: the functions that run on AWS, over a table with a stream and a bus
  --json         tell the story on stderr; the last line of stdout is the result as one JSON object
  --keep         leave everything running at the end, until Ctrl-C, as without --yes
  --help         this

COUNTERSTEER_DEMO_MONITOR=real|builtin chooses the monitor; by default Prometheus and Alertmanager
run when both are on PATH. Exit codes: 0 verified, 1 not, 2 wrong usage.`;

const options = {
  story: { type: "string", default: "revert" },
  yes: { type: "boolean" },
  host: { type: "string", default: "embedded" },
  json: { type: "boolean" },
  keep: { type: "boolean" },
} as const;
type Flags = {
  story: Story;
  host: Host;
  monitor?: "real" | "builtin";
  yes?: boolean;
  json?: boolean;
  keep?: boolean;
};
type Ended = { result?: Result; problem?: string };

/** Runs the demo and cleans up after it. Returns the exit code. */
export const demoCommand = (argv: string[], io = standardIo()): Promise<number> =>
  runCommand({ name: "demo", help, options }, { argv, io }, async ({ values }) => {
    const flags = readFlags(values, process.env.COUNTERSTEER_DEMO_MONITOR || undefined);
    const narrator = createNarrator(flags.json ? process.stderr : process.stdout, process.env);
    const { result, problem } = await run(flags, narrator);
    if (problem) narrator.mark("bad", problem);
    if (flags.json && result) io.out(`${JSON.stringify(result)}\n`);
    const isRight = result?.outcome === "verified" && result.culprit === result.expectedCulprit;
    return !problem && isRight && allRight(result.chaos ?? []) ? 0 : 1;
  });

type Values = Omit<Flags, "story" | "host" | "monitor"> & { story: string; host: string };

const readFlags = ({ host, story: named, ...flags }: Values, monitor: string | undefined): Flags => {
  if (monitor !== undefined && monitor !== "real" && monitor !== "builtin")
    throw new UsageError(`COUNTERSTEER_DEMO_MONITOR is ${monitor}: give real or builtin`);
  if (host !== "embedded" && host !== "aws-local")
    throw new UsageError(`--host is ${host}: give embedded or aws-local`);
  const story = stories.find((one) => one === named);
  if (story === undefined) throw new UsageError(`--story is ${named}: give one of ${stories.join(", ")}`);
  return { ...flags, host, story, ...(monitor !== undefined && { monitor }) };
};

/** The first signal ends the demo in order, the second at once. */
const onSignals = (): { signal: AbortSignal; off(): void } => {
  const interrupted = new AbortController();
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const stop = () => (interrupted.signal.aborted ? process.exit(1) : interrupted.abort());
  for (const name of names) process.on(name, stop);
  const off = () => {
    for (const name of names) process.off(name, stop);
  };
  return { signal: interrupted.signal, off };
};

const about: Record<Story, string> = {
  revert: "a release breaks payments in yen, and is taken back.",
  bump: "a bot rolls out an image that breaks payments in yen; it is rolled back where it is configured.",
  withdraw: "the first suspect is wrong: it is put back, and the second is taken back.",
  redeploy: "a release breaks payments in yen; the deploy before it is put back first, then it is reverted.",
  chaos: "a release breaks payments in yen, and is taken back while everything else fails in turn.",
  load: "traffic triples, and the autoscaler may have more pods for a time.",
};

const run = async (flags: Flags, narrator: Narrator): Promise<Ended> => {
  const { signal, off } = onSignals();
  const chaos = flags.story === "chaos" ? createDisturbances(flags.host) : undefined;
  let environment: Environment | undefined;
  let ended: Ended = {};
  try {
    narrator.plain(`Countersteer demo: ${about[flags.story]}`, "Every time is in UTC.", "");
    narrator.say("Starting: repository, stand-ins for GitHub and Slack, service, monitor, Countersteer.");
    environment = await startEnvironment({
      ...(flags.monitor && { monitor: flags.monitor }),
      ...{ story: flags.story, host: flags.host, ...tellingOptions(narrator), ...chaos?.options },
    });
    signal.throwIfAborted();
    const stage = { environment, narrator, yes: flags.yes ?? false, signal };
    ended = { result: await (chaos ? playChaos(stage, chaos.disturbances) : play(stage)) };
    // A person who approved wants to look around.
    if (flags.keep || !(flags.yes || chaos)) await linger(narrator, signal);
  } catch (error) {
    if (!ended.result) ended = { problem: problemOf(error as Error, signal, environment) };
  }
  const keepLogs = ended.result?.outcome !== "verified" && !signal.aborted;
  // A mounted disk is taken away before its folder is.
  await environment?.server().stop();
  await chaos?.disturbances.stop();
  await environment?.stop({ keepLogs });
  if (keepLogs && environment && !ended.problem) narrator.plain(`The logs are in ${environment.logs}`);
  off();
  return ended;
};

const play = async (stage: {
  environment: Environment;
  narrator: Narrator;
  yes: boolean;
  signal: AbortSignal;
}): Promise<Result> => {
  const { narrator } = stage;
  if (stage.environment.cluster !== undefined) return playLoad(stage);
  await introduce(stage);
  const { culprit } = await breakIt(stage);
  const result = await solveIt(stage, culprit);
  const right = result.culprit === culprit ? "the one that did it" : `but ${culprit.slice(0, 12)} did it`;
  narrator.plain(
    "",
    `${(result.durationMs / 1000).toFixed(1)} s from the first failed payment to “${result.outcome}”.`,
    `  blamed        ${result.culprit?.slice(0, 12) ?? "nothing"}, ${right}`,
    `  pull request  ${result.revertPull ?? "none"}`,
    ...(result.followUpPull === undefined ? [] : [`  follow-up     ${result.followUpPull ?? "none"}`]),
  );
  return result;
};

const tellingOptions = (narrator: Narrator): EnvironmentOptions => ({
  onDeploy: ({ sha, status }) =>
    status === "succeeded"
      ? narrator.say(`${sha.slice(0, 12)} is live.`)
      : narrator.mark("bad", `The deploy of ${sha.slice(0, 12)} failed.`),
  onFirstBad: ({ currency, status }) =>
    narrator.mark("bad", `The first payment fails: ${status} for ${currency}.`),
  onBump: ({ sha, from, to }) =>
    narrator.say(
      `The bot raises the image from ${from} to ${to}, as ${sha.slice(0, 12)} of ${demo.gitops.repository}.`,
    ),
  onProblem: (problem) => narrator.say(problem),
});

const linger = async (narrator: Narrator, signal: AbortSignal): Promise<void> => {
  narrator.plain("", "Everything keeps running. Ctrl-C ends it.");
  await new Promise<void>((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve()),
  );
};

const problemOf = ({ message }: Error, signal: AbortSignal, environment: Environment | undefined): string => {
  if (signal.aborted) return "Interrupted; everything is stopped.";
  return `The demo failed: ${message}${environment ? `; the logs are in ${environment.logs}` : ""}`;
};
