import type { Config, Configured } from "../../../shared/config.ts";
import { guardedEnvironment } from "../../../shared/policy/approval/requirement.ts";
import { nearest } from "../../../shared/policy/nearest.ts";
import { neverScaled } from "../../../shared/remedy/scale/manifests/kinds.ts";
import { senderVariables } from "../access/senders.ts";
import { doubtsOfMatchers, repeated } from "./matcher-advice.ts";
import { type Fault, faultOfLogql, faultOfPromql, faultOfTraceql } from "./query-faults.ts";

/** A doubt about a configuration that can be read. A broken one can never work; the rest may be meant so. */
export type Advice = { path: (string | number)[]; message: string; isBroken: boolean };
type Env = Record<string, string | undefined>;

/** Everything that looks wrong in a configuration, without asking any other system. */
export const adviceOn = ({ baseUrl, services, people = {} }: Config): Advice[] => [
  ...address(baseUrl),
  ...services.flatMap((service, index) =>
    [
      ...[...doubtsOfMatchers(service), ...repeated(service)].flatMap(({ path, message }) =>
        doubt(path, message),
      ),
      ...shadowed(services, index),
      ...overlapping(services, index),
      ...bars(service),
      ...alone(service, people),
      ...direct(service),
      ...sameRepository(service),
      ...queries(service),
      ...targets(service),
      ...unbounded(service),
    ].map(({ path, ...rest }) => ({ path: ["services", index, ...path], ...rest })),
  ),
];

/** Links are made by adding a path to the address, and stand in messages that many people read. */
const address = (baseUrl: string | undefined): Advice[] => {
  if (baseUrl === undefined) return [];
  const { username, search, hash, origin, pathname } = new URL(baseUrl);
  if (username === "" && search === "" && hash === "") return [];
  const plain = `${origin}${pathname}`;
  return doubt(
    ["baseUrl"],
    `has a ${username === "" ? "query" : "login"} that every link in a message would carry or lose: write ${plain}`,
  );
};

const doubt = (path: (string | number)[], message: string): Advice[] => [{ path, message, isBroken: false }];

/** The first service that matches takes the alert: this one gets none when an earlier one takes each of its alerts. */
const shadowed = (services: Configured[], index: number): Advice[] => {
  const { match } = services[index]!;
  const earlier = services.slice(0, index).find((other) => isWithin(match, other.match));
  if (earlier !== undefined && isWithin(earlier.match, match))
    return doubt(
      ["match"],
      `no alert ever reaches this service: ${earlier.name}, which stands before it, takes the same alerts; give each of them a matcher of its own, such as service="{name}" in an entry with each`,
    );
  return earlier === undefined
    ? []
    : doubt(
        ["match"],
        `no alert ever reaches this service: ${earlier.name}, which stands before it, takes all of them; put this service before it, or give ${earlier.name} more matchers`,
      );
};

/** Services that are named beside the first one. */
const mostNamed = 3;

/**
 * An alert may suit this service and a later one, and neither takes only alerts of the other: the order of the file decides, which nobody
 * sees in the alert. A narrower service before a wider one is meant so.
 */
const overlapping = (services: Configured[], index: number): Advice[] => {
  const { name, match } = services[index]!;
  const others = services
    .slice(index + 1)
    .filter(
      (other) =>
        mayMeet(match, other.match) && !isWithin(match, other.match) && !isWithin(other.match, match),
    )
    .map((other) => other.name);
  if (others.length === 0) return [];
  const more = others.length > mostNamed ? ` and ${others.length - mostNamed} more` : "";
  return doubt(
    ["match"],
    `an alert may suit this service and ${others.slice(0, mostNamed).join(", ")}${more}: ${name}, which stands first, then takes it; give one of them another matcher`,
  );
};

type Matchers = Configured["match"];

/** Whether one alert can suit both. Two expressions about one label are not held against each other: that is not known. */
const mayMeet = (some: Matchers, others: Matchers): boolean =>
  some.every((one) =>
    others.every((other) => {
      if (one.label !== other.label) return true;
      if (one.equals !== undefined) return other.matches(one.equals);
      return other.equals !== undefined && one.matches(other.equals);
    }),
  );

/** Whether each alert that suits `some` suits `others`, as far as the values that are equalled tell. */
const isWithin = (some: Matchers, others: Matchers): boolean =>
  others.every(({ label, matches }) =>
    some.some((own) => own.label === label && own.equals !== undefined && matches(own.equals)),
  );

