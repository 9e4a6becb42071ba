import type { ListedChange } from "../git/model.ts";
import type { ChangeClass } from "../policy/change-classes.ts";

/** A changed file. `text` is the whole file, where it was read: the hunks of a diff seldom name the object that they are in. */
export type ClassedFile = Pick<ListedChange, "path" | "patch"> & { text?: string };

/** The class of objects of an API group, or of one kind of it. The first row that matches counts. */
const objects: { class: ChangeClass; group: RegExp; kind?: RegExp }[] = [
  { class: "policy", group: /^networking\.k8s\.io$/, kind: /^NetworkPolicy$/ },
  { class: "policy", group: /(^|\.)gatekeeper\.sh$|(^|\.)kyverno\.io$|^rbac\.authorization\.k8s\.io$/ },
  { class: "policy", group: /^security\.istio\.io$|^cilium\.io$|^(crd\.)?projectcalico\.org$/ },
  { class: "policy", group: /^admissionregistration\.k8s\.io$|^policy\.networking\.k8s\.io$/ },
  {
    class: "traffic",
    group: /^networking\.istio\.io$|^(gateway\.)?networking\.k8s\.io$|^gateway\.envoyproxy\.io$/,
  },
  { class: "traffic", group: /(^|\.)networkservicemesh\.io$|^split\.smi-spec\.io$|^getambassador\.io$/ },
  { class: "runtime", group: /^node\.k8s\.io$/, kind: /^RuntimeClass$/ },
  {
    class: "node",
    group: /^karpenter\.(sh|k8s\.aws)$|(^|\.)cluster\.x-k8s\.io$|^machine(configuration)?\.openshift\.io$/,
  },
  { class: "sandbox", group: /^security-profiles-operator\.x-k8s\.io$/ },
  { class: "resources", group: /^autoscaling\.k8s\.io$/ },
  { class: "resources", group: /^$/, kind: /^(LimitRange|ResourceQuota)$/ },
  { class: "scale", group: /^autoscaling$|^keda\.sh$/ },
  { class: "flag", group: /^core\.openfeature\.dev$/ },
];

