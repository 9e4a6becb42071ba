import { counts } from "./counts.ts";
import { prices } from "./prices.ts";

/** The month that is reckoned. */
export type Load = {
  /** Incidents that are open all month. */
  open: number;
  /** Of them open questions, which are looked at every ten minutes; the others each minute. */
  questions: number;
  /** Incidents that begin and end in the month. */
  incidents: number;
  /** Repeated notifications a day. */
  alerts: number;
  edge: "http" | "private";
};

/** Figures that nobody counted, each with its unit. */
export const assumed = {
  itemKb: { value: 24, unit: "KB of an incident's item" },
  indexWrites: { value: 3, unit: "write units of the three indexes for each write of an incident" },
  repeatGbSeconds: { value: 0.01, unit: "GB-s of a repeated notification: 20 ms at 512 MB" },
  lookGbSeconds: { value: 0.1, unit: "GB-s of a look: 0.2 s at 512 MB" },
  incidentGbSeconds: { value: 30, unit: "GB-s of an incident from alert to verified" },
  publishGbSeconds: { value: 0.05, unit: "GB-s of an invocation that publishes" },
  batch: { value: 10, unit: "records that one invocation publishes, when a tick asks for many looks" },
  looks: { value: 20, unit: "looks at each incident that begins and ends" },
  repeatLogBytes: {
    value: 1_100,
    unit: "bytes of logs of a repeat: Lambda's own lines, the access log, two counters",
  },
  lookLogBytes: {
    value: 1_700,
    unit: "bytes of logs of a look: Lambda's own lines, its line, four counters",
  },
  incidentLogBytes: { value: 60_000, unit: "bytes of logs of an incident" },
  metrics: { value: 90, unit: "metrics that the counters make" },
  alarmed: { value: 48, unit: "metrics that the alarms watch" },
  instances: { value: 20, unit: "instances that are warm all month; two where nothing happens" },
  secrets: { value: 10, unit: "secrets that an instance reads again every five minutes" },
  capacityUnits: { value: 1, unit: "capacity units of the load balancer" },
} as const;

const minutes = 730 * 60;
const days = 730 / 24;

export type Row = { service: string; what: string; count: number; unit: string; usd: number };

const priced = (service: string, price: keyof typeof prices, what: string, count: number): Row => {
  const { usd, unit } = prices[price];
  return { service, what, count, unit, usd: count * usd };
};

/** The pieces of work of the month. */
const workOf = ({ open, questions, incidents, alerts }: Load) => ({
  repeat: alerts * days,
  look: (open - questions) * minutes + (questions * minutes) / 10 + incidents * assumed.looks.value,
  incident: incidents,
});
type Work = ReturnType<typeof workOf>;

/** The sum over all pieces of work of a count of each. */
const total = (work: Work, of: (kind: keyof Work) => number): number =>
  Object.entries(work).reduce((sum, [kind, times]) => sum + times * of(kind as keyof Work), 0);

const tableRows = (work: Work, { open }: Load): Row[] => {
  const readUnits = Math.ceil(assumed.itemKb.value / 4);
  const writeUnits = assumed.itemKb.value + assumed.indexWrites.value;
  const reads = total(work, (kind) => counts[kind].reads * readUnits + counts[kind].registers);
  // A tick asks once for all looks: one query of the index, at half a unit for 4 KB of entries of 0.2 KB.
  const queries = work.incident * counts.incident.queries * 2 + minutes * Math.ceil((open * 0.2) / 8);
  const writes = total(work, (kind) => {
    const { writes, leases, small, deliveries } = counts[kind];
    return writes * writeUnits + leases + small + deliveries;
  });
  return [
    priced("DynamoDB", "readUnit", "reads of incidents, kill switch and limits", reads + queries),
    priced("DynamoDB", "writeUnit", "writes of incidents, leases and requests for looks", writes),
    priced("DynamoDB", "storedGb", "incidents", ((open + work.incident) * assumed.itemKb.value) / 1e6),
  ];
};

const functionRows = (work: Work, load: Load): Row[] => {
  const published =
    (work.look * counts.look.events) / assumed.batch.value + work.incident * counts.incident.puts;
  // Beside them the tick and the look at deployers, each minute.
  const invocations =
    work.repeat + work.look + work.incident * counts.incident.events + published + 2 * minutes;
  const gbSeconds =
    work.repeat * assumed.repeatGbSeconds.value +
    work.look * assumed.lookGbSeconds.value +
    work.incident * assumed.incidentGbSeconds.value +
    published * assumed.publishGbSeconds.value +
    2 * minutes * (0.5 + load.open / 1_000);
  return [
    priced("Lambda", "lambdaRequest", "functions", invocations),
    priced("Lambda", "lambdaGbSecond", "functions", gbSeconds),
    priced(
      "EventBridge",
      "event",
      "facts and requests for looks",
      total(work, (kind) => counts[kind].events),
    ),
  ];
};

const edgeRows = (work: Work, { edge }: Load): Row[] =>
  edge === "http"
    ? [priced("HTTP API", "httpRequest", "notifications and webhooks", work.repeat + work.incident * 10)]
    : [
        priced("Load balancer", "balancerHour", "internal", 730),
        priced("Load balancer", "capacityHour", "notifications", 730 * assumed.capacityUnits.value),
      ];

const watchRows = (work: Work): Row[] => {
  const bytes =
    work.repeat * assumed.repeatLogBytes.value +
    work.look * assumed.lookLogBytes.value +
    work.incident * assumed.incidentLogBytes.value;
  const isBusy = bytes > 0;
  const instances = isBusy ? assumed.instances.value : 2;
  const decrypted = instances * assumed.secrets.value * (minutes / 5);
  return [
    priced("CloudWatch", "logGb", "logs and counters", bytes / 1e9),
    priced("CloudWatch", "metric", "counters", isBusy ? assumed.metrics.value : 0),
    priced("CloudWatch", "alarmedMetric", "alarms", assumed.alarmed.value),
    priced("KMS", "decrypt", "secrets", decrypted),
  ];
};

/** The rows of a month's bill, on paper: counted calls and assumptions, at AWS's list prices. */
export const monthOf = (load: Load): Row[] => {
  const work = workOf(load);
  return [...edgeRows(work, load), ...functionRows(work, load), ...tableRows(work, load), ...watchRows(work)];
};

export const sumOf = (rows: Row[]): number => rows.reduce((sum, { usd }) => sum + usd, 0);
