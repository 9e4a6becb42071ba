import type { Component, Owned } from "./found.ts";

/** The facts that a first configuration is drafted from. */
export type Gathered = {
  repository: string;
  /** The default branch, where it is known. */
  branch: string;
  channel: string;
  /** The labels of each rule and of each alert that fired lately. */
  alerts: Record<string, string>[];
  /** Every path of the repository. */
  paths: string[];
  /** The services of a Backstage catalogue, and the folders of CODEOWNERS. */
  components?: Component[];
  owned?: Owned[];
  /** The environments of the repository on GitHub. */
  onGithub?: string[];
};
type Drafted = {
  name: string;
  match: string;
  why: string;
  paths: string[];
  environments: string[];
  environmentLabel?: string;
  repository?: string;
  /** Teams that the catalogue or CODEOWNERS name. */
  teams?: string[];
};
export type Draft = {
  services: Drafted[];
  codeOwners: string | undefined;
  gitops: string[];
  onGithub: string[];
};

/** Labels that tell a service apart, the most telling first. */
const serviceLabels = ["service", "app", "app_kubernetes_io_name", "deployment", "job", "namespace", "team"];
const environmentLabels = ["environment", "env", "stage"];
const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);
const maxServices = 200;

/**
 * One service for each value of the label by which the alerts differ, and each of the catalogue, with the folder and the environments that
 * belong to it. Without both, one for each folder of CODEOWNERS; without any, the repository.
 */
export const draft = (given: Gathered): Draft => {
  const { alerts, paths, components = [], owned = [], onGithub = [] } = given;
  const label = serviceLabels.find((one) => alerts.some((labels) => isName(labels[one] ?? "")));
  const gitops = overlays(paths);
  const drafting = { given, label, places: gitops.length > 0 ? gitops : onGithub.filter(isName) };
  const ofAlerts =
    label === undefined ? [] : distinct(alerts.map((labels) => labels[label] ?? "").filter(isName));
  const ofCatalogue = distinct(components.map(({ name }) => name).filter(isName));
  const named = distinct([...ofAlerts, ...ofCatalogue]);
  const folders = distinct(owned.map(({ folder }) => nameOf(folder)).filter(isName));
  const services = (named.length > 0 ? named : folders)
    .slice(0, maxServices)
    .map((name) => drafted(name, drafting));
  return {
    services: services.length > 0 ? services : [alone(drafting)],
    ...{ codeOwners: codeOwnersOf(paths), gitops, onGithub },
  };
};

type Drafting = { given: Gathered; label: string | undefined; places: string[] };

const drafted = (name: string, { given, label = "service", places }: Drafting): Drafted => {
  const { alerts, paths, components = [], owned = [] } = given;
  const own = alerts.filter((labels) => labels[label] === name);
  const component = components.find((one) => one.name === name);
  const folders = owned.filter(({ folder }) => nameOf(folder) === name);
  const ofFolder = component?.folder || folders[0]?.folder;
  const known = foldersOf(name, paths);
  const teams = component?.owner === undefined ? folders.flatMap((one) => one.teams) : [component.owner];
  return {
    ...{ name, match: `${label}="${name}"`, why: whyOf({ name, label, count: own.length, component }) },
    ...{ paths: known.length > 0 || ofFolder === undefined ? known : [ofFolder] },
    ...environmentsOf(own, places),
    ...(component?.repository !== undefined &&
      component.repository !== given.repository && { repository: component.repository, paths: [] }),
    ...(teams.length > 0 && { teams: distinct(teams) }),
  };
};

type Why = { name: string; label: string; count: number; component: Component | undefined };
const whyOf = ({ name, label, count, component }: Why): string => {
  const rules = count === 1 ? "1 rule or alert has" : `${count} rules or alerts have`;
  if (count > 0) return `${rules} the label ${label}="${name}"`;
  const from = component === undefined ? "CODEOWNERS has a folder of this name" : "the catalogue names it";
  return `${from}, and no rule or alert has ${label}="${name}": mend the label`;
};

