import { recordOf } from "../../../records.ts";
import { type Refused, refuse } from "../../../yaml/refused.ts";
import { quantity } from "../quantity.ts";
import { nameOf, type Rendered, textAt, titleOf } from "./rendered.ts";
import { locationOfObject } from "./workload.ts";

type Container = {
  name?: unknown;
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> };
};

export const containers = ["spec", "template", "spec", "containers"];

const containersOf = ({ written }: Rendered): Container[] => {
  const { containers: all } = recordOf(recordOf(recordOf(written.body.spec).template).spec);
  return Array.isArray(all) ? all : [];
};

/** The container that is meant: the only one, or the one called like the workload. */
export const container = (workload: Rendered): string | Refused => {
  const names = containersOf(workload).map(({ name }) => String(name));
  const [only, another] = names;
  if (only !== undefined && another === undefined) return only;
  const like = names.find((name) => workload.names.includes(name));
  return (
    like ??
    refuse(
      names.length === 0
        ? `${locationOfObject(workload)}: ${titleOf(workload)} describes no containers`
        : `${locationOfObject(workload)}: ${titleOf(workload)} has the containers ${names.join(", ")}, none called ${nameOf(workload)}: it cannot be told which is meant`,
    )
  );
};

/** The request or limit of one container, as applied. */
export const resource = (
  workload: Rendered,
  { name, list, of }: { name: string; list: "requests" | "limits"; of: "cpu" | "memory" },
): number | undefined => {
  const text = textAt(workload, [...containers, { by: "name", is: name }, "resources", list, of]);
  return text === undefined ? undefined : quantity(text);
};

/** The request or limit of one pod; undefined when no container sets it. A request that is not written is the limit. */
export const perPod = (
  workload: Rendered,
  list: "requests" | "limits",
  of: "cpu" | "memory",
): number | undefined => {
  const amounts = containersOf(workload).map(({ name }) => {
    const asked = { name: String(name), of };
    return resource(workload, { ...asked, list }) ?? resource(workload, { ...asked, list: "limits" });
  });
  const known = amounts.filter((amount) => amount !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, amount) => sum + amount, 0);
};
