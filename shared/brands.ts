declare const flavour: unique symbol;
declare const brand: unique symbol;

/**
 * A value with a meaning: a plain literal is assignable, so tests stay readable, and a value of another meaning is not. A `Sha` given
 * where an `IncidentId` is wanted does not compile.
 */
export type Flavour<T, Name extends string> = T & { readonly [flavour]?: Name };
export type Sha = Flavour<string, "Sha">;
/** An instant in milliseconds since 1970. Sums and differences are plain numbers. */
export type EpochMs = Flavour<number, "EpochMs">;
/** `SERVICE/ENVIRONMENT`, or `SERVICE/ENVIRONMENT/2` for a trouble beside the first. */
export type IncidentId = Flavour<string, "IncidentId">;

/** A text that only its encoder makes. A plain string is not assignable, so raw text from outside does not compile at a sink. */
type Brand<Name extends string> = string & { readonly [brand]: Name };
/** GitHub Markdown in which text from outside is encoded: `shared/text/markdown.ts` makes it. */
export type Markdown = Brand<"Markdown">;
/** Slack mrkdwn in which text from outside is encoded: the Slack adapter makes it. */
export type Mrkdwn = Brand<"Mrkdwn">;
/** A branch name that git accepts: `shared/remedy/revert/branch.ts` makes it. */
export type RefName = Brand<"RefName">;

/** A system beside this program that is called over HTTP. Names are stored: they keep their meaning. */
export type OutsideSystem =
  | "github"
  | "slack"
  | "prometheus"
  | "loki"
  | "elasticsearch"
  | "registry"
  | "alertmanager"
  | "pagerduty"
  | "webhook"
  | "opa"
  | "opinion"
  | "oidc"
  | "argocd"
  | "grafana"
  | "tempo"
  | "jaeger"
  | "kubernetes"
  | "sns"
  | "cloudwatch";
/** Such a system, or a part of this program that can fail like one. Names are stored as well. */
export type System = OutsideSystem | "store" | "memory" | "bus" | "configuration" | "switch";