const nameOf = (folder: string): string => folder.split("/").at(-2) ?? "";

const alone = ({ given: { repository }, places }: Drafting): Drafted => {
  const name = repository.split("/")[1] ?? repository;
  return {
    ...{ name, match: `service="${name}"`, paths: [], ...environmentsOf([], places) },
    why: "no rule has a label that names a service: write here the label that your alerts have",
  };
};

const distinct = (all: string[]): string[] => [...new Set(all)].sort();

const environmentsOf = (alerts: Record<string, string>[], gitops: string[]) => {
  const label = environmentLabels.find((one) => alerts.some((labels) => isName(labels[one] ?? "")));
  const told =
    label === undefined ? [] : distinct(alerts.map((labels) => labels[label] ?? "").filter(isName));
  const environments = told.length > 0 ? told : gitops.length > 0 ? gitops : ["production"];
  return {
    environments,
    ...(label === undefined || label === "environment" ? {} : { environmentLabel: label }),
  };
};

/** Folders called by the service's name, at most three deep, where the code of services usually lies. */
const foldersOf = (name: string, paths: string[]): string[] => {
  const found = paths.flatMap((path) => {
    const parts = path.split("/").slice(0, -1);
    const depth = parts.indexOf(name);
    return depth < 0 || depth > 2 ? [] : [`${parts.slice(0, depth + 1).join("/")}/`];
  });
  return distinct(found).slice(0, 5);
};

/** The environments that overlays or environment folders of the repository are called by. */
const overlays = (paths: string[]): string[] =>
  distinct(
    paths.flatMap(
      (path) => /(?:^|\/)(?:overlays|environments|envs|clusters)\/([^/]+)\//.exec(path)?.[1] ?? [],
    ),
  ).filter(isName);

export const codeOwnersOf = (paths: string[]): string | undefined =>
  [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"].find((path) => paths.includes(path));

/** The configuration as text, in mode `observe`, with what was found and why as comments. */
export const written = (
  { services, codeOwners, gitops, onGithub }: Draft,
  { repository, branch, channel }: Gathered,
): string =>
  [
    "# A first configuration, written by the command init. docs/configuration.md describes every key.",
    "# It observes: alerts are diagnosed and reported in Slack, and nothing is changed.",
    "# Check it with the commands check-config and doctor.",
    "defaults:",
    `  repository: ${JSON.stringify(repository)}`,
    `  branch: ${JSON.stringify(branch)}`,
    `  channel: ${JSON.stringify(channel)}`,
    "  policy: { mode: observe }",
    codeOwners === undefined
      ? "  # approvers: [U0ANN]  # Slack user ids; needed from mode approve on"
      : `  # approvers: [codeowners]  # ${codeOwners} names them; needed from mode approve on, with people`,
    ...(gitops.length > 0
      ? [`  # The repository has folders for ${gitops.join(", ")}: see docs/gitops.md for gitops.`]
      : []),
    ...(onGithub.length > 0
      ? [`  # GitHub has the environments ${onGithub.join(", ")}: see docs/connect-deploys.md.`]
      : []),
    "services:",
    ...services.flatMap(serviceLines),
    "",
  ].join("\n");

const serviceLines = (service: Drafted): string[] => {
  const { name, match, why, paths, environments, environmentLabel, repository, teams = [] } = service;
  return [
    `  # ${why}.`,
    `  - name: ${JSON.stringify(name)}`,
    `    match: ['${match}']`,
    ...(repository === undefined ? [] : [`    repository: ${JSON.stringify(repository)}`]),
    ...(paths.length > 0 ? [`    paths: ${JSON.stringify(paths)} # folders of its name`] : []),
    `    environments: ${JSON.stringify(environments)}`,
    ...(environmentLabel === undefined ? [] : [`    environmentLabel: ${environmentLabel}`]),
    ...(teams.length === 0
      ? []
      : [`    # approvers: [${teams.map((team) => `github:team/${team}`).join(", ")}]  # its owners`]),
  ];
};