const hcl = String.raw`^[-+ ]\s*resource\s+"`;
/** The class of a changed line, in files whose path matches. The line begins with its sign. */
const lines: { class: ChangeClass; path: RegExp; line: RegExp }[] = (
  [
    ["traffic", yaml(), /^[-+]\s*-?\s*["']?(weight|percent|revisionName|latestRevision)["']?\s*:/],
    ["runtime", yaml(), /^[-+]\s*["']?runtimeClassName["']?\s*:/],
    [
      "sandbox",
      yaml(),
      /^[-+]\s*-?\s*["']?(seccompProfile|appArmorProfile|container\.apparmor\.security\.[\w.]+\/\S+|capabilities|privileged|allowPrivilegeEscalation|readOnlyRootFilesystem|runAs(NonRoot|User|Group)|host(PID|IPC|Network)|procMount|seLinuxOptions|sysctls|localhostProfile)["']?\s*:/,
    ],
    ["sandbox", /\.bpf\.c$/, /^[-+]/],
    ["sandbox", /(^|\/)sysctl(\.d\/.*)?\.conf$/, /^[-+]\s*[\w.]+\s*=/],
    [
      "resources",
      yaml(),
      /^[-+]\s*["']?(cpu|memory|ephemeral-storage|hugepages-\w+|mem_limit|cpus)["']?\s*:/,
    ],
    ["resources", /\.(service|slice|conf)$/, /^[-+]\s*(MemoryMax|MemoryHigh|CPUQuota|TasksMax|IOWeight)\s*=/],
    [
      "node",
      yaml(),
      /^[-+]\s*["']?(sgx\.intel\.com|nvidia\.com|amd\.com|intel\.com|smarter-devices)\/\S+\s*:/,
    ],
    [
      "node",
      /\.(tf|tf\.json|hcl)$/,
      /^[-+]\s*("?)(ami|ami_type|image_id|instance_types?|machine_type|node_image_version|vm_size)\1\s*[=:]/,
    ],
    [
      "node",
      /\.(tf|hcl)$/,
      new RegExp(
        `${hcl}(aws_eks_node_group|google_container_node_pool|azurerm_kubernetes_cluster_node_pool)"`,
      ),
    ],
    [
      "scale",
      yaml(),
      /^[-+]\s*["']?(replicas|replicaCount|(min|max)Replicas|(min|max)ReplicaCount|autoscaling\.knative\.dev\/(min|max)-?[sS]cale)["']?\s*:/,
    ],
    [
      "scale",
      /\.(tf|tfvars|tf\.json|hcl)$/,
      /^[-+]\s*("?)(desired_capacity|(min|max|desired)_size)\1\s*[=:]/,
    ],
    ["flag", /\.(ya?ml|json)$/, /^[-+]\s*["']?(defaultVariant|defaultRule)["']?\s*:/],
    [
      "migration",
      /\.(sql|rb|py|ts|js|java|kt|go|php)$/,
      /^[-+].*\b(CREATE|ALTER|DROP|RENAME)\s+(UNIQUE\s+)?(TABLE|INDEX|COLUMN|TYPE|VIEW)\b/i,
    ],
    [
      "migration",
      /\.(rb|py)$/,
      /^[-+].*\b(op\.(add|drop|alter|create|rename)_\w+|migrations\.(Add|Remove|Alter|Rename|Create|Delete)\w+|(add|remove|rename|change)_column|create_table|drop_table)\b/,
    ],
    [
      "dependency",
      /(^|\/)(package\.json|go\.mod|Cargo\.toml|pyproject\.toml|requirements[\w.-]*\.txt|Pipfile|Gemfile|composer\.json|pom\.xml|build\.gradle(\.kts)?|libs\.versions\.toml|Chart\.yaml)$/,
      /^[-+].*\d+\.\d+/,
    ],
    [
      "dependency",
      /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|Chart\.lock)$/,
      /^[-+]/,
    ],
  ] as const
).map(([name, path, line]) => ({ class: name, path, line }));

function yaml(): RegExp {
  return /\.(ya?ml|json)$/;
}

/** Whether only the whole file tells of which kind the changed object is. */
export const needsText = ({ path, patch }: ClassedFile): boolean =>
  /\.ya?ml$/.test(path) && patch !== undefined && kindsIn(unmarked(patch)).length === 0;

/** The classes of a change, by the lines that it changed and the kinds of the objects that they are in; never by names. */
export const classesOf = (files: ClassedFile[]): ChangeClass[] => [
  ...new Set(files.flatMap((file) => [...ofObjects(file), ...ofLines(file)])),
];

const ofLines = ({ path, patch = "" }: ClassedFile): ChangeClass[] => {
  const rows = lines.filter((row) => row.path.test(path));
  if (rows.length === 0) return [];
  const all = patch.split("\n");
  return rows.filter(({ line }) => all.some((one) => line.test(one))).map((row) => row.class);
};

const ofObjects = ({ path, patch = "", text }: ClassedFile): ChangeClass[] => {
  if (!/\.ya?ml$/.test(path)) return [];
  const own = kindsIn(unmarked(patch));
  const found = own.length > 0 || text === undefined ? own : kindsIn(changedDocuments(text, patch));
  return found.flatMap(({ group, kind }) => {
    const row = objects.find((one) => one.group.test(group) && (one.kind?.test(kind) ?? true));
    return row === undefined ? [] : [row.class];
  });
};

const unmarked = (patch: string): string => patch.replace(/^[-+ ]/gm, "");

/** The documents that hold a line of the change, or all when none does. */
const changedDocuments = (text: string, patch: string): string => {
  const changed = patch.split("\n").flatMap((line) => (/^[-+]\s*\S/.test(line) ? [line.slice(1)] : []));
  const documents = text.split(/^---.*$/m);
  const held = documents.filter((one) => {
    const own = new Set(one.split("\n"));
    return changed.some((line) => own.has(line));
  });
  return (held.length > 0 ? held : documents).join("\n---\n");
};

const kindsIn = (text: string): { group: string; kind: string }[] =>
  text.split(/^---.*$/m).flatMap((document) => {
    const [, kind] = /^kind:\s*["']?(\w+)/m.exec(document) ?? [];
    const [, version = ""] = /^apiVersion:\s*["']?([\w./-]+)/m.exec(document) ?? [];
    const group = version.includes("/") ? (version.split("/")[0] ?? "") : "";
    return kind === undefined ? [] : [{ group, kind }];
  });
