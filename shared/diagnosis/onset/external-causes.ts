import type { Commit } from "../../ports/history.ts";
import { changedLines } from "../ranking/changed-lines.ts";

/**
 * A cause outside the code, as an error speaks of it. `can` tells whether a change could make that error all the same. A cause that is
 * `local` may be one of the system's own services, when the error names it: then it is not outside.
 */
export type ExternalCause = {
  what: string;
  error: RegExp;
  can?: (commit: Commit) => boolean;
  local?: true;
  /** Any log has a few of these errors; of the others one is enough. */
  noisy?: true;
};

const longest = 20_000;
const changes =
  (pattern: RegExp) =>
  ({ patch = "" }: Commit): boolean =>
    pattern.test(changedLines(patch).slice(0, longest));
const changesOrTouches =
  (lines: RegExp, path: RegExp) =>
  (commit: Commit): boolean =>
    changes(lines)(commit) || commit.paths.some((one) => path.test(one));

/** Begins where a name does and is as long as a name may be, so that a long word is not tried from each of its letters. */
const host = String.raw`(?<![a-z0-9-])(?:https?:\/\/)?(?:[a-z0-9-]{1,63}\.){1,10}(?:com|net|org|io|dev|cloud|co|eu|de|uk|app|ai)\b`;

const causes: ExternalCause[] = [
  {
    what: "a certificate",
    error: /certificate (has )?expired|certificate.{0,20}not (yet )?valid|tls: expired/i,
    can: changesOrTouches(
      /^[-+].*(certificate|\bcert\b|\bca\b.*\.(pem|crt)|cert-manager|issuer|\btls|\bssl|cipher|^.FROM )/im,
      /\.(pem|crt|cer)$|(^|\/)(Dockerfile|Containerfile)[^/]*$|\.nix$/i,
    ),
  },
  {
    what: "a credential that is no longer valid",
    error:
      /(api.?key|token|secret|credentials?|password|lease|subscription|licen[cs]e).{0,40}\b(expired|revoked)|\bexpired (api.?key|token|credentials?|secret)|password authentication failed|invalid_client/i,
    can: changes(/^[-+].*(token|secret|credential|password|api.?key|\bauth|scope|expir|\bttl\b|lease)/im),
  },
  {
    what: "a disk",
    error:
      /no space left|disk full|read-only file system|i\/o error|input\/output error|(disk|volume|file ?system|inodes?)\b.{0,80}\b(only|less than)\b.{0,20}(left|free|available)|(disk|volume|file ?system)s? ?(is )?fill(s|ed|ing)? ?up/i,
    can: changes(/^[-+].*(retention|rotat|log_?level|\bdebug|\btrace|\btmp|spool|dump|archive|write)/im),
    local: true,
  },
  {
    what: "a node",
    error:
      /\bevict(ed|ion)|node.{0,40}not ?ready|preempt(ed|ion)|spot (instance|interruption)|interruption notice|kubelet|\bEDAC\b|uncorrectable|machine check|terminated by provider|scheduled retirement/i,
  },
  {
    what: "the network",
    error: /packet loss|network (partition|is unreachable)|link (is )?(down|flapping)/i,
  },
  {
    what: "name resolution",
    error:
      /no such host|\bdns\b|name resolution|SERVFAIL|NXDOMAIN|EAI_AGAIN|ENOTFOUND|UnknownHost|getaddrinfo/i,
    can: changes(/^[-+].*(\bhost|\burl\b|https?:|endpoint|domain|\bdns|resolv)/im),
  },
  {
    what: "a quota",
    error:
      /quota.{0,20}(exceeded|exhausted|used up|reached)|\wLimitExceeded|InsufficientInstanceCapacity|exceeded your current (quota|limit)|requested more .{0,40} than your/i,
    can: changes(/^[-+].*(quota|limit|instances?|replicas|capacity|concurren|batch)/im),
    local: true,
  },
  {
    what: "a rate limit",
    error: /\b429\b|rate limit(ed)? (by|exceeded|reached)|too many requests/i,
    can: changes(
      /^[-+].*(429|rate|limit|quota|concurren|batch|retr(y|ies)|backoff|interval|poll|cache|parallel|throttl|burst|window|per_?(second|minute|hour|day|client|user|ip)\b)/im,
    ),
    local: true,
    noisy: true,
  },
  {
    what: "an upstream",
    error: new RegExp(
      String.raw`\b(502|503|504) .{0,60}(provider|upstream|third.party|unavailable)|(provider|acquirer|partner|third.party|vendor).{0,40}(outage|unavailable|incident|down)|(outage|incident) (at|of) |scheduled maintenance|${host}.{0,80}\b(answered|returned|status|:) ?5\d\d\b|${host}\S*:? 5\d\d\b|\b(status\w*|code)[=: ]+5\d\d\b.{0,80}${host}|${host}.{0,80}\b(status\w*|code)[=: ]+5\d\d\b`,
      "i",
    ),
    can: changes(/^[-+].*(https?:\/\/|endpoint|\burl\b)/im),
    local: true,
    noisy: true,
  },
  {
    what: "a failover",
    error: /failover|fail(ed|ing) over|no healthy (primary|master)|due to administrator command/i,
    local: true,
  },
  {
    what: "something it cannot reach",
    error:
      /no healthy (upstream|host)|(connect|connection).{0,20}refused|ECONNREFUSED|reset by peer|ECONNRESET|no route to host|host unreachable/i,
    can: changes(
      /^[-+].*(\bhost|\bport\b|\burl\b|https?:|endpoint|keep.?alive|\bsocket|connect|\bproxy|\bsidecar|mtls|networkpolicy|egress)/im,
    ),
    local: true,
    noisy: true,
  },
  {
    what: "a counter that ran out",
    error:
      /out of range value|integer overflow|\b2147483647\b|sequence .{0,40}(exhausted|maximum)|ids? (ran|run) out/i,
  },
  {
    what: "more load than it takes",
    error: /shedding|overloaded|\bddos\b|syn flood|too many (requests )?in flight|request queue full/i,
    local: true,
    noisy: true,
  },
];

