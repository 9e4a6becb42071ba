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
  /** The service itself may answer so. An alert means somebody else only when it names them. */
  own?: true;
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
const host = String.raw`(?<![a-z0-9-])(?:https?:\/\/)?(?:[a-z0-9-]{1,63}\.){1,10}(?:com|net|org|io|dev|cloud|co|eu|de|uk|app|ai|fr|ch|nl|pl|se|jp|br|ca|us|info|biz|tech|example)\b`;

const anyHost = new RegExp(host, "i");

/** A status of 5xx as clients tell it: by its phrase, or after an arrow or a verb. A bare number is not one: it may be milliseconds or rows. */
const phrase = String.raw`\b5\d\d:? (?:server error|internal server error|bad gateway|service unavailable|gateway time-?out|origin)`;
const verb = String.raw`\b(?:(?:responded|answered|replied|failed|returned) with|answered|returned|gave|with status(?: code)?|status\w*|\w*code)`;
const answer = String.raw`(?:->|=>|→|${verb})[ (:="']{0,3}5\d\d\b(?! ?(?:ms|s|rows|bytes|items)\b)|\bgot (?:an? )?5\d\d (?:from|for|on|by)\b`;
const badAnswer = `(?:${phrase}|${answer})`;

/** A host that does not answer in time. */
const noAnswer = `(?:read ?time-?d?-?out|timed? ?out|time-?out|no (?:answer|response)|did not (?:answer|respond))`;

/** Providers whose libraries tell of them by name, not by host. */
const providers = `(?:Stripe|PayPal|Adyen|Braintree|Klarna|Mollie|Plaid|Twilio|SendGrid|Mailgun|Postmark|Mailchimp|OpenAI|Anthropic|Algolia|Auth0|Okta|Mapbox|Cloudinary|Contentful|Shopify|Salesforce|HubSpot|Zendesk|Firebase)`;
const failing = String.raw`(?:\b5\d\d\b|connection (?:to|error)|unavailable|overloaded|timed? ?-?out|internal (?:server )?error)`;
/** Errors of the providers' and the clouds' own libraries that blame their servers. A `StripeInvalidRequestError` blames the caller. */
const ofLibrary = new RegExp(
  [
    String.raw`\b${providers}\w{0,12}(?:API|Api|Connection|Server|Service|Timeout|Unavailable)\w{0,16}(?:Error|Exception)\b.{0,200}${failing}`,
    String.raw`\b(?:connection to|response from|answer from|error from) ${providers}\b.{0,120}${failing}`,
    String.raw`\b${providers}(?:'s)?(?: API)? (?:answered|returned|responded|replied|failed)(?: with)?(?: status(?: code)?)? 5\d\d\b`,
    String.raw`\bAn error occurred \((?:ServiceUnavailable|InternalServerError|InternalFailure|InternalError|SlowDown|503)\w{0,20}\) when calling the \w{1,80} operation`,
    String.raw`\(Service: \w{1,60}, Status Code: 5\d\d\b|\bgoogleapi: Error 5\d\d\b|google\.api_core\.exceptions\.(?:ServiceUnavailable|InternalServerError|GatewayTimeout|BadGateway)|RequestFailedException: .{0,120}Status: 5\d\d\b`,
  ].join("|"),
);

