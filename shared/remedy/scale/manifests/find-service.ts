import { recordOf } from "../../../records.ts";
import { locationAt } from "../../../yaml/locate.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import type { Target } from "../model.ts";
import { workloads } from "./kinds.ts";
import { nameOf, namespaceOf, type Rendered, titleOf } from "./rendered.ts";

const labels = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app"];

/** The workload of a service: the one called so, or else the one labelled so. Undefined when there is none. */
export const targetOf = (all: Rendered[], service: string): Target | Refused | undefined => {
  const able = all.filter(
    ({ written }) =>
      workloads.includes(written.kind) ||
      (written.kind === "Service" && written.group === "serving.knative.dev"),
  );
  const called = able.filter(({ names }) => names.includes(service));
  const found = called.length > 0 ? called : able.filter((one) => labelled(one, service));
  const distinct = [...new Map(found.map((one) => [titleOf(one), one])).values()];
  const ran = distinct.filter((one) => !distinct.some((other) => runs(other, one)));
  const [one, another] = ran;
  if (!one) return undefined;
  if (another) {
    const said = ran.slice(0, 4).map((each) => `${titleOf(each)} (${locationAt(each.written.source, 0)})`);
    return refuse(`the service ${service} may be ${said.join(" or ")}; say which with --target or --path`);
  }
  return { kind: one.written.kind, namespace: namespaceOf(one) ?? "", name: nameOf(one) };
};

const runs = (rollout: Rendered, one: Rendered): boolean => {
  const { name } = recordOf(recordOf(rollout.written.body.spec).workloadRef);
  return (
    rollout.written.kind === "Rollout" &&
    one.written.kind === "Deployment" &&
    one.names.includes(String(name))
  );
};

const labelled = ({ written }: Rendered, service: string): boolean => {
  const own = recordOf(recordOf(written.body.metadata).labels);
  return labels.some((label) => own[label] === service);
};