const bars = ({ policy }: Configured): Advice[] =>
  policy.mode === "auto" && policy.autoConfidence < policy.minConfidence
    ? doubt(
        ["policy", "autoConfidence"],
        `${policy.autoConfidence} is below minConfidence ${policy.minConfidence}: a remedy is proposed from ${policy.minConfidence} on, and then merged without asking; write autoConfidence: 0.9, or the bar that backtest supports`,
      )
    : [];

/** Four eyes keep an author from approving alone, and here nobody else may. */
const alone = (
  { approvers, policy, environments }: Configured,
  people: NonNullable<Config["people"]>,
): Advice[] => {
  const [only, ...others] = new Set(approvers);
  if (policy.mode === "observe" || only === undefined || others.length > 0) return [];
  const keepsFourEyes = policy.fourEyes ?? environments.includes(guardedEnvironment);
  if (!keepsFourEyes || people[only] === undefined) return [];
  return doubt(
    ["approvers"],
    `four eyes keep ${only} from approving the revert of a change of their own, and nobody else may approve: name a second approver, or a group such as S024BE7LH`,
  );
};

const direct = ({ channel }: Configured): Advice[] =>
  channel.startsWith("D")
    ? doubt(
        ["channel"],
        `${channel} is a direct message, which one person sees: name a channel such as C024BE91L`,
      )
    : [];

const sameRepository = ({ repository, gitops = [] }: Configured): Advice[] =>
  gitops.flatMap((place, index) =>
    place.repository.toLowerCase() === repository.toLowerCase() && place.paths.length === 0
      ? doubt(
          ["gitops", index],
          "is the service's own repository without paths: every change counts as one of what is declared; name the folder of this environment, such as paths: [production/]",
        )
      : [],
  );

/** A rule whose target has no scale never leads to a remedy. */
const targets = ({ scaling = [] }: Configured): Advice[] =>
  scaling.flatMap(({ target }, index) => {
    const never = neverScaled(target.split("/")[0] ?? "");
    return never ? [{ path: ["scaling", index, "target"], message: never.refused, isBroken: true }] : [];
  });

/** A raise that nothing but the present value limits may double each time. */
const unbounded = ({ scaling = [] }: Configured): Advice[] =>
  scaling.flatMap(({ field, to, ceiling }, index) =>
    to !== undefined || ceiling !== undefined || field === "memory" || field === "cpu"
      ? []
      : doubt(
          ["scaling", index],
          "has no ceiling: each raise may double the present value; write ceiling: 20, or the most that the cluster can bear",
        ),
  );

type Query = { path: (string | number)[]; text: string };

const queries = (service: Configured): Advice[] => [
  ...promqlOf(service).flatMap(({ path, text }) => told(path, faultOfPromql(text))),
  ...(service.logs !== undefined && "loki" in service.logs
    ? told(["logs", "loki"], faultOfLogql(service.logs.loki))
    : []),
  ...(service.traces !== undefined && "tempo" in service.traces
    ? told(["traces", "tempo"], faultOfTraceql(service.traces.tempo))
    : []),
];

const told = (path: (string | number)[], fault: Fault | undefined): Advice[] =>
  fault === undefined ? [] : [{ path, ...fault }];

const promqlOf = ({ traffic, signals = {}, verify, scaling = [] }: Configured): Query[] => [
  ...one(["traffic"], traffic),
  ...Object.entries(signals === "off" ? {} : signals).flatMap(([signal, text]) =>
    one(["signals", signal], text),
  ),
  ...listed(["verify", "expr"], verify.expr),
  ...listed(["verify", "data"], verify.data),
  ...scaling.flatMap(({ current, limit, load, ready }, index) =>
    Object.entries({ current, limit, load, ready }).flatMap(([key, text]) =>
      one(["scaling", index, key], text),
    ),
  ),
];

const one = (path: (string | number)[], text: string | undefined): Query[] =>
  text === undefined ? [] : [{ path, text }];

const listed = (
  path: (string | number)[],
  given: string | { alert: string; query: string }[] | undefined,
): Query[] =>
  typeof given === "string" || given === undefined
    ? one(path, given)
    : given.flatMap(({ query }, index) => one([...path, index, "query"], query));

/** Settings that the environment lacks for this configuration, and variables whose names are nearly right. */
export const adviceOnEnvironment = (config: Config, env: Env, known: string[]): string[] => [
  ...config.services.flatMap((service) => unreachable(service, env)),
  ...misspelt(env, known),
  ...unnamed(config, env),
];

