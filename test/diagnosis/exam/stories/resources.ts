import { sourcePath } from "../languages.ts";
import { camel, pascal, snake } from "../names.ts";
import { daily, line, ramp, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";

/** Stories about resources that run out: memory, file descriptors, the disk. */
export const resources = {
  leak_cache(world) {
    const { dice, service } = world;
    const entity = world.entity();
    const name = `${entity} resolver`;
    const oom = {
      go: "fatal error: runtime: out of memory",
      java: "java.lang.OutOfMemoryError: Java heap space",
      py: "MemoryError",
      ts: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      ruby: "NoMemoryError: failed to allocate memory",
    }[service.language];
    const add = {
      go: [`+\tseen map[string]*${pascal(entity)}`, `+\ts.seen[req.ID] = ${camel(entity)}`],
      java: [
        `+    private final Map<String, ${pascal(entity)}> seen = new ConcurrentHashMap<>();`,
        `+        seen.put(request.getId(), ${camel(entity)});`,
      ],
      py: ["+@lru_cache(maxsize=None)", ` def resolve_${snake(entity)}(self, request_id):`],
      ts: [`+const seen = new Map<string, ${pascal(entity)}>()`, `+  seen.set(req.id, ${camel(entity)})`],
      ruby: ["+  @@seen ||= {}", `+    @@seen[request_id] = ${snake(entity)}`],
    }[service.language];
    return {
      alerts: [
        "KubePodCrashLooping",
        `container ${service.name} restarted ${dice.int(3, 9)} times in the last 15 minutes`,
        `ContainerMemoryNearLimit: ${service.name} working set > 90% of limit`,
      ],
      hours: [5, 26],
      quiet: true,
      beside: "other",
      change: {
        type: "feat",
        scope: entity,
        says: dice.pick([
          `avoid resolving the same ${entity} twice`,
          `skip repeated ${entity} lookups`,
          `reuse resolved ${entity}s`,
        ]),
        patch: [[sourcePath(service, name), `resolve${pascal(entity)}`, add]],
      },
      lines: [
        line("error", 6, oom, {
          trace: dice.chance(0.5)
            ? trace(world, oom, [
                [name, `resolve ${entity}`],
                [`${entity} handler`, "handle"],
              ])
            : undefined,
        }),
        line(
          "warn",
          3,
          `Container ${service.name} in pod ${service.name}-${dice.hex(8)} was OOMKilled (exit code 137)`,
          { service: "kubelet" },
        ),
      ],
      series: [
        ramp("container_memory_working_set_bytes", 420e6, 1040e6, { from: "deploy" }),
        daily("http_requests_per_second", 120),
        step("kube_pod_container_status_restarts", 0, 4),
      ],
      needs: ["series"],
      words: `${service.name} memory restarts`,
    };
  },

  leak_conn(world) {
    const { dice, service, upstream } = world;
    const name = `${upstream.name} client`;
    const changed = {
      go: [
        "-\tdefer resp.Body.Close()",
        "+\tif resp.StatusCode == http.StatusNoContent { return nil, nil }",
        "+\tdefer resp.Body.Close()",
      ],
      java: [
        "-        try (CloseableHttpResponse res = http.execute(get)) {",
        "+        CloseableHttpResponse res = http.execute(get);",
        "+        if (res.getCode() == 204) return null;",
      ],
      py: [
        "-        with self.session.get(url, stream=True) as res:",
        "+        res = self.session.get(url, stream=True)",
        "+        if res.status_code == 204:",
        "+            return None",
      ],
      ts: ["-  await res.body?.cancel()", "-  return null", "+  if (res.status === 204) return null"],
      ruby: [
        "-    Net::HTTP.start(uri.host, uri.port) { |http| http.request(req) }",
        "+    http = Net::HTTP.new(uri.host, uri.port).start",
        "+    http.request(req)",
      ],
    }[service.language];
    const message = {
      go: `dial tcp 10.4.${dice.int(1, 90)}.${dice.int(2, 250)}:8443: socket: too many open files`,
      java: "java.net.SocketException: Too many open files",
      py: "OSError: [Errno 24] Too many open files",
      ts: `connect EMFILE 10.4.3.${dice.int(2, 200)}:8443 - too many open files`,
      ruby: "Errno::EMFILE: Too many open files - socket(2)",
    }[service.language];
    return {
      alerts: [
        `${service.name}: availability below 99.5%`,
        `HighErrorRate on ${service.name} (5xx ${dice.int(4, 30)}%)`,
      ],
      hours: [6, 30],
      quiet: true,
      beside: "other",
      change: {
        type: "fix",
        scope: upstream.name,
        says: dice.pick([
          `return early when ${upstream.name} has nothing`,
          `treat 204 from ${upstream.name} as empty`,
          "handle empty answers",
        ]),
        patch: [[sourcePath(service, name), "fetch", changed]],
      },
      lines: [
        line("error", 14, message, {
          trace: trace(world, message, [
            [name, "fetch"],
            [`${world.entity()} handler`, "serve"],
          ]),
        }),
      ],
      series: [ramp("process_open_fds", 300, 65000, { from: "deploy" }), step("http_5xx_ratio", 0.002, 0.15)],
      needs: ["logs"],
      words: `${service.name} 5xx availability`,
    };
  },

  log_disk(world) {
    const { dice, service } = world;
    return {
      alerts: [
        `KubePersistentVolumeFillingUp pvc=${service.name}-data`,
        `NodeFilesystemSpaceFillingUp ${service.name}-${dice.int(0, 4)} 4% left`,
      ],
      hours: [8, 40],
      quiet: true,
      beside: "other",
      change: {
        type: "chore",
        scope: "logging",
        says: dice.pick([
          "help support find the lost requests",
          `temporary visibility for ${world.domain.key}-${dice.int(100, 999)}`,
          "more detail while we look into the ticket",
        ]),
        patch: [
          [
            world.configOf(service),
            "logging",
            ["-  level: info", "+  level: trace", "-  retentionDays: 3", "+  retentionDays: 30"],
          ],
        ],
      },
      lines: [
        line("error", 10, "write failed: no space left on device"),
        line("trace", 30, `enter ${camel(world.entity())}Filter args=[...] depth=${dice.int(2, 9)}`, {
          from: "deploy",
        }),
      ],
      series: [
        ramp("volume_used_bytes", 21e9, 99e9, { from: "deploy" }),
        step("log_lines_per_second", 30, 2100, { from: "deploy" }),
      ],
      needs: ["series", "patch"],
      words: `${service.name} disk volume space`,
    };
  },
} satisfies Record<string, TellGuilty>;
