/** Causes outside the code, as logs speak of them. */
const errorPatterns: [RegExp, string][] = [
  [/certificate (has )?expired|certificate.{0,20}not (yet )?valid|tls: expired/i, "a certificate"],
  [/no space left|disk full|read-only file system|i\/o error|input\/output error/i, "a disk"],
  [
    /\bevict(ed|ion)|node.{0,40}not ?ready|preempt(ed|ion)|spot (instance|interruption)|interruption notice|kubelet|\bEDAC\b|uncorrectable|machine check|terminated by provider|scheduled retirement/i,
    "a node",
  ],
  [
    /no such host|\bdns\b|name resolution|SERVFAIL|NXDOMAIN|EAI_AGAIN|ENOTFOUND|UnknownHost|getaddrinfo/i,
    "name resolution",
  ],
  [
    /failover|fail(ed|ing) over|no healthy (primary|master|upstream|host)|(connect|connection).{0,20}refused|ECONNREFUSED|no route to host|host unreachable/i,
    "something it cannot reach",
  ],
  [
    /\b(502|503|504|429)\b .{0,60}(provider|upstream|third.party|unavailable|too many requests)|(provider|acquirer|partner|third.party|vendor).{0,40}(outage|unavailable|incident|down)|(outage|incident) (at|of) |quota.{0,20}(exceeded|exhausted|used up|reached)|rate limit(ed)? by|scheduled maintenance/i,
    "an upstream",
  ],
  [
    /out of range value|integer overflow|\b2147483647\b|sequence .{0,40}(exhausted|maximum)|ids? (ran|run) out/i,
    "a counter that ran out",
  ],
  [
    /shedding|overloaded|\bddos\b|syn flood|too many (requests )?in flight|request queue full/i,
    "more load than it takes",
  ],
];

/** What machines and their keepers do of themselves; their logs tell it as news, not as an error. */
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
    /\bsudo: |TTY=.{0,80}COMMAND=|\b(ran|run|executed|deleted|dropped) by hand\b|\bmanual(ly)? (change|failover|run)/i,
    "somebody's hand",
  ],
];

/** Metrics of machines and of those who provide them. */
export const isMachineMetric = (metric: string): boolean =>
  /edac|uncorrect|disk_io_err|provider_|cpu_steal|steal_time|timex|leap_|node_(disk|network)_\w*(err|drop)/i.test(
    metric,
  );

/** What stays outside the code whichever service it is about. */
const anywhere = ["a certificate", "a node", "name resolution", "a counter that ran out"];

/** What happened outside the code as a line tells it, whatever its level. */
export const outsideEvent = (text: string): string | undefined =>
  infoPatterns.find(([pattern]) => pattern.test(text))?.[1];

/** What outside the code a line speaks of. What cannot be reached is not outside when it is one of `services`: that may come from a commit. */
export const externalCause = (text: string, services: string[]): string | undefined => {
  const cause = errorPatterns.find(([pattern]) => pattern.test(text))?.[1];
  if (cause === undefined || anywhere.includes(cause)) return cause;
  const lowerCased = text.toLowerCase();
  return services.some((service) => service.length > 2 && lowerCased.includes(service.toLowerCase()))
    ? undefined
    : cause;
};
