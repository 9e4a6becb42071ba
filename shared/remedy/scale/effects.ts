import { perPod } from "./manifests/container.ts";
import { titleOf } from "./manifests/rendered.ts";
import type { Choice } from "./owner.ts";
import { inUnits, quantity } from "./quantity.ts";

/** The effects of the new value, the cost first. */
export const effectsOf = (choice: Choice, after: string): string[] => {
  const { field, kind, object, notes } = choice;
  const cost =
    field === "memory" || field === "cpu" ? sizeCost(choice, after) : countCost(choice, Number(after));
  const revision =
    kind === "Service" && object ? [`it makes a new Revision of ${titleOf(object)}, which is a deploy`] : [];
  return [...cost, ...revision, ...notes];
};

const countCost = ({ location, field, kind, related }: Choice, after: number): string[] => {
  const more = after - Number(location.value);
  const isNodes = kind === "NodePool" || kind === "ClusterAutoscaler";
  const what = isNodes ? "nodes" : kind === "Terraform" || kind === "Pulumi" ? "of it" : "replicas";
  const head = `${more > 0 ? "+" : "−"}${Math.abs(more)} ${what}${field === "max" ? " at the most" : ""}`;
  const workload = related?.workload;
  if (!workload) return [head];
  const amounts = (["cpu", "memory"] as const).flatMap((of) => {
    const each = perPod(workload, "requests", of);
    return each === undefined ? [] : [{ of, each }];
  });
  if (amounts.length === 0) return [`${head}; what one asks for is not written`];
  const said = (list: (each: number) => number) =>
    amounts.map(({ of, each }) => `${inUnits(Math.abs(list(each)), of)} ${of === "cpu" ? "CPU" : "memory"}`);
  const total = said((each) => each * more).map((text) => `${more > 0 ? "+" : "−"}${text}`);
  return [`${head} × ${said((each) => each).join(" and ")} = ${total.join(" and ")}`];
};

const sizeCost = ({ location, field, object, related }: Choice, after: string): string[] => {
  const of = field as "cpu" | "memory";
  const more = (quantity(after) ?? 0) - (quantity(location.value) ?? 0);
  const name = of === "cpu" ? "CPU" : "memory";
  const each = related && object !== related.workload ? "a container at the most" : "a pod at the most";
  return [
    `${more > 0 ? "+" : "−"}${inUnits(Math.abs(more), of)} ${name} ${object?.written.kind === "NodePool" ? "for the pool at the most" : each}`,
  ];
};

/** A sentence about what was not read of a repository that GitHub does not list whole. */
export const onlyRead = ({ only }: { only?: string[] }): string[] =>
  only === undefined
    ? []
    : [
        `only ${only.join(", ")} was read, as GitHub does not list the repository whole: a layer elsewhere would not be seen`,
      ];