const causes: ExternalCause[] = [
  {
    // The names of Grafana's alerts about a rule whose query failed, or found nothing.
    what: "a data source that gives Grafana no answer",
    error: /\bDatasource(?:Error|NoData)\b/,
    can: changes(
      /^[-+].*(metric|prometheus|\botel|telemetry|scrape|exporter|counter|gauge|histogram|_total\b)/im,
    ),
  },
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
      /no space left|disk full|\bENOSPC\b|flood.?stage|disk usage exceeded|read-only file system|i\/o error|input\/output error|(disk|volume|file ?system|inodes?)\b.{0,80}\b(only|less than)\b.{0,20}(left|free|available)|(disk|volume|file ?system)s? ?(is )?fill(s|ed|ing)? ?up/i,
    can: changes(
      /^[-+].*(retention|rotat|log_?level|\bdebug|\btrace|\btmp|spool|dump|archive|write|read-?_?only|:ro\b|mount|emptyDir|securityContext)/im,
    ),
    local: true,
  },
  {
    what: "a node",
    error:
      /\bevict(ed|ion)|node.{0,40}not ?ready|preempt(ed|ion)|spot (instance|interruption)|interruption notice|kubelet|\bEDAC\b|uncorrectable|machine check|terminated by provider|scheduled retirement/i,
    can: changes(
      /^[-+].*(priority_?class|preempt|\bspot\b|capacity_?type|node_?(selector|pool|group)|toleration|taint|affinity|requests:|instance_?type|disruption|evict)/im,
    ),
  },
  {
    what: "the provider's capacity",
    error:
      /InsufficientInstanceCapacity|burst balance (is |at )?0|\b(limited|degraded|throttled|throttling)\b.{0,20} by (the |its )?(provider|operator|cloud|carrier)\b/i,
    can: changes(
      /^[-+].*(instance_?type|volume_?type|\biops\b|throughput|\bgp[23]\b|capacity|node_?(pool|group))/im,
    ),
  },
  {
    what: "a key that the other side changed",
    error:
      /\b(new|next|another) signing key\b|signing[_ ]?key\.?\w*[_. ](rotated|replaced)|\bkey ?id (is )?(unknown|not found)|\bunknown (kid|key ?id)\b|\bkid=\S{1,60} known=|\bkey-?id=\S{1,60}, configured key-?id=|host key (mismatch|verification failed|has changed)/i,
    can: changes(/^[-+].*(\bkid\b|key_?id|jwks|signing|public_?key|known_hosts|metadata|secret)/im),
  },
  {
    what: "the network",
    error: /packet loss|network (partition|is unreachable)|link (is )?(down|flapping)/i,
  },
  {
    what: "name resolution",
    error:
      /no such host|\bdns\b|name resolution|SERVFAIL|NXDOMAIN|EAI_AGAIN|ENOTFOUND|UnknownHost|getaddrinfo|\blookup \S{1,253} on \S{1,60}:53\b|server misbehaving|(could ?n.t|could not|unable to|cannot) resolve( the)? ?host|name or service not known|nor servname provided|no address associated/i,
    can: changes(/^[-+].*(\bhost|\burl\b|https?:|endpoint|domain|\bdns|resolv)/im),
  },
  {
    what: "a quota",
    error:
      /quota.{0,20}(exceeded|exhausted|used up|reached)|\wLimitExceeded|\bover_?(\w{1,12}_)?(limit|quota)\b|exceed(ed|s|ing)? (your|the|its) ([a-z]{1,12} ){0,3}(quota|(current|daily|monthly|hourly|request|query|call|usage|plan) limit)|\b(daily|monthly|hourly) ([a-z]{1,12} ){0,2}(limit|quota)\b.{0,30}\b(reached|exceeded|exhausted|used up)|requested more .{0,40} than your/i,
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
    own: true,
  },
  {
    what: "an upstream",
    error: new RegExp(
      String.raw`\b(502|503|504) .{0,60}(provider|upstream|third.party|unavailable)|(provider|acquirer|partner|third.party|vendor).{0,40}(outage|unavailable|incident|down)|(outage|incident) (at|of) |\bSlowDown\b|\b4[25]\d[ -]4\.\d{1,3}\.\d{1,3}\b|(scheduled|planned|under) maintenance\b|(down|closed|offline|unavailable) for maintenance|${host}\S*:? 5\d\d\b|${host}.{0,80}: ?5\d\d\b|${host}.{0,80}${badAnswer}|${badAnswer}.{0,80}${host}|${noAnswer}.{0,80}${host}|${host}.{0,80}${noAnswer}`,
      "i",
    ),
    can: changes(
      /^[-+].*(https?:\/\/|endpoint|\burl\b|\bhost|maintenance|time-?_?out|\bproxy|egress|networkpolicy|security_?group|cidr|keep-?_?alive)/im,
    ),
    local: true,
    noisy: true,
  },
  {
    what: "an upstream",
    error: ofLibrary,
    can: changes(
      /^[-+].*(https?:\/\/|endpoint|\burl\b|\bregion\b|timeout|\bproxy|networkpolicy|egress|base_?url)/im,
    ),
    noisy: true,
  },
  {
    what: "the banks behind the payments",
    error:
      /\b(issuer|acquirer|card ?network|bank|switch)\b.{0,30}\b(inoperative|unavailable|not available|unreachable|timed? ?out)/i,
    can: changes(/^[-+].*(acquirer|issuer|payment|\bcard|merchant|3-?ds|https?:\/\/|endpoint)/im),
  },
  {
    what: "a file from outside",
    error:
      /^(?!.{0,2000}\b(?:GET|POST|PUT|PATCH|DELETE) ).{0,2000}(parse ?error|mismatched tag|not well-formed|malformed|truncated|unexpected end of (file|input|data)|wrong number of (columns|fields)|BadZipFile|corrupt(ed)?|invalid (byte|utf-?8|delimiter)|unterminated)\b.{0,200}[\w-]\.(xml|csv|tsv|jsonl?|zip|gz|xlsx|edi|parquet)\b/i,
    can: changes(/^[-+].*(pars|xml|csv|json|decod|encod|delimit|schema|column|import|\bread|charset|zip)/im),
  },
  {
    what: "a failover",
    error:
      /failover|fail(ed|ing) over|no healthy (primary|master)|due to administrator command|\b(leader|primary|master)\b.{0,20}\b(not available|elect(ion|ed|ing)|changed)|\b(LEADER_NOT_AVAILABLE|NOT_LEADER\w*|NotPrimary\w*|NotMaster\w*|NotWritablePrimary)\b|\bno (leader|quorum)\b|is in recovery mode|switch-master|\bLOADING Redis\b|lost (power|(its|their) disks?)\b/i,
    can: changes(/^[-+].*(primary|replica|failover|promot|elect|quorum|leader|min.?insync|read.?only)/im),
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
      /out of range value|integer overflow|\b2147483647\b|sequence .{0,40}(exhausted|maximum)|ids? (ran|run) out|to avoid wraparound/i,
  },
  {
    what: "more load than it takes",
    error: /shedding|overloaded|\bddos\b|syn flood|too many (requests )?in flight|request queue full/i,
    can: changes(
      /^[-+].*(somaxconn|backlog|listen|limit|concurren|queue|max_?conn|syn_?cookies|workers?\b|shed)/im,
    ),
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
    /\bsudo: |TTY=.{0,80}COMMAND=|\b(ran|run|executed|deleted|dropped) by hand\b|\bmanual(ly)? (change|failover|run)|\baudit: .{0,60}\bby (user )?\w|\w@bastion|from bastion|\bverb=(patch|update|delete|create)\b.{0,40}resource=|kubectl (scale|delete|edit|drain|rollout)/i,
    "somebody's hand",
  ],
  [
    /\b(Metabase|Tableau|Looker|Power ?BI|DBeaver|DataGrip|pgAdmin|Superset|Redash|Qlik|application_name=psql)\b/i,
    "a query by a person or a report",
  ],
];

