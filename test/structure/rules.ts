/** The part of infra/host that the sandbox and the demo use as well. */
const hostBasics = ["infra/host/errors.ts", "infra/host/command.ts", "infra/host/git.ts"];

/**
 * The rooms of the program from the ground up: a room sees itself and rooms above it in this list.
 * A new folder gets its row here, with as little in it as it needs.
 */
export const rooms: Room[] = [
  { room: "shared/brands.ts", sees: [] },
  { room: "shared/scrub.ts", sees: [] },
  { room: "shared/errors.ts", sees: ["shared/brands.ts", "shared/scrub.ts"] },
  { room: "shared/records.ts", sees: [] },
  {
    room: "shared/incident",
    sees: ["shared/brands.ts", "shared/records.ts"],
    packages: { "node:crypto": ["hash"] },
  },
  { room: "shared/git", sees: [], packages: { "node:crypto": ["createHash"] } },
  { room: "shared/promql", sees: ["shared/records.ts"], packages: { "@prometheus-io/lezer-promql": "all" } },
  { room: "shared/yaml", sees: ["shared/records.ts"], packages: { yaml: "all" } },
  { room: "shared/ports", sees: ["shared/brands.ts", "shared/incident", "shared/git"] },
  { room: "shared/text", sees: ["shared/brands.ts", "shared/incident", "shared/ports"] },
  {
    room: "shared/chart",
    sees: ["shared/brands.ts", "shared/incident", "shared/ports", "shared/text"],
    packages: { "node:zlib": ["crc32", "deflateSync"] },
  },
  {
    room: "shared/policy",
    sees: [
      "shared/brands.ts",
      "shared/records.ts",
      "shared/incident",
      "shared/promql",
      "shared/ports",
      "shared/text",
    ],
    packages: { re2js: "all", "node:crypto": ["createHash"] },
  },
  {
    room: "shared/remedy",
    sees: [
      "shared/brands.ts",
      "shared/records.ts",
      "shared/incident",
      "shared/git",
      "shared/yaml",
      "shared/ports",
      "shared/policy",
      "shared/text",
    ],
    packages: { yaml: "all" },
  },
  {
    room: "shared/diagnosis",
    sees: [
      "shared/brands.ts",
      "shared/records.ts",
      "shared/incident",
      "shared/git",
      "shared/yaml",
      "shared/ports",
      "shared/policy",
      "shared/text",
      "shared/remedy",
    ],
  },
  { room: "shared/telemetry.ts", sees: [], packages: { "@opentelemetry/api": "all" } },
  { room: "shared/config", sees: ["shared/policy", "shared/records.ts"], packages: { zod: "all" } },
  {
    room: "shared/config.ts",
    sees: ["shared/config", "shared/records.ts", "shared/yaml"],
    packages: { yaml: "all", zod: "all" },
  },
  {
    room: "shared/process.ts",
    sees: ["shared/brands.ts", "shared/errors.ts", "shared/incident", "shared/ports", "shared/telemetry.ts"],
  },

  // Adapters. `*` makes every entry of the folder a room of its own, so that no adapter sees another.
  {
    room: "shared/adapters/http",
    sees: ["shared/brands.ts", "shared/errors.ts", "shared/telemetry.ts"],
    packages: "all",
    uses: "a network",
  },
  { room: "shared/adapters/aws-access.ts", sees: [] },
  {
    room: "shared/adapters/*",
    sees: [
      "shared/brands.ts",
      "shared/scrub.ts",
      "shared/errors.ts",
      "shared/records.ts",
      "shared/incident",
      "shared/git",
      "shared/promql",
      "shared/ports",
      "shared/text",
      "shared/telemetry.ts",
      "shared/adapters/http",
      "shared/adapters/aws-access.ts",
    ],
    types: ["shared/policy", "shared/remedy"],
    packages: "all",
    uses: "a network",
  },

  // Receivers and steps. Of the adapters they see only those that read a sender's payload.
  {
    room: "functions",
    sees: [
      "shared/brands.ts",
      "shared/errors.ts",
      "shared/records.ts",
      "shared/incident",
      "shared/chart",
      "shared/git",
      "shared/promql",
      "shared/yaml",
      "shared/ports",
      "shared/policy",
      "shared/text",
      "shared/remedy",
      "shared/diagnosis",
      "shared/telemetry.ts",
      "shared/config.ts",
      "shared/process.ts",
      "shared/adapters/http",
      "shared/adapters/alertmanager/notification.ts",
      "shared/adapters/alertmanager/templated.ts",
      "shared/adapters/sns/envelope.ts",
      "shared/adapters/cloudwatch/alarm.ts",
      "shared/adapters/flags",
      "shared/adapters/deploys",
      "shared/adapters/slack/interaction.ts",
      "shared/adapters/slack/command.ts",
    ],
    packages: { hono: "all", "hono/cookie": "all", "hono/html": "all", "hono/route": "all", zod: "all" },
  },

  // Hosts and tools.
  { room: "infra/host/errors.ts", sees: [] },
  {
    room: "infra/host/command.ts",
    sees: ["infra/host/errors.ts", "shared/errors.ts", "shared/text/controls.ts"],
    packages: "all",
    uses: "a machine",
  },
  { room: "infra/host/version.ts", sees: [], names: ["package.json"], packages: "all", uses: "a machine" },
  { room: "infra/host/git.ts", sees: [], packages: "all", uses: "a machine" },
  { room: "infra/sandbox", sees: hostBasics, packages: "all", uses: "a machine" },
  {
    room: "infra/host",
    sees: ["shared", "functions", "infra/sandbox"],
    packages: "all",
    uses: "a machine",
  },
  { room: "infra/local", sees: ["shared", "functions", "infra/host"], packages: "all", uses: "a machine" },
  { room: "infra/aws", sees: ["shared", "functions", "infra/host"], packages: "all", uses: "a machine" },
  {
    room: "infra/aws-local",
    sees: ["shared", "functions", "infra/host", "infra/aws"],
    names: ["serverless.yml"],
    packages: "all",
    uses: "a machine",
  },
  {
    room: "infra/demo",
    sees: ["shared/incident", "shared/promql", "shared/text", "infra/sandbox", ...hostBasics],
    names: ["infra/cli/cli.ts"],
    packages: "all",
    uses: "a machine",
  },
  {
    room: "infra/docs",
    sees: ["shared", "infra/host"],
    names: ["infra/cli/cli.ts"],
    packages: "all",
    uses: "a machine",
  },
  { room: "infra/release", sees: [], packages: "all", uses: "a machine" },
  { room: "infra/train", sees: ["shared", ...hostBasics], packages: "all", uses: "a machine" },
  {
    room: "infra/cli",
    sees: ["shared", "functions", "infra/sandbox", "infra/host", "infra/train"],
    packages: "all",
    uses: "a machine",
  },
  {
    room: "infra/drill",
    sees: ["shared", "functions", "infra/host", "infra/local", "infra/cli/operator.ts"],
    packages: "all",
    uses: "a machine",
  },
  {
    room: "infra/cli/cli.ts",
    sees: [
      "shared/text/controls.ts",
      "infra/cli",
      "infra/host/command.ts",
      "infra/host/version.ts",
      "infra/sandbox",
      "infra/local",
      "infra/aws-local",
      "infra/demo",
      "infra/drill",
    ],
    packages: "all",
    uses: "a machine",
  },
  {
    room: "infra/bench",
    sees: ["shared", "functions", "infra/host", "infra/aws", "infra/sandbox"],
    names: ["infra/cli/cli.ts"],
    packages: "all",
    uses: "a machine",
  },
];

