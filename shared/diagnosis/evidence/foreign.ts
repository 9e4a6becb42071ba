/** Causes outside the code, as logs speak of them. */
const foreign: [RegExp, string][] = [
  [/certificate (has )?expired|certificate.{0,20}not (yet )?valid|tls: expired/i, "a certificate"],
  [/no space left|disk full|read-only file system|i\/o error/i, "a disk"],
  [
    /\bevict(ed|ion)|node.{0,40}not ?ready|preempt(ed|ion)|spot (instance|interruption)|interruption notice|kubelet/i,
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
];

/** What stays outside the code whichever service it is about. */
const anywhere = ["a certificate", "a node", "name resolution"];

/** What outside the code a line speaks of. What cannot be reached is not outside when it is one of `services`: that may come from a commit. */
export const foreignCause = (text: string, services: string[]): string | undefined => {
  const cause = foreign.find(([pattern]) => pattern.test(text))?.[1];
  if (cause === undefined || anywhere.includes(cause)) return cause;
  const said = text.toLowerCase();
  return services.some((service) => service.length > 2 && said.includes(service.toLowerCase()))
    ? undefined
    : cause;
};
