export type ServiceName =
  | "web"
  | "gateway"
  | "identity"
  | "documents"
  | "search"
  | "collab"
  | "notifier"
  | "billing"
  | "exporter"
  | "pipeline";

type Service = { root: string; language: "py" | "ts"; dependsOn: string[] };

export const services: Record<ServiceName, Service> = {
  web: { root: "apps/web", language: "ts", dependsOn: ["gateway", "identity", "search", "billing"] },
  gateway: { root: "services/gateway", language: "ts", dependsOn: ["identity", "documents", "search"] },
  identity: { root: "services/identity", language: "py", dependsOn: ["notifier"] },
  documents: { root: "services/documents", language: "py", dependsOn: ["identity", "notifier", "pipeline"] },
  search: { root: "services/search", language: "ts", dependsOn: ["pipeline", "identity"] },
  collab: { root: "services/collab", language: "ts", dependsOn: ["documents", "identity"] },
  notifier: { root: "services/notifier", language: "py", dependsOn: ["documents", "identity"] },
  billing: { root: "services/billing", language: "py", dependsOn: ["identity", "notifier"] },
  exporter: { root: "services/exporter", language: "py", dependsOn: ["documents", "notifier"] },
  pipeline: { root: "pipelines", language: "py", dependsOn: ["documents"] },
};

export const serviceNames = Object.keys(services) as ServiceName[];

/** The service whose folder holds `path`; undefined for files that all share. */
export const ownerOf = (path: string): ServiceName | undefined =>
  serviceNames.find((name) => path.startsWith(`${services[name].root}/`));
