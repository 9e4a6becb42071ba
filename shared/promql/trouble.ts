import type { Matcher, Side } from "./selectors.ts";

/** Labels that name an outcome. A selector on one may have series only while something fails. */
const outcome =
  /^(status|state|phase|reason|condition|result|outcome|level|severity|error|error_type|err|exception|success|cause|exit_code|verdict|health|class|(status|response|http|http_status|http_response|grpc|return|result|exit)_?(code|class|status)|code|grpc_code)$/i;
const failure =
  /5\.\.|5xx|[45]\\d|[45]\[0-9\]|\b[45]\d\d\b|err|fail|crash|oom|kill|timeout|denied|panic|fatal|pending|evict|unavailable|false|lost|dead|abort/i;
/** A counter that its exporter may create only with the first failure. */
const failing =
  /(^|[_:])(errors?|errs|failures?|failed|exceptions?|panics?|crash(es)?|ooms?|oom_kill|drop(ped|s)?|rejected|rejections|timeouts?|denied|abort(ed|s)?|unhandled|lost)([_:]|$)/i;
const isCounter = ({ metric, counted }: Side): boolean =>
  counted || /_(total|count|sum|bucket)$/.test(metric);
/** A gauge whose series its exporter drops with the state that it names. */
const stateOfTrouble = /_(failed|waiting_reason|terminated_reason)$/;

const isTrouble = ({ label, op, value }: Matcher): boolean =>
  label !== "__name__" && (outcome.test(label) ? value !== "" : op.startsWith("=") && failure.test(value));

/** Whether the selector's series may exist only while there is trouble. */
export const namesTrouble = (side: Side): boolean =>
  side.optional === true ||
  side.matchers.some(isTrouble) ||
  stateOfTrouble.test(side.metric) ||
  (isCounter(side) && failing.test(side.metric));

/** The same selector without the matchers that name trouble; undefined when it has none. */
export const sibling = (side: Side): Side | undefined => {
  const matchers = side.matchers.filter((matcher) => !isTrouble(matcher));
  return matchers.length === side.matchers.length ? undefined : { ...side, matchers };
};

/** Whether a counter counts requests by outcome: then requests without an error prove that there is traffic. */
export const countsRequests = ({ metric, matchers, counted }: Side): boolean =>
  counted &&
  matchers.some((matcher) => isTrouble(matcher) && /status|code/i.test(matcher.label)) &&
  /(_total|_count|_bucket)$/.test(metric) &&
  /request|http|grpc|rpc|call|query|response/i.test(metric);