/** The token of a sender that the file does not name, or not any more, admits nobody. */
const unnamed = (config: Config, env: Env): string[] => {
  const named = senderVariables(config);
  return Object.keys(env)
    .filter((name) => name.startsWith("SENDER_") && env[name]?.trim() && !named.includes(name))
    .map((name) => `the variable ${name} is not read: no sender of the configuration names it as its token`);
};

const unreachable = (
  { name, logs, traces, metrics, policy, deploys = [] }: Configured,
  env: Env,
): string[] => {
  const lacks = (variable: string): boolean => !env[variable]?.trim();
  const said: string[] = [];
  if (logs !== undefined && "loki" in logs && lacks("LOKI_URL"))
    said.push(`the logs of ${name} are in Loki, and LOKI_URL is not set: no log line is read`);
  if (logs !== undefined && "elasticsearch" in logs && lacks("ELASTICSEARCH_URL"))
    said.push(
      `the logs of ${name} are in Elasticsearch, and ELASTICSEARCH_URL is not set: no log line is read`,
    );
  if (traces !== undefined && "tempo" in traces && lacks("TEMPO_URL"))
    said.push(`the traces of ${name} are in Tempo, and TEMPO_URL is not set: no trace is read`);
  if (traces !== undefined && "jaeger" in traces && lacks("JAEGER_URL"))
    said.push(`the traces of ${name} are in Jaeger, and JAEGER_URL is not set: no trace is read`);
  if (policy.mode !== "observe" && metrics?.url === undefined && lacks("PROMETHEUS_URL"))
    said.push(
      `${name} has mode ${policy.mode}, and PROMETHEUS_URL is not set: no fix of it can ever be verified`,
    );
  const isCluster = deploys.some(({ tool }) => tool === "kubernetes");
  if (isCluster && ["KUBERNETES_URL", "KUBECONFIG", "KUBERNETES_SERVICE_HOST"].every(lacks))
    said.push(
      `the deploys of ${name} are read from Kubernetes, and none of KUBERNETES_URL, KUBECONFIG and KUBERNETES_SERVICE_HOST is set: none is read`,
    );
  return said;
};

/** Kubernetes and Docker tell each service of a pod's namespace so. */
const serviceLink = /_(PORT|SERVICE_HOST|SERVICE_PORT)(_|$)/;

/** Variables that are nearly one of ours. Only long names: short ones such as HOST are near to names of other programs. */
export const misspelt = (env: Env, known: string[]): string[] => {
  const long = known.filter((name) => name.length >= 8 && env[name] === undefined);
  return Object.keys(env).flatMap((name) => {
    if (known.includes(name) || serviceLink.test(name)) return [];
    const near = nearest(name, long);
    const isNear = near !== undefined && Math.abs(near.length - name.length) <= 2 && hasWordsOf(near, name);
    const meant = withWordsBeside(name, long) ?? (isNear ? near : undefined);
    return meant === undefined ? [] : [`the variable ${name} is not read: did you mean ${meant}?`];
  });
};

/** A typing error leaves the words, or only loses what parts them: GITHUB_ACTIONS is not GITHUB_API_URL. */
const hasWordsOf = (near: string, name: string): boolean =>
  near.split("_").length === name.split("_").length || near.replaceAll("_", "") === name.replaceAll("_", "");

/** Programs beside this one read variables of these families, too. */
const ofOthers = /^(AWS|OTEL|NODE|KUBERNETES)_/;

/** `ALERTMANAGER_WEBHOOK_TOKEN` is `ALERTMANAGER_TOKEN` with a word more, and `GITHUB_PRIVATE_KEY` is `GITHUB_APP_PRIVATE_KEY` with one less. */
const withWordsBeside = (name: string, known: string[]): string | undefined => {
  if (ofOthers.test(name)) return undefined;
  const words = name.split("_");
  const near = known.filter((one) => {
    const own = one.split("_");
    const [few, many] = own.length < words.length ? [own, words] : [words, own];
    return few.length > 1 && many.length - few.length === 1 && few[0] === many[0] && isSubsequence(few, many);
  });
  return near[0];
};

const isSubsequence = (few: string[], many: string[]): boolean => {
  const left = [...few];
  for (const word of many) if (word === left[0]) left.shift();
  return left.length === 0;
};
