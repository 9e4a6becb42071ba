import type { Language } from "../languages.ts";
import { line, step, type TellGuilty } from "../story.ts";
import { trace } from "../traces.ts";

/** Stories about builds and dependencies. */
export const builds = {
  dep_bump(world) {
    const { dice, service } = world;
    const { library, from, to, file, frame, error } = upgrades[service.language];
    return {
      alerts: [
        `${service.name} SLO burn rate 14x`,
        `HighErrorRate ${service.name}`,
        `${service.name}: failed operations ${dice.int(200, 900)}/min`,
      ],
      hours: dice.pick([
        [0.02, 0.3],
        [1, 8],
      ]),
      change: {
        ...{ type: "build", scope: "deps", says: "" },
        bot: true,
        subject: `Bump ${library} from ${from} to ${to} in /${service.dir}`,
        body: `Bumps ${library} from ${from} to ${to}.\n- Release notes\n- Changelog\n- Commits\n\nSigned-off-by: dependabot[bot] <support@github.com>`,
        patch: [[`${service.dir}/${file}`, "", [`-${library} ${from}`, `+${library} ${to}`]]],
      },
      lines: [
        line("error", 16, error, {
          trace: [
            error,
            frame,
            ...trace(world, "", [[`${world.entity()} store`, "read"]])
              .split("\n")
              .filter(Boolean),
          ].join("\n"),
        }),
      ],
      series: [step("failed_operations_per_minute", 2, 480)],
      needs: ["logs"],
      words: `${service.name} failed operations`,
    };
  },

  base_image(world) {
    const { dice, service } = world;
    const [was, now, error] = dice.pick<[string, string, string]>([
      ["debian:bookworm-slim", "gcr.io/distroless/base", "unknown time zone Europe/Amsterdam"],
      [
        "node:20",
        "node:20-alpine",
        "Error loading shared library ld-linux-x86-64.so.2: No such file or directory (needed by /app/node_modules/sharp/build/Release/sharp.node)",
      ],
      ["ubuntu:22.04", "alpine:3.19", "x509: certificate signed by unknown authority"],
      [
        "python:3.11",
        "python:3.11-slim",
        "OSError: cannot load library 'libgobject-2.0-0': error: libgobject-2.0.so.0: cannot open shared object file",
      ],
    ]);
    return {
      alerts: [
        `${service.name} ${dice.pick(["export", "render", "webhook"])} failures`,
        `TaskFailureRate on ${service.name} > 10%`,
      ],
      hours: dice.pick([
        [0.05, 0.5],
        [2, 9],
      ]),
      change: {
        type: "build",
        scope: service.name,
        says: dice.pick(["smaller image", "slim down the container", "cut image size by two thirds"]),
        patch: [
          [
            `${service.dir}/Dockerfile`,
            "",
            [
              `-FROM ${was}`,
              `+FROM ${now}`,
              "-RUN apt-get update && apt-get install -y tzdata ca-certificates libvips42 libpango-1.0-0",
            ],
          ],
        ],
      },
      lines: [line("error", 12, error)],
      series: [step("task_failures_ratio", 0.01, 0.35)],
      needs: ["logs", "patch"],
      words: `${service.name} task failures`,
    };
  },
} satisfies Record<string, TellGuilty>;

/** A library's new major version, the frame of it that fails, and what it says. */
type Upgrade = { library: string; from: string; to: string; file: string; frame: string; error: string };
const upgrades: Record<Language, Upgrade> = {
  go: {
    ...{ library: "github.com/redis/go-redis/v9", from: "9.0.5", to: "9.6.0", file: "go.mod" },
    frame:
      "github.com/redis/go-redis/v9/internal/pool.(*ConnPool).Get\n\t/go/pkg/mod/github.com/redis/go-redis/v9@v9.6.0/internal/pool/pool.go:251",
    error: "redis: connection pool timeout",
  },
  java: {
    ...{ library: "org.postgresql:postgresql", from: "42.6.0", to: "42.7.3", file: "pom.xml" },
    frame: "\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)",
    error: 'org.postgresql.util.PSQLException: ERROR: prepared statement "S_14" already exists',
  },
  py: {
    ...{ library: "urllib3", from: "1.26.18", to: "2.2.1", file: "requirements.txt" },
    frame:
      '  File "/usr/local/lib/python3.11/site-packages/urllib3/util/ssl_.py", line 319, in create_urllib3_context',
    error: "ssl.SSLError: [SSL: UNSAFE_LEGACY_RENEGOTIATION_DISABLED] unsafe legacy renegotiation disabled",
  },
  ts: {
    ...{ library: "undici", from: "5.28.4", to: "6.19.2", file: "package-lock.json" },
    frame: "    at Parser.finish (/app/node_modules/undici/lib/dispatcher/client-h1.js:290:19)",
    error: "SocketError: other side closed",
  },
  ruby: {
    ...{ library: "sidekiq", from: "6.5.12", to: "7.2.4", file: "Gemfile.lock" },
    frame: "/usr/local/bundle/gems/sidekiq-7.2.4/lib/sidekiq/job_util.rb:30:in `verify_json'",
    error: "ArgumentError: Job arguments must be native JSON types",
  },
};
