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
};
type Drafted = {
  name: string;
  match: string;
  why: string;
  paths: string[];
  environments: string[];
  environmentLabel?: string;
};
export type Draft = { services: Drafted[]; codeOwners: string | undefined; gitops: string[] };

/** Labels that tell a service apart, the most telling first. */
const serviceLabels = ["service", "app", "app_kubernetes_io_name", "deployment", "job", "namespace", "team"];
const environmentLabels = ["environment", "env", "stage"];
const isName = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text);
const maxServices = 200;

/** One service for each value of the label by which the alerts differ, with the folder and the environments that belong to it. */
export const draft = (given: Gathered): Draft => {
  const { alerts, paths, repository } = given;
  const label = serviceLabels.find((one) => alerts.some((labels) => isName(labels[one] ?? "")));
  const gitops = overlays(paths);
  const named =
    label === undefined ? [] : distinct(alerts.map((labels) => labels[label] ?? "").filter(isName));
  const services = named.slice(0, maxServices).map((name): Drafted => {
    const own = alerts.filter((labels) => labels[label ?? ""] === name);
    const count = own.length === 1 ? "1 rule or alert has" : `${own.length} rules or alerts have`;
    return {
      ...{ name, match: `${label}="${name}"`, why: `${count} the label ${label}="${name}"` },
      ...{ paths: foldersOf(name, paths), ...environmentsOf(own, gitops) },
    };
  });
  const alone = repository.split("/")[1] ?? repository;
  const one = {
    ...{ name: alone, match: `service="${alone}"`, paths: [], ...environmentsOf([], gitops) },
    why: "no rule has a label that names a service: write here the label that your alerts have",
  };
  return { services: services.length > 0 ? services : [one], codeOwners: codeOwnersOf(paths), gitops };
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

const codeOwnersOf = (paths: string[]): string | undefined =>
  [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"].find((path) => paths.includes(path));

/** The configuration as text, in mode `observe`, with what was found and why as comments. */
export const written = (
  { services, codeOwners, gitops }: Draft,
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
    "services:",
    ...services.flatMap(serviceLines),
    "",
  ].join("\n");

const serviceLines = ({ name, match, why, paths, environments, environmentLabel }: Drafted): string[] => [
  `  # ${why}.`,
  `  - name: ${JSON.stringify(name)}`,
  `    match: ['${match}']`,
  ...(paths.length > 0 ? [`    paths: ${JSON.stringify(paths)} # folders of its name`] : []),
  `    environments: ${JSON.stringify(environments)}`,
  ...(environmentLabel === undefined ? [] : [`    environmentLabel: ${environmentLabel}`]),
];
