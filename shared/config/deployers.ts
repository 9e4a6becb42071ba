import { z } from "zod";
import { type Deployer, environmentNamed, tools } from "../policy/deployers.ts";
import type { Finding } from "./checks.ts";
import { name } from "./fields.ts";

const text = (title: string, example: string) =>
  z
    .string()
    .regex(/^\P{Cc}{1,250}$/u, "one line of text, at most 250 characters")
    .meta({ title, examples: [example] });

const tekton = z.strictObject({
  pipeline: text("name of a pipeline", "deploy").describe("The pipeline's name."),
  revision: text("name of a parameter", "git-revision")
    .exactOptional()
    .describe(
      "The parameter or result that holds the full commit id. Without it, the commit is read from the image of the results `IMAGE_URL` and `IMAGE_DIGEST`.",
    ),
});

/** One entry of `services[].deploys`: the key is the tool, and its value is how the tool names the service's deploys. */
export const deployer = z
  .strictObject({
    argocd: text("name of an application", "checkout-production")
      .exactOptional()
      .describe("An application of Argo CD: `NAME`, or `NAMESPACE/NAME` outside of Argo CD's own namespace."),
    flux: z
      .string()
      .regex(/^(Kustomization|HelmRelease|OCIRepository|GitRepository)\/[a-z0-9.-]+\/[a-z0-9.-]+$/, {
        error: "KIND/NAMESPACE/NAME such as Kustomization/apps/checkout",
      })
      .meta({ title: "KIND/NAMESPACE/NAME", examples: ["Kustomization/apps/checkout"] })
      .exactOptional()
      .describe("An object of Flux."),
    tekton: tekton.exactOptional().describe("A pipeline of Tekton, also of Jenkins X."),
    jenkins: text("name of a job", "deploy-checkout")
      .exactOptional()
      .describe("A job of Jenkins; in folders `FOLDER/JOB`."),
    cdevents: text("id of an environment", "prod/eu-west-1")
      .exactOptional()
      .describe("An environment of CDEvents. `image` or the image's own labels tell the service."),
    github: text("name of an environment", "Production – web")
      .exactOptional()
      .describe("An environment of GitHub deployments. With such an entry, no other one counts."),
    workflow: z
      .string()
      .regex(/^[^\s/]{1,200}\.ya?ml$/, "the file of a workflow in .github/workflows, such as deploy.yml")
      .meta({ title: "file of a workflow", examples: ["deploy.yml"] })
      .exactOptional()
      .describe("A workflow of GitHub Actions that deploys the service's branch, by its file."),
    kubernetes: z
      .string()
      .regex(
        /^((Deployment|StatefulSet|DaemonSet|Rollout|KnativeService|Kustomization|HelmRelease)\/)?[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/,
        {
          error:
            "NAMESPACE/NAME of a Deployment, such as shop/checkout, or KIND/NAMESPACE/NAME with the kind StatefulSet, DaemonSet, Rollout, KnativeService, Kustomization or HelmRelease",
        },
      )
      .meta({ title: "[KIND/]NAMESPACE/NAME", examples: ["shop/checkout", "Rollout/shop/checkout"] })
      .exactOptional()
      .describe(
        "A Deployment, or an object of another kind, that is read from the Kubernetes API, where nothing tells of its deploys.",
      ),
    environment: name
      .exactOptional()
      .describe(
        "The service's environment that it deploys to. Default: the one that the event or the entry names, or the service's only one.",
      ),
    image: z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9._:/-]{0,250}$/,
        "the name of an image without its tag, such as ghcr.io/acme/shop",
      )
      .meta({ title: "name of an image", examples: ["ghcr.io/acme/checkout"] })
      .exactOptional()
      .describe(
        "The service's image, for events that name several images, or a digest only. Its registry must be one of `registries`.",
      ),
    where: z
      .record(z.string().min(1).max(250), z.string().max(250))
      .exactOptional()
      .meta({ title: "NAME: VALUE" })
      .describe(
        "Parameters, labels or metadata that an event must have, each with its value, when several services share a job or a pipeline.",
      ),
  })
  .superRefine((entry, context) => {
    const given = tools.filter((tool) => entry[tool] !== undefined);
    if (given.length === 1) return;
    const message =
      given.length === 0
        ? `names no tool: give one of ${tools.join(", ")}, such as argocd: checkout-production`
        : `names ${given.length} tools (${given.join(", ")}): write an entry for each`;
    context.addIssue({ code: "custom", message });
  })
  .transform(({ tekton: pipeline, environment, image, where, ...named }): Deployer => {
    const tool = tools.find((one) => (one === "tekton" ? pipeline : named[one]) !== undefined) ?? "argocd";
    return {
      tool,
      name: (tool === "tekton" ? pipeline?.pipeline : named[tool]) ?? "",
      ...(pipeline?.revision !== undefined && { revision: pipeline.revision }),
      ...(environment !== undefined && { environment }),
      ...(image !== undefined && { image }),
      ...(where !== undefined && { where }),
    };
  });

export const environmentAliases = z
  .record(name, z.array(text("name of an environment", "prod")).min(1).max(50))
  .exactOptional()
  .meta({ title: "ENVIRONMENT: [OTHER NAMES]" })
  .describe(
    "The names that deployers use for the environments of this file, such as `production: [prod, Production]`. GitHub's are compared without case.",
  );

type Checked = {
  services: { environments: string[]; deploys?: Deployer[] }[];
  environments: Record<string, string[]>;
};

/** Entries that could never be about an environment, and names that mean two of them. */
export const checkDeployers = ({ services, environments: aliases }: Checked): Finding[] => [
  ...services.flatMap(({ environments, deploys = [] }, service) =>
    deploys.flatMap((deployer, index) =>
      faultsOf(deployer, environments, aliases).map((message) => ({
        path: ["services", service, "deploys", index],
        message,
      })),
    ),
  ),
  ...aliasFindings(services, aliases),
];

const faultsOf = (
  deployer: Deployer,
  environments: string[],
  aliases: Record<string, string[]>,
): string[] => {
  const { tool, name, environment } = deployer;
  // An entry that names no tool, or two, has a fault of its own.
  if (!name) return [];
  if (environment !== undefined)
    return environments.includes(environment)
      ? []
      : [`the service has no environment ${environment}: it has ${environments.join(", ")}`];
  if (environments.length === 1 || tool === "flux" || tool === "jenkins" || tool === "tekton") return [];
  const isNamed = tool === "github" || tool === "cdevents";
  if (isNamed && environmentNamed(environments, name, { aliases, tool }) !== undefined) return [];
  return [
    `give environment, such as environment: ${environments[0]}: the service has ${environments.join(", ")}, and ${name} names none of them`,
  ];
};

const aliasFindings = (services: Checked["services"], aliases: Record<string, string[]>): Finding[] => {
  const known = new Set(services.flatMap(({ environments }) => environments));
  const seen = new Map<string, string>();
  return Object.entries(aliases).flatMap(([environment, names]) => {
    const path = ["environments", environment];
    if (!known.has(environment)) return [{ path, message: "no service of the file has this environment" }];
    return names.flatMap((one, index) => {
      const other = seen.get(one.toLowerCase());
      seen.set(one.toLowerCase(), environment);
      return other === undefined || other === environment
        ? []
        : [{ path: [...path, index], message: `${one} is a name of ${other} already` }];
    });
  });
};
