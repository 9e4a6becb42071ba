import { codeLine, constant, packageOf, sourcePath } from "../languages.ts";
import { camel, pascal, snake, words } from "../names.ts";
import { daily, line, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";

/** Locks that wait for one another. */
export const concurrency = {
  lock_contention(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} book`;
    const message = {
      go: `sync.(*Mutex).Lock waiting 9s: ${service.name}/internal/${words(name)[0]}`,
      java: `${dice.int(60, 190)} threads BLOCKED on com.${packageOf(service)}.${pascal(name)}.refresh`,
      py: `waited 10s for lock ${snake(name)}.refresh`,
      ts: `event loop blocked for ${dice.int(900, 4000)}ms in ${camel(name)}.refresh`,
      ruby: `ThreadError: waited 10s on ${pascal(name)}#refresh mutex`,
    }[service.language];
    return {
      alerts: [
        `${service.name} request queue growing`,
        `${service.name} thread pool exhausted`,
        `${service.name} unresponsive (probe)`,
      ],
      hours: [2, 14],
      when: "peak",
      change: {
        type: "fix",
        scope: entity,
        says: dice.pick([`consistent ${entity}s`, "avoid half-read data", `race in the ${name}`]),
        patch: [
          [
            sourcePath(service, name),
            "refresh",
            {
              go: ["+\tb.mu.Lock()", "+\tdefer b.mu.Unlock()"],
              java: ["-    public void refresh() {", "+    public synchronized void refresh() {"],
              py: ["+        with self._lock:", "+            self.refresh()"],
              ts: ["-  async refresh() {", "+  refresh() { const all = readFileSync(this.path)"],
              ruby: ["+    MUTEX.synchronize { refresh }"],
            }[service.language],
          ],
        ],
      },
      lines: [line("warn", 13, message)],
      series: [step("http_inflight_requests", 30, 640), daily("http_requests_per_second", 170)],
      needs: ["logs"],
      words: `${service.name} queue threads`,
    };
  },

  reland(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} batcher`;
    const message = {
      go: "fatal error: all goroutines are asleep - deadlock!",
      java: "java.util.concurrent.TimeoutException: batch not flushed",
      py: "asyncio.TimeoutError: batch not flushed",
      ts: "Error: batch not flushed within 10000ms",
      ruby: "Timeout::Error: batch not flushed",
    }[service.language];
    return {
      alerts: [`${service.name} write latency p99 > 5s`, `HighErrorRate ${service.name} writes`],
      hours: dice.pick([
        [0.1, 0.6],
        [1, 7],
      ]),
      change: {
        type: "perf",
        scope: entity,
        says: `batch ${entity} writes`,
        relands: true,
        patch: [
          [
            sourcePath(service, name),
            "flush",
            [
              `+${constant(service, "flush interval", "200 ms")}`,
              `+${codeLine(dice, service, entity)}`,
              `+  lock.acquire(); flush(${camel(entity)}s)`,
            ],
          ],
        ],
      },
      lines: [
        line("error", 12, message, {
          trace: trace(world, message, [
            [name, "flush"],
            [`${entity} store`, "save"],
          ]),
        }),
      ],
      series: [step("write_errors_ratio", 0.001, 0.12)],
      needs: ["logs"],
      words: `${service.name} write latency`,
    };
  },
} satisfies Record<string, TellGuilty>;
