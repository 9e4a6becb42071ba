import type { Commit } from "../../ports/history.ts";
import { configPath, migrationPath } from "../file-kinds.ts";
import type { Evidence } from "../model.ts";
import { classModes } from "./class-modes.ts";
import { longest } from "./shared-terms.ts";

/** Links the words of a failure to the changes that cause it, though the two rarely share a word. */
type FailureMode = {
  symptom: RegExp;
  change: (commit: Commit, lines: string) => boolean;
  reason: string;
  weight?: number;
};

const says =
  (pattern: RegExp) =>
  (_: Commit, lines: string): boolean =>
    pattern.test(lines);
const touches =
  (pattern: RegExp) =>
  ({ paths }: Commit): boolean =>
    paths.some((path) => pattern.test(path));

const failureModes: FailureMode[] = [
  {
    symptom: /ImagePullBackOff|ErrImagePull|InvalidImageName|fail(ed|s)? to pull image|manifest unknown/i,
    change: says(/^[-+].*\b(image|tag|newTag|newName|digest|repository)["']?\s*[:=]/im),
    reason: "changes which image runs, and an image cannot be pulled",
    weight: 3.5,
  },
  {
    symptom:
      /\b(totals?|sums?|amounts?|balances?|prices?)\b.{0,60}\b(differ|mismatch|wrong|off by|disagree)|(?<!replicas?[ _-]?)mismatch|reconcil|rounding/i,
    change: says(
      /^[-+].*(\bround|floor|ceil|trunc|toFixed|parse(Float|Int)|decimal|\bsum\b|\.reduce\(|cents|currency|[*/] ?100\b)/im,
    ),
    reason: "changes how amounts are computed, and amounts are wrong",
    weight: 2.5,
  },
  {
    symptom: /\b(ssl|tls|x509|openssl|glibc|certificate)\b|shared librar|\.so\.\d|exec format error/i,
    change: touches(/(^|\/)(Dockerfile|Containerfile)[^/]*$|\.dockerfile$|(^|\/)(flake|shell)\.nix$/i),
    reason: "changes the base of the image, and a library of the system fails",
    weight: 3,
  },
  {
    symptom:
      /throttl|oom.?kill|out of memory|heap space|liveness|readiness|pods?.{0,30}restart|restarts|evict/i,
    change: (commit, lines) =>
      (touches(configPath)(commit) &&
        /^[-+].*\b(cpu|memory|limits|requests|xmx|heap|max-old-space)/im.test(lines)) ||
      /^[-+].*(-Xm[sx]\d|-XX:[+-]?\w|--max-old-space-size|\b(GOGC|GOMEMLIMIT|JAVA_OPTS|JAVA_TOOL_OPTIONS|NODE_OPTIONS|MALLOC_ARENA_MAX|WEB_CONCURRENCY)\b)/m.test(
        lines,
      ),
    reason: "changes memory or CPU settings, and pods are throttled, restarted or out of memory",
  },
  {
    symptom:
      /\bpool\b|poolsize|queuepool|hikari|too many connections|connections? (limit|leak|exhaust|slots)|db_connections|open_connections/i,
    change: says(
      /^[-+].*(pool|connect|acquire|release|\.close\(|with (engine|session)|max_?conn|using \()/im,
    ),
    reason: "changes how connections are taken, and connections run out",
  },
  {
    symptom:
      /\b(database|postgres\w*|mysql|mariadb|rds|sql server|oracle)\b.{0,60}\b(cpu|load|slow|i\/?o|queries)\b|\b(cpu|load)\b.{0,30}\b(database|postgres\w*|mysql|mariadb|rds)\b|(rds|pg|postgres|mysql)_\w*cpu|deadlock|lock (wait|timeout)|waiting for .{0,40}lock|statement timeout|canceling statement|slow quer|queries_per|column .{0,60}does not exist|unknown column|no such (table|column)/i,
    change: (commit, lines) =>
      touches(migrationPath)(commit) ||
      /^[-+].*(\b(select|alter table|create (unique )?index|drop (table|column)|order by|group by|i?like)\b|\.(where|includes|preload|joins|prefetch_related|select_related|findAll|find_each)\b)/im.test(
        lines,
      ),
    reason: "changes queries or the schema, and the database is in trouble",
  },
  {
    symptom: /no space left|disk|volume|filesystem|\binodes?\b/i,
    change: says(
      /^[-+].*\b(retention|rotat\w*|log_?level|loglevel|level|debug|trace|tmp|spool|dump|archive|writefile|write_text|open\()/im,
    ),
    reason: "changes what is written to disk, and a disk is in trouble",
  },
  {
    symptom: /\b429\b|too many requests|rate.?limit|throttled by/i,
    change: says(
      /^[-+].*(429|toomanyrequests|rate|limit|quota|concurren|batch|retry|backoff|throttl|burst|per_?(second|minute|hour|day|client|user|ip)\b)/im,
    ),
    reason: "changes a rate or a limit, and requests are too many",
  },
  {
    symptom:
      /\b(401|403)\b|unauthori[sz]ed|forbidden|access ?denied|permission denied|not authorized|token.{0,30}(expired|invalid)|missing scope/i,
    change: says(/^[-+].*(scope|\brole|polic(y|ies)|permission|token|\bauth|\biam\b|ttl|expir|grant)/im),
    reason: "changes permissions or tokens, and access is denied",
  },
  {
    symptom:
      /EADDRNOTAVAIL|EHOSTUNREACH|ECONN(REFUSED|RESET)|EPIPE|i\/o timeout|dial tcp|cannot assign requested address|connection (refused|reset|timed out|closed)|no route to host|socket hang up|broken pipe|connect(ion)? ?time[d-]? ?-?out|(failed|unable|cannot|could not) to connect|could not connect|unreachable/i,
    change: says(
      /^[-+].*(keep-?_?alive|\bsocket|\bagent\b|\bdial|(e|in)gress\b|networkpolicy|security_?groups?\b|firewall|iptables|cidr|(from|to)_port|\bports?\b|\bhost\b|\bproxy|\bsidecar|mtls|\blisten)/im,
    ),
    reason: "changes how connections are made, and connections fail",
  },
  {
    symptom: /read-only file ?system|\bE(ROFS|ACCES)\b|errno (13|30)\b|permission denied/i,
    change: says(
      /^[-+].*(readOnly|securityContext|runAs|fsGroup|volumeMounts|mountPath|emptyDir|read_only|:ro\b|chmod|chown|noexec)|^[-+]\s*USER /im,
    ),
    reason: "changes the rights of the container, and its machine denies an operation",
    weight: 3,
  },
  {
    symptom:
      /preempt|FailedScheduling|insufficient (cpu|memory|pods)|unschedulable|\bpending\b|untolerated taint|replicas ?mismatch|fewer replicas|\b0\/\d+ nodes|no healthy upstream|no (ready )?endpoints|replicas[=: ]{1,2}0\b|(cpu|load|saturation|utili[sz]ation|capacity|backlog|queue|lag).{0,40}(high|above|over|full|grow|\d ?%)|(high|full).{0,20}(cpu|load|saturation|utili[sz]ation|queue|lag)/i,
    change: says(
      /^[-+].*(priority_?class|node_?(selector|pool|group|count)|affinity|toleration|taint|topologySpread|minAvailable|maxUnavailable|(min|max|desired)_?(size|capacity|count|nodes|instances|replicas?|replica_?count)\b|\breplicas\b|replicaCount|idleReplicaCount|resourcequota|instance_?type|machine_?type|((web_?)?concurrency|worker_?count|workers)["']?\s*[:=]\s*["']?\d)/im,
    ),
    reason: "changes how many pods or machines may run, and there are too few",
    weight: 2.5,
  },
  {
    symptom:
      /(did not|didn't|never|has not|hasn't|not) (begin|begun|start|started|run|ran|executed?)\b|missed (its |the )?(schedule|run|start)|(missing|late|overdue|stale|absent) ?(export|report|backup|job|run|import|digest)|(export|report|backup|job|run|import|digest) ?(is |was )?(missing|late|overdue|stale|absent)|cron ?job/i,
    change: says(
      /^[-+].*(\bcron|schedule|time_?zone|\bTZ\b|OnCalendar|\bsuspend\b|startingDeadline|concurrencyPolicy|[\d*/,-]+ [\d*/,-]+ [\d*/,-]+ [\w*/,-]+ [\w*/,-]+)/im,
    ),
    reason: "changes when a job runs, and a job is late or missing",
    weight: 3,
  },
  {
    symptom: /time[d ]?-?out|deadline exceeded|ETIMEDOUT/i,
    change: says(/^[-+].*(timeout|deadline|keep.?alive)/im),
    reason: "changes a timeout, and calls time out",
  },
];

const usualWeight = 1.6;
/** A failure mode that more changes than this could cause says little about any of them. */
const maxHolders = 6;

/** The changes of a kind that makes trouble like this, where only few are. `trouble` is what alerts, new errors and moved metrics say. */
export const failureModeLinks = (commits: Commit[], symptom: string): Map<string, Evidence> => {
  const links = new Map<string, Evidence>();
  const told = symptom.slice(0, 20_000);
  const matching: Omit<FailureMode, "symptom">[] = [
    ...failureModes.filter((mode) => mode.symptom.test(told)),
    ...classModes(told),
  ];
  if (matching.length === 0) return links;
  const lines = commits.map(({ patch = "" }) => patch.slice(0, longest));
  for (const { change, reason, weight = usualWeight } of matching) {
    const holders = commits.filter((commit, index) => change(commit, lines[index] ?? ""));
    if (holders.length > maxHolders) continue;
    for (const { sha } of holders) {
      const share = weight / Math.sqrt(holders.length);
      if (share > (links.get(sha)?.weight ?? 0)) links.set(sha, { weight: share, reason, words: "about" });
    }
  }
  return links;
};
