import type { Subject } from "./subjects.ts";

/** The one value that may change stands between these in what is generated. */
export const mark = (value: string): string => `«${value}»`;
export const unmarked = (text: string): string => text.replace(/«([^»]*)»/g, "$1");

/** A directory around a subject. `files` have the value marked; `path` is what --path has to say. */
export type Layout = {
  name: string;
  path?: string;
  namespace?: string;
  called?: string;
  files: (subject: Subject) => Record<string, string>;
};

const head = ({ group, kind }: Subject, namespace = "  namespace: shop\n") =>
  `apiVersion: ${group}\nkind: ${kind}\nmetadata:\n  name: api\n${namespace}`;
const value = ({ quoted }: Subject, text: string, quote = '"') => (quoted ? `${quote}${text}${quote}` : text);
const marked = (subject: Subject): string => subject.body(value(subject, mark(subject.from)));
const object = (subject: Subject): string => `${head(subject)}${marked(subject)}`;
/** As another layer has it: never the value that counts. */
const lower = (subject: Subject): string =>
  `${head(subject, "")}${subject.body(value(subject, subject.field === "memory" ? "300Mi" : subject.field === "cpu" ? "200" : "7"))}`;
const merge = (subject: Subject): string =>
  `${head(subject, "")}${subject.merge(value(subject, mark(subject.from)))}`;
const operation = (subject: Subject): string =>
  `- op: replace\n  path: ${subject.pointer}\n  value: ${value(subject, mark(subject.from))}\n`;
const indented = (text: string, by: number): string => text.replace(/^(?=.)/gm, " ".repeat(by));

const service = `apiVersion: v1
kind: Service
metadata:
  name: api
  namespace: shop
spec:
  ports: [{port: 80, name: http}]   # plain
`;
const unrelated = `# a config that looks odd\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: api-config, namespace: shop}\ndata:\n    mode:   "0300"\n    list:\n    -   one\n    script: |\n      echo {{ not a template of ours }}\n`;

const base = (subject: Subject) => ({
  "base/kustomization.yaml": "resources:\n- api.yaml\n",
  "base/api.yaml": lower(subject),
});
const overlay = (more: string) => `namespace: shop\nresources:\n- ../../base\n${more}`;
const prod = "overlays/prod";

/** Where a value may stand, each with what goes with it. */
export const layouts: Layout[] = [
  { name: "one file", files: (subject) => ({ "api.yaml": object(subject) }) },
  {
    name: "one of several documents",
    files: (subject) => ({
      "all.yaml": `${service}---\n${object(subject)}---\n${unrelated}...\n---\n# the end\n`,
      "other.yml": unrelated.replace("api-config", "more"),
    }),
  },
  {
    name: "an item of a list",
    files: (subject) => ({
      "list.yaml": `apiVersion: v1\nkind: List\nitems:\n- ${indented(service, 2).trimStart()}- ${indented(object(subject), 2).trimStart()}`,
    }),
  },
  { name: "CRLF", files: (subject) => ({ "api.yaml": object(subject).replaceAll("\n", "\r\n") }) },
  { name: "a byte order mark", files: (subject) => ({ "deep/er/api.yaml": `\uFEFF${object(subject)}` }) },
  { name: "no line end at the end", files: (subject) => ({ "api.yaml": object(subject).trimEnd() }) },
  {
    name: "an emoji and tabs in a comment",
    files: (subject) => ({ "api.yaml": `# 🚀\tfast\n${object(subject)}` }),
  },
  {
    name: "single quotes",
    files: (subject) => ({ "api.yaml": `${head(subject)}${subject.body(`'${mark(subject.from)}'`)}` }),
  },
  {
    name: "an anchor that nothing uses",
    files: (subject) => ({
      "api.yaml": `${head(subject)}${subject.body(`&scale ${value(subject, mark(subject.from))}`)}`,
    }),
  },
  {
    name: "a kustomization of one folder",
    files: (subject) => ({
      "kustomization.yaml": "resources: [api.yaml]\n",
      "api.yaml": object(subject),
      "stale.yaml": lower(subject),
    }),
  },
  {
    name: "a base with one overlay that says nothing of it",
    files: (subject) => ({
      ...base(subject),
      "base/api.yaml": `${head(subject, "")}${marked(subject)}`,
      [`${prod}/kustomization.yaml`]: overlay(""),
    }),
  },
  {
    name: "a strategic merge patch in a file",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay("patches:\n- path: scale.yaml\n"),
      [`${prod}/scale.yaml`]: merge(subject),
    }),
  },
  {
    name: "patchesStrategicMerge",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay("patchesStrategicMerge:\n- scale.yaml\n"),
      [`${prod}/scale.yaml`]: merge(subject),
    }),
  },
  {
    name: "an inline strategic merge patch",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay(`patches:\n- patch: |-\n${indented(merge(subject), 4)}# end\n`),
    }),
  },
  {
    name: "a JSON 6902 patch in a file",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay(
        `patches:\n- path: scale.yaml\n  target:\n    kind: ${subject.kind}\n    name: api\n`,
      ),
      [`${prod}/scale.yaml`]: operation(subject),
    }),
  },
  {
    name: "an inline JSON 6902 patch with a pattern",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay(
        `patches:\n- target: {kind: ${subject.kind}, name: "a.*"}\n  patch: |\n${indented(operation(subject), 4)}`,
      ),
    }),
  },
  {
    name: "a component",
    files: (subject) => ({
      ...base(subject),
      "components/big/kustomization.yaml":
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: scale.yaml\n",
      "components/big/scale.yaml": merge(subject),
      [`${prod}/kustomization.yaml`]: overlay("components:\n- ../../components/big\n"),
    }),
  },
  {
    name: "the later of two patches",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay("patches:\n- path: first.yaml\n- path: scale.yaml\n"),
      [`${prod}/first.yaml`]: `${head(subject, "")}${subject.merge(value(subject, subject.from))}`,
      [`${prod}/scale.yaml`]: merge(subject),
    }),
  },
  {
    ...{ name: "a prefix and a suffix", called: "eu-api-v2" },
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay(
        "namePrefix: eu-\nnameSuffix: -v2\npatches:\n- path: scale.yaml\n",
      ),
      [`${prod}/scale.yaml`]: merge(subject),
    }),
  },
  {
    ...{ name: "one of two overlays, by its path", path: prod },
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay("patches:\n- path: scale.yaml\n"),
      [`${prod}/scale.yaml`]: merge(subject),
      "overlays/dev/kustomization.yaml": overlay("patches:\n- path: scale.yaml\n"),
      "overlays/dev/scale.yaml": unmarked(merge(subject)),
    }),
  },
  {
    name: "one of two overlays, by its namespace",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay("patches:\n- path: scale.yaml\n"),
      [`${prod}/scale.yaml`]: merge(subject),
      "overlays/dev/kustomization.yaml": overlay("").replace("shop", "dev"),
    }),
  },
  {
    name: "replicas of a kustomization",
    files: (subject) => ({
      ...base(subject),
      [`${prod}/kustomization.yaml`]: overlay(
        `patches:\n- path: scale.yaml\nreplicas:\n- name: api\n  count: ${mark(subject.from)} # ours\n`,
      ),
      [`${prod}/scale.yaml`]: unmarked(merge(subject)),
    }),
  },
];

/** `replicas:` reaches workloads only. */
export const fits = ({ name }: Layout, { field, kind }: Subject): boolean =>
  name !== "replicas of a kustomization" || (field === "replicas" && kind !== "Rollout");