/** Metrics of machines and of those who provide them. */
export const isMachineMetric = (metric: string): boolean =>
  /edac|uncorrect|disk_io_err|provider_|clock_skew|burst_balance|unassigned_shards|connected_(replicas|slaves)|cpu_steal|steal_time|timex|leap_|node_(disk|network)_\w*(err|drop)/i.test(
    metric,
  );

/** The one tenant or customer that a metric is about. */
export const tenantOf = (metric: string): string | undefined =>
  /\b(?:tenant|customer|account|org|organisation|organization)(?:_id)?="([^"]{1,80})"/i.exec(metric)?.[1];

/** The host outside the system that a metric is about, by a label such as `host="api.partner.com"`. */
export const foreignHost = (metric: string): string | undefined =>
  new RegExp(String.raw`\b(?:host|upstream|peer|target|provider|vendor)="(${host})"`, "i").exec(metric)?.[1];

const otherSide =
  /^(?:upstream|provider|vendor|destination|(?:net_)?peer|remote|external)(?:_?(?:host|name|service|address))?$/i;
const eitherSide = /^(?:host|hostname|target|server_address|url|api)$/i;
const ofClient = /(?:^|_)(?:client|outbound|egress|upstream|external|remote|outgoing)(?:_|$)/;
const wholeHost = new RegExp(`^${host}(?:$|[:/])`, "i");

/** The host outside the system that an alert's label names: of the other side, or of calls that its rule counts at the client. */
export const foreignLabel = (labels: Record<string, string>, metrics: string[]): string | undefined => {
  const isOfCalls = metrics.some((metric) => ofClient.test(metric));
  const found = Object.entries(labels).find(
    ([key, value]) => wholeHost.test(value) && (otherSide.test(key) || (isOfCalls && eitherSide.test(key))),
  );
  return found?.[1];
};

/** An event outside the code that a line reports, whatever its level. */
export const outsideEvent = (text: string): string | undefined =>
  infoPatterns.find(([pattern]) => pattern.test(text))?.[1];

const party =
  /\b(?:by|from|at|of|with)\b.{0,30}\b(?:provider|partner|vendor|supplier|carrier|third.party|upstream|api)\b/i;
const speaker =
  /([\w'-]+)(?:'s)?(?: api)? (?:answer|return|respond|repl(?:y|ie)|throttle|limit|refuse)(?:s|ed|es|d)?\b/i;
/** Subjects of such a verb that are nobody outside, such as requests and users. */
const nobody =
  /^(?:we|it|and|or|is|are|be|was|were|that|which|rate|requests?|calls?|clients?|users?|customers?|pods?|service|server|endpoint|route)$/i;

/** Whether the text of an alert on `service` names somebody else who fails: `the bank answers 429`, not `31 % of requests get 429`. */
export const namesOther = (text: string, service: string): boolean => {
  if (party.test(text) || anyHost.test(text)) return true;
  const subject = speaker.exec(text)?.[1] ?? "";
  return subject !== "" && !nobody.test(subject) && subject.toLowerCase() !== service.toLowerCase();
};

/** The cause outside the code that an error speaks of. An error that names one of `services` is not outside where the cause is local. */
export const externalCause = (text: string, services: string[]): ExternalCause | undefined => {
  const cause = causes.find(({ error }) => error.test(text));
  if (cause === undefined || cause.local !== true) return cause;
  const lowerCased = text.toLowerCase();
  return services.some((service) => service.length > 2 && lowerCased.includes(service.toLowerCase()))
    ? undefined
    : cause;
};