/** Events of machines and their operators. Logs report them at info level, not as errors. */
const infoPatterns: [RegExp, string][] = [
  [
    /unattended.?upgrade|apt-daily|\b(dpkg|yum|dnf)\b.{0,40}(install|upgrad|updat)|systemd-\w+ restarted|leap second|hrtimer|kernel:/i,
    "the machine itself",
  ],
  [
    /(on)?host ?maintenance|live.?migrat|migrated by (the )?provider|provider event|\b(instance|node|host) .{0,40}(retired|rebooted|migrated)/i,
    "the provider's machines",
  ],
  [
    /\bsudo: |TTY=.{0,80}COMMAND=|\b(ran|run|executed|deleted|dropped) by hand\b|\bmanual(ly)? (change|failover|run)|\bverb=(patch|update|delete|create)\b.{0,40}resource=|kubectl (scale|delete|edit|drain|rollout)/i,
    "somebody's hand",
  ],
];

/** Metrics of machines and of those who provide them. */
export const isMachineMetric = (metric: string): boolean =>
  /edac|uncorrect|disk_io_err|provider_|cpu_steal|steal_time|timex|leap_|node_(disk|network)_\w*(err|drop)/i.test(
    metric,
  );

/** The one tenant or customer that a metric is about. */
export const tenantOf = (metric: string): string | undefined =>
  /\b(?:tenant|customer|account|org|organisation|organization)(?:_id)?="([^"]{1,80})"/i.exec(metric)?.[1];

/** The host outside the system that a metric is about, by a label such as `host="api.partner.com"`. */
export const foreignHost = (metric: string): string | undefined =>
  new RegExp(String.raw`\b(?:host|upstream|peer|target|provider|vendor)="(${host})"`, "i").exec(metric)?.[1];

/** An event outside the code that a line reports, whatever its level. */
export const outsideEvent = (text: string): string | undefined =>
  infoPatterns.find(([pattern]) => pattern.test(text))?.[1];

/** The cause outside the code that an error speaks of. An error that names one of `services` is not outside where the cause is local. */
export const externalCause = (text: string, services: string[]): ExternalCause | undefined => {
  const cause = causes.find(({ error }) => error.test(text));
  if (cause === undefined || cause.local !== true) return cause;
  const lowerCased = text.toLowerCase();
  return services.some((service) => service.length > 2 && lowerCased.includes(service.toLowerCase()))
    ? undefined
    : cause;
};
