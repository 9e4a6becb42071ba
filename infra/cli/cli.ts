#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { visible } from "../../shared/text/controls.ts";
import { asTyped } from "../host/command.ts";
import { version } from "../host/version.ts";

// Halves the time of every start but the first. A module that cannot be cached is compiled as usual.
enableCompileCache();

type Command = { summary: string; load: () => Promise<(argv: string[]) => Promise<number>> };

const commands: Record<string, Command> = {
  start: {
    summary: "run the server on this machine; with --url, let a stopped one go on",
    load: async () => async (argv) =>
      argv.some((one) => /^--url(=|$)/.test(one))
        ? (await import("./stop.ts")).startAgain(argv)
        : (await import("../local/start.ts")).start(argv),
  },
  stop: {
    summary: "stop a running server from acting: nothing is merged, opened or changed",
    load: async () => (await import("./stop.ts")).stop,
  },
  "start-aws-local": {
    summary: "run what is deployed to AWS on this machine",
    load: async () => (await import("../aws-local/start.ts")).startAwsLocal,
  },
  demo: {
    summary: "watch the whole loop on real parts",
    load: async () => (await import("../demo/index.ts")).demoCommand,
  },
  revert: {
    summary: "open the pull request that takes a change back",
    load: async () => (await import("./revert/command.ts")).revertCommand,
  },
  scale: {
    summary: "change the one value that decides a scale",
    load: async () => (await import("./scale/command.ts")).scaleCommand,
  },
  sandbox: {
    summary: "GitHub and Slack stand-ins over your bare repositories",
    load: async () => (await import("../sandbox/command.ts")).sandboxCommand,
  },
  suspects: {
    summary: "rank the candidates of cases",
    load: async () => (await import("./diagnosis/suspects.ts")).suspects,
  },
  backtest: {
    summary: "measure the diagnosis on cases or on your own reverts",
    load: async () => (await import("./diagnosis/backtest.ts")).backtest,
  },
  replay: {
    summary: "show the decision on a saved webhook, as of a moment",
    load: async () => (await import("./diagnosis/replay.ts")).replay,
  },
  simulate: {
    summary: "run last month's alerts through the diagnosis",
    load: async () => (await import("./diagnosis/simulate.ts")).simulate,
  },
  drill: {
    summary: "play a trouble through the whole loop, and tell what would fail",
    load: async () => (await import("../drill/command.ts")).drill,
  },
  incident: {
    summary: "let an escalated or held incident go on",
    load: async () => (await import("./incident.ts")).incident,
  },
  audit: {
    summary: "check the record of an incident: in the store, on GitHub, in a clone",
    load: async () => (await import("./audit/command.ts")).audit,
  },
  policy: {
    summary: "try expected decisions of a policy: policy test FILE",
    load: async () => (await import("./policy/command.ts")).policy,
  },
  archive: {
    summary: "archive old facts of a stopped server",
    load: async () => (await import("./archive.ts")).archive,
  },
  export: {
    summary: "write every fact as a JSON line",
    load: async () => (await import("./export.ts")).exportFacts,
  },
  report: {
    summary: "tell how incidents ended, how long it took, and how often proposals were right",
    load: async () => (await import("./report/command.ts")).report,
  },
  postmortem: {
    summary: "draft the post-mortem of an incident, with similar ones",
    load: async () => (await import("./postmortem.ts")).postmortemCommand,
  },
  init: {
    summary: "write a first configuration from your repository and your rules",
    load: async () => (await import("./init/command.ts")).init,
  },
  manifest: {
    summary: "print the manifest of the GitHub App or the Slack app",
    load: async () => (await import("./manifest.ts")).manifest,
  },
  doctor: {
    summary: "find what would fail the first incident: tokens, channels, rules, disk",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  "check-config": {
    summary: "check a configuration file and start nothing",
    load: async () => (await import("./check-config.ts")).checkConfig,
  },
};

const help = `countersteer: finds the change that broke production, opens the pull request that takes it back, asks, merges, verifies

usage: npm run --silent cli -- <command> [options]

${Object.entries(commands)
  .map(([name, { summary }]) => `  ${name.padEnd(17)}${summary}`)
  .join("\n")}

Each command tells more with --help, and --version tells the version. Exit codes: 0 done, 1 failed, 2 wrong usage.`;

const main = async ([name, ...argv]: string[]): Promise<number> => {
  if (name === "--help" || name === "-h" || name === "help") {
    console.log(asTyped(help));
    return 0;
  }
  if (name === "--version" || name === "-v") {
    console.log(version());
    return 0;
  }
  const command = name === undefined ? undefined : commands[name];
  if (command === undefined) {
    console.error(
      name === undefined
        ? asTyped(help)
        : `there is no command ${visible(JSON.stringify(name))}; it is one of ${Object.keys(commands).join(", ")}`,
    );
    return 2;
  }
  const run = await command.load().catch(sayWhatIsMissing(name));
  return run === undefined ? 1 : run(argv);
};

/** Some commands need what only a checkout has: development dependencies, and what runs on AWS. */
const sayWhatIsMissing =
  (name: string | undefined) =>
  (error: NodeJS.ErrnoException): undefined => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error(`${name} needs development dependencies: run it in a checkout of the project after npm ci`);
  };

process.exitCode = await main(process.argv.slice(2));
