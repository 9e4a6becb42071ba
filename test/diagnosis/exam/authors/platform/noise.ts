import type { Log } from "./case.ts";
import type { Random } from "./random.ts";
import { type Language, serviceNamed } from "./services.ts";

type Line = (r: Random) => [level: string, text: string];

const dotnet: readonly Line[] = [
  (r) => [
    "info",
    `Request finished HTTP/1.1 GET /accounts/${r.hex(6)} - 200 in ${r.int(4, 90)}.${r.int(10, 99)}ms`,
  ],
  (r) => ["info", `Executed endpoint 'HTTP: POST /transfers' CorrelationId=${r.hex(8)}`],
  (r) => ["debug", `Npgsql connection returned to pool ConnectorId=${r.int(100, 900)}`],
  (r) => ["info", `Outbox dispatched ${r.int(1, 40)} messages in ${r.int(5, 80)} ms`],
  () => ["warn", "The cached token is close to its end and is renewed in the background"],
];
const rust: readonly Line[] = [
  (r) => [
    "info",
    `request{method=POST path=/v1/decide}: completed latency_us=${r.int(400, 9000)} outcome=approve`,
  ],
  (r) => ["info", `batch flushed records=${r.int(50, 900)} shard=${r.int(0, 15)}`],
  (r) => ["debug", `cache hit ratio=0.${r.int(80, 99)} entries=${r.int(1000, 90000)}`],
  (r) => ["warn", `slow peer, retrying once peer=10.4.${r.int(0, 9)}.${r.int(2, 250)} attempt=1`],
];
const ruby: readonly Line[] = [
  (r) => [
    "info",
    `Completed 200 OK in ${r.int(12, 140)}ms (Views: ${r.int(3, 40)}.1ms | ActiveRecord: ${r.int(1, 30)}.4ms)`,
  ],
  (r) => ["info", `class=AuditTrailJob jid=${r.hex(12)} elapsed=0.${r.int(10, 900)} done`],
  (r) => ["info", `Started GET "/profile" for 10.12.${r.int(0, 200)}.${r.int(2, 250)}`],
  (r) => ["warn", `DEPRECATION WARNING: to_s(:db) is deprecated (called from app/helpers:${r.int(10, 80)})`],
];
const php: readonly Line[] = [
  (r) => ["info", `app.INFO: Matched route "order_list" {"ip":"10.20.${r.int(0, 99)}.${r.int(2, 250)}"}`],
  (r) => ["info", `"GET /orders?page=${r.int(1, 30)}" 200 0.${r.int(100, 400)}`],
  (r) => ["info", `messenger.INFO: message handled {"id":"${r.hex(6)}"}`],
  () => ["warn", 'php.WARNING: Undefined array key "utm_source"'],
];
const platform: readonly Line[] = [
  (r) => ["info", `sync of application finished phase=Succeeded duration=${r.int(2, 30)}s`],
  (r) => ["info", `Reconciliation finished in ${r.int(300, 2900)}ms, next run in 5m0s`],
  (r) => ["info", `Trigger scale-down evaluation: ${r.int(0, 3)} nodes unneeded`],
  (r) => ["warn", `readiness of pod canary-${r.hex(5)} took ${r.int(11, 25)}s`],
];
const lines: Record<Language, readonly Line[]> = { dotnet, rust, ruby, php, platform };

/** A routine line of a service, some time in the window. */
export const noiseLine = (r: Random, names: readonly string[], from: number, to: number): Log => {
  const service = r.pick(names);
  const [level, text] = r.pick(lines[serviceNamed(service).language])(r);
  return { at: r.int(from, to), service, level, text };
};

/** An old trouble that comes and goes and that nobody minds. */
export const grumble = (r: Random, names: readonly string[], from: number, to: number): Log => {
  const service = r.pick(names);
  const text = r.pick([
    `upstream closed the connection before the response was complete client=mobile/${r.int(5, 9)}.${r.int(0, 9)}`,
    `rejected: session ${r.hex(6)} unknown`,
    `broken pipe while the answer was written (client gone) bytes=${r.int(100, 9000)}`,
    `validation failed: field postcode of request ${r.hex(6)}`,
  ]);
  return { at: r.int(from, to), service, level: "error", text };
};

export const flagNames = [
  "new-home-tiles",
  "instant-payee-check",
  "dark-statement-layout",
  "esim-upsell-banner",
  "chat-assistant",
  "partner-bulk-upload",
] as const;