export type Room = {
  /** A file, a folder, or `folder/*`: each entry of the folder a room of its own. */
  room: string;
  /** Files and folders that it may import beside its own. */
  sees: string[];
  /** Files and folders of which it may import types only. */
  types?: string[];
  /** Files that it may name, to read or start them, and not import. */
  names?: string[];
  /** Packages and Node's own modules by the names that it may import of them. */
  packages?: "all" | Record<string, "all" | string[]>;
  /** The globals that it may use beside those that compute. */
  uses?: "a network" | "a machine";
};

/** Only hosts import these: they reach the environment, other programs, or files by computed names. */
export const hostModules = ["node:process", "node:module", "node:child_process", "node:vm", "node:cluster"];

/** Globals without I/O, clock, chance and environment. */
const computing = new Set(
  `undefined NaN Infinity Array ArrayBuffer BigInt Boolean Buffer DataView Error AggregateError RangeError TypeError
  SyntaxError Float64Array Int32Array Iterator JSON Map Number Object Promise Reflect RegExp Set String Symbol TextDecoder
  TextEncoder URL URLSearchParams Uint8Array Uint32Array WeakMap WeakSet decodeURIComponent encodeURIComponent
  structuredClone`.split(/\s+/),
);
const network = new Set(
  `AbortController AbortSignal Headers Request Response fetch setTimeout clearTimeout setImmediate`.split(
    " ",
  ),
);
const dates = new Set(["new Date(…)", "Date.UTC", "Date.parse", "instanceof Date"]);

/** Whether a room may use a global in this form; globals.ts makes the form. */
export const mayUse = ({ uses }: Room, name: string, form: string): boolean => {
  if (uses === "a machine") return true;
  if (name === "Math") return form.startsWith("Math.") && form !== "Math.random";
  if (name === "Date") return dates.has(form);
  // Word boundaries and time zones are data of the engine; every other part of Intl may depend on the machine.
  if (name === "Intl") return form === "Intl.Segmenter" || form === "Intl.DateTimeFormat";
  if (form === "import.meta.url") return uses === "a network";
  return computing.has(name) || (uses === "a network" && network.has(name));
};
