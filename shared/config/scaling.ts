import { z } from "zod";
import { checkAmount, report } from "./checks.ts";
import { duration, matcher, query } from "./fields.ts";

/** `scaling`: the alerts that mean a lack of capacity, and the value that is raised. */
export const scaling = z
  .strictObject({
    match: z
      .array(matcher)
      .min(1)
      .describe("The alerts that mean a lack of capacity: all matchers must hold."),
    target: z
      .string()
      .regex(
        /^[\w.-]+\/[\w.-]+\/[\w.:-]+$/,
        "KIND/NAMESPACE/NAME such as Deployment/shop/api; a namespace of - is any",
      )
      .meta({ title: "KIND/NAMESPACE/NAME" })
      .describe(
        "The object whose scale is changed, such as `HorizontalPodAutoscaler/shop/api`. A namespace of `-` is any.",
      ),
    raise: z
      .enum(["replicas", "min", "max", "memory", "cpu"])
      .describe(
        "The value that is raised: the number of replicas, an autoscaler's minimum or maximum, or a limit of memory or CPU.",
      ),
    to: z
      .string()
      .regex(/^\d+(\.\d+)?[A-Za-z]{0,2}$/, "a quantity such as 2Gi or 500m, or a number")
      .exactOptional()
      .meta({ title: "Kubernetes quantity or number, in quotes" })
      .describe(
        "The new value. Required for `memory` and `cpu`. Without it, the number of replicas is computed from `current` and `load`.",
      ),
    ceiling: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .exactOptional()
      .meta({ title: "replicas, 1 to 10000", examples: [20] })
      .describe(
        "The value is never raised above this. It is never raised to more than twice its present value either.",
      ),
    for: duration
      .exactOptional()
      .describe(
        "When this time is over, a pull request proposes the old value again. Without it, the change stays.",
      ),
    current: query
      .exactOptional()
      .describe(
        "How many replicas there are now. Default: the count that kube-state-metrics, Argo Rollouts, Knative, Karpenter or Cluster Autoscaler reports for the target's kind. Required for other targets without `to`.",
      ),
    limit: query
      .exactOptional()
      .describe(
        "The most replicas allowed now. Default: the maximum of an HPA or of the HPA of a ScaledObject, or the limit of nodes of a Karpenter NodePool.",
      ),
    load: query
      .exactOptional()
      .describe("The demand divided by the capacity: 1 is full, 2 is twice as much as can be served."),
    ready: query
      .exactOptional()
      .describe(
        "Whether the new replicas are ready: any value but 0. Default: the ready replicas have reached the wanted number; for an HPA those of the Deployment of the same name.",
      ),
  })
  .superRefine((rule, context) => report(checkAmount(rule), context))
  .transform(({ for: forMs, raise: field, ...rest }) => ({
    ...rest,
    field,
    ...(forMs === undefined ? {} : { forMs }),
  }));
