import type { Matcher, Side } from "./selectors.ts";

/** Labels that name an outcome. A selector on one may have series only while something fails. */
const outcome =
  /^(level|severity|error|error_type|err|exception|success|cause|verdict|class|code|(\w+_)?(status|state|phase|reason|condition|result|outcome|health|(status|response|http|return|ret|result|exit|grpc|err|error|r)_?(code|class)(_class)?))$/i;
/** Labels that name a thing. It exists whatever is wrong with it, also one called "failover" or "dead-letters". */
const identity =
  /(^|_)(job|service|endpoint|app|application|name|namespace|cluster|env|environment|instance|pod|container|component|node|host|team|deployment|statefulset|daemonset|workload|queue|topic|group|consumergroup|vhost|exchange|db|database|datname|schema|table|uri|url|path|route|handler|method|target|backend|server|upstream|region|zone|device|mountpoint|index|stream|bucket|tenant|project|product)$/i;
/** Values of an outcome that is well, and of a role. Their series are there as long as the thing is. */
const good =
  /^(true|ok|okay|up|ready|healthy|available|active|running|success(es|ful)?|succeeded|passed|synced|bound|online|normal|no_?error|none|2xx|2\d\d|primary|secondary|master|slave|replica|leader|follower|standby)$/i;
/** HTTP statuses of failures. */
const failedStatus = /5\.\.|5xx|[45]\\d|[45]\[0-9\]|\b[45]\d\d\b/i;
const failedWord =
  /^(err|errs|errors?|fail(s|ed|ures?|ing)?|crash\w*|ooms?|oom\w*|kill(s|ed)?|time(d?out|outs)|denied|panics?|fatal|pending|evict(ed|ion|ions)|unavailable|unreachable|unhealthy|degraded|refused|rejected|false|lost|dead|abort\w*)$/i;
/** A counter that its exporter may create only with the first failure. */
const failing =
  /(^|[_:])([45]_?xx|errors?|errs?|failures?|failed|fails?|exceptions?|panics?|crash(es)?|ooms?|oom_kill|drop(ped|s)?|rejected|rejections|timeouts?|denied|abort(ed|s)?|unhandled|lost)([_:]|$)/i;
export const isCounter = ({ metric, counted }: Side): boolean =>
  counted || /_(total|count|sum|bucket)$/.test(metric);
/** Numbers of events that exporters tell without a suffix. */
const events =
  /(^|[_:])(restarts?|deadlocks?|conflicts?|retr(y|ies)|evictions?|kills?|requests|queries|hits|misses|calls|messages|events|received|sent|transmit(ted)?|receive|reads|writes)$/i;
/** Whether a metric counts events, or what failed (`runs{status="Failed"}`): only more of them is trouble, and not how many there were. */
export const countsEvents = (side: Side): boolean =>
  isCounter(side) || failing.test(side.metric) || events.test(side.metric) || side.matchers.some(isTrouble);
/** A gauge whose series its exporter drops with the state that it names. */
const stateOfTrouble = /_(failed|waiting_reason|terminated_reason)$/;

const isTrouble = ({ label, op, value }: Matcher): boolean => {
  if (label === "__name__") return false;
  // A selector that leaves the failures out has the series that are well.
  if (op.startsWith("!") && isFailure(value)) return false;
  if (outcome.test(label)) return value !== "" && !(op === "=" && good.test(value));
  return !identity.test(label) && op.startsWith("=") && isFailure(value);
};

const isFailure = (value: string): boolean =>
  failedStatus.test(value) || wordsOf(value).some((word) => failedWord.test(word));

/** The words of a value such as `task-failed` or `CrashLoopBackOff`. */
const wordsOf = (value: string): string[] => value.replace(/([a-z])([A-Z])/g, "$1 $2").split(/[^A-Za-z]+/);

/** Whether the selector's series may exist only while there is trouble. */
export const namesTrouble = (side: Side): boolean =>
  side.optional === true ||
  side.matchers.some(isTrouble) ||
  stateOfTrouble.test(side.metric) ||
  (isCounter(side) && failing.test(side.metric));

/** Whether a selector takes several states, as `phase=~"Failed|Pending"` does: then the state that an alert names is not what it is about. */
export const takesStates = ({ matchers }: Side, label: string): boolean =>
  outcome.test(label) && matchers.some((matcher) => matcher.label === label && matcher.op !== "=");

/** The same selector without the matchers that name trouble; undefined when it has none. */
export const sibling = (side: Side): Side | undefined => {
  const matchers = side.matchers.filter((matcher) => !isTrouble(matcher));
  return matchers.length === side.matchers.length ? undefined : { ...side, matchers };
};

/** The same selector without the matchers that name any outcome, a good one too. */
export const anyState = (side: Side): Side => ({
  ...side,
  matchers: side.matchers.filter((matcher) => !isTrouble(matcher) && !outcome.test(matcher.label)),
});

/** Whether a counter counts requests by outcome: then requests without an error prove that there is traffic. */
export const countsRequests = ({ metric, matchers, counted }: Side): boolean =>
  counted &&
  matchers.some(
    (matcher) =>
      isTrouble(matcher) &&
      (/status|code|class|outcome|result|success/i.test(matcher.label) || matcher.op.startsWith("!")),
  ) &&
  /(_total|_count|_bucket|_requests|_responses|_xx)$/.test(metric) &&
  /request|http|grpc|rpc|call|query|response|_rq_/i.test(metric);

/** Labels of a trouble without a state for the time in between: no other value stands for "all is well". */
const causes = /^(reason|cause|error|error_type|err|exception|\w+_reason)$/i;

/**
 * Whether the selector's metric has a series for the good state too, as the requests of a route or the health of an application have. Then
 * something without any series tells nothing.
 */
export const hasGoodState = (side: Side): boolean =>
  !stateOfTrouble.test(side.metric) &&
  !(isCounter(side) && failing.test(side.metric)) &&
  side.matchers.some((matcher) => isTrouble(matcher) && !causes.test(matcher.label));
