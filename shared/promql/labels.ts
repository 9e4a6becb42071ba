export type Labels = Record<string, string>;

/** Names of one replica of a service or of Prometheus. A deploy replaces replicas, so they do not identify a series. */
const replica = new Set([
  "instance",
  "pod",
  "pod_name",
  "pod_template_hash",
  "container_id",
  "replica",
  "prometheus_replica",
]);

/** Names of the machine that a pod runs on. An alert that names a pod is about the pod. */
const place = new Set(["node", "nodename", "host", "hostname", "host_ip", "pod_ip", "ip", "uid"]);
/** A container's id. */
const containerId = /^[0-9a-f]{64}$/;
/** Labels that name a release or its copies: after a fix the same series goes on under another value. */
const release =
  /^((app|service|label|app_kubernetes_io|label_app_kubernetes_io)_)?version$|^(container_)?image(_id|_tag|_spec)?$|^(tag|revision|commit|sha|git_\w+|build(_id)?|replica_?set|id|uid|serial(_?number)?|fingerprint)$/;

/** Label names under which the next replica, or the next release, has another value. */
export const passing = [...replica, "version", "revision", "image", "replicaset", "id", "uid"];

/** Whether a label names a release. A value that no series carries any more was replaced by another one. */
export const namesRelease = (name: string): boolean => release.test(name);

/** The labels that stay the same when another release runs. */
export const lasting = (labels: Labels): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !namesRelease(name)));

/** The labels of a series that stay the same when another replica takes its place, or another release. */
export const identifying = (labels: Labels): Labels =>
  Object.fromEntries(
    Object.entries(lasting(labels)).filter(
      ([name, value]) =>
        name !== "__name__" && !replica.has(name) && !place.has(name) && !containerId.test(value),
    ),
  );

/** The alert's labels that identify its series: without its name, the labels that the rule sets, and those of one replica. */
export const ownLabels = (alert: Labels, rule: Labels): Labels =>
  Object.fromEntries(
    Object.entries(alert).filter(
      ([name, value]) =>
        name !== "alertname" && !Object.hasOwn(rule, name) && !isOfReplica(name, value, alert.pod),
    ),
  );

const isOfReplica = (name: string, value: string, pod: string | undefined): boolean => {
  // A probe's instance is the address that it asks.
  if (name === "instance" && value.includes("/")) return false;
  if (replica.has(name) || containerId.test(value)) return true;
  // The kubelet names a container after its pod.
  if (name === "name" && (value.startsWith("k8s_") || (pod !== undefined && value.includes(pod))))
    return true;
  return pod !== undefined && place.has(name);
};

/** Whether no label that both carry differs. */
export const consistent = (labels: Labels, own: Labels): boolean =>
  Object.entries(labels).every(([name, value]) => !Object.hasOwn(own, name) || own[name] === value);

const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Whether the name can be written in PromQL without quotes. */
export const isLabelName = (name: string): boolean => labelName.test(name);
