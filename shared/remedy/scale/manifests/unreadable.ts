import { isSimple } from "./fast-path.ts";
import { charts, type FileSet, folderOf, join, within } from "./file-set.ts";

/**
 * The first YAML file that cannot be read and may say something of the target, as `file:line: message`. A file
 * is relevant where it names it. A file of kinds that scale nothing does not matter. Layers and values files are judged by their readers.
 */
export const broken = (set: FileSet): string | undefined => {
  const templates = charts(set.files).map((chart) => join(chart, "templates") ?? "");
  for (const [file, text] of set.files) {
    if (!/\.ya?ml$/i.test(file) || !set.relevant(file) || !mayScale(text) || isSimple(text)) continue;
    if (isTemplate(file, text) || templates.some((folder) => within(folder, folderOf(file)))) continue;
    const wrong = set.parsed(file)?.errors.find(({ code }) => code !== "DUPLICATE_KEY");
    if (wrong && !/\{\{|\{%/.test(text)) return `${file}:${wrong.line}: ${wrong.message}`;
  }
  return undefined;
};

/** A template of a chart, also where `Chart.yaml` is not here. */
const isTemplate = (file: string, text: string): boolean =>
  /(^|\/)templates\//.test(file) && text.includes("{{");

/** Whether an object in the text is of a kind that scales, runs or bounds pods, or of one that is not known. */
const mayScale = (text: string): boolean => {
  const kinds = [...text.matchAll(/^\s*(?:- )?["']?kind["']?\s*:\s*["']?(\w+)/gm)].map(
    ([, kind = ""]) => kind,
  );
  return kinds.some((kind) => !harmless.has(kind)) || text.includes("serving.knative.dev");
};

const harmless = new Set([
  ...[
    "ConfigMap",
    "Secret",
    "SealedSecret",
    "ExternalSecret",
    "Service",
    "ServiceAccount",
    "Ingress",
    "Namespace",
  ],
  ...["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "NetworkPolicy", "Certificate", "Issuer"],
  ...["PersistentVolume", "PersistentVolumeClaim", "StorageClass", "CronJob", "Job", "DaemonSet", "Pod"],
  ...["ServiceMonitor", "PodMonitor", "PrometheusRule", "GrafanaDashboard", "CustomResourceDefinition"],
  ...["HTTPRoute", "Gateway", "VirtualService", "DestinationRule", "ImagePolicy", "ImageRepository"],
]);

/** Folders of tests and of what they read: nothing applies it. */
export const isTestFile = (path: string): boolean =>
  path
    .split("/")
    .slice(0, -1)
    .some((part) => /^(tests?|testdata|__tests__|fixtures?|e2e|\.github)$/i.test(part));
