import { edit } from "../edit.ts";
import { js, log, py, type Story, track } from "../story.ts";

const leak: Story = {
  name: "memory of live editing grows",
  service: "collab",
  owner: "collab",
  wait: "slow",
  symptoms: [
    "CollabMemoryHigh: heap of collab above 85% of its limit",
    "Live cursors freeze and people lose the connection while they write. Was fine this morning.",
    "collab pods restart one after the other",
  ],
  culprits: [
    {
      subjects: ["Show who was here lately", "Refactor presence", "Keep presence across reconnects"],
      edits: [
        edit(
          "services/collab/src/presence.ts",
          `
-const present = new Map<string, Presence>();
+const present = new Map<string, Presence[]>();

 export const join = (socket: Socket, page: string) => {
-  present.set(socket.id, { page, at: clock() });
-  socket.on("close", () => present.delete(socket.id));
+  const key = \`\${page}:\${socket.id}\`;
+  const seen = present.get(key) ?? [];
+  present.set(key, [...seen, { page, at: clock(), document: socket.document }]);
+  socket.on("close", () => present.delete(socket.id));
   broadcast(page, "joined", socket.user);
 };`,
        ),
      ],
    },
    {
      subjects: ["Listen to settings of the space", "React to renamed spaces while editing"],
      edits: [
        edit(
          "services/collab/src/session.ts",
          `
 export const open = async (socket: Socket, page: Page) => {
   const room = await rooms.of(page.id);
   room.add(socket);
+  spaces.on("changed", async (space) => {
+    if (space.id !== page.space) return;
+    socket.send(encode({ kind: "space", name: space.name, history: room.history }));
+  });
   socket.on("close", () => {
     room.remove(socket);
-    metrics.gauge("sockets", room.size);
+    metrics.gauge("sockets", room.size, { page: page.kind });
   });`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor presence", "Send the joining user's color", "Type presence messages"],
    edits: [
      edit(
        "services/collab/src/presence.ts",
        `
+type Joined = { user: string; color: string };
+
 const present = new Map<string, Presence>();

 export const join = (socket: Socket, page: string) => {
   present.set(socket.id, { page, at: clock() });
   socket.on("close", () => present.delete(socket.id));
-  broadcast(page, "joined", socket.user);
+  const joined: Joined = { user: socket.user.id, color: colorOf(socket.user) };
+  broadcast(page, "joined", joined);
 };`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Connection dot in the editor", "Tell people that the live connection is lost"],
      edits: [
        edit(
          "apps/web/src/editor/ConnectionDot.tsx",
          `
 export const ConnectionDot = ({ state }: Props) => (
   <span
-    className={state === "open" ? "dot dot-green" : "dot dot-grey"}
+    className={\`dot dot-\${color[state]}\`}
+    title={t(\`connection.\${state}\`)}
+    role="status"
   />
 );`,
        ),
      ],
    },
    {
      subjects: ["Raise the heap of collab to 1.5 GB", "collab: more memory for old space"],
      edits: [
        edit(
          "services/collab/deploy/values.yaml",
          `
 env:
   NODE_ENV: production
-  NODE_OPTIONS: --max-old-space-size=1024
+  NODE_OPTIONS: --max-old-space-size=1536
 resources:
   limits:
-    memory: 1536Mi
+    memory: 2Gi
   requests:
-    memory: 1Gi
+    memory: 1536Mi`,
        ),
      ],
    },
  ],
  guilty: [
    log("collab", "warn", "event loop delayed by %ms%ms, heap 1.4 GB, sockets 2100"),
    log("collab", "warn", "gc mark-sweep took %ms%ms, freed 3%"),
    log(
      "collab",
      "error",
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory pod=collab-%pod%",
    ),
  ],
  twin: [
    log("collab", "warn", "event loop delayed by %ms%ms, heap 1.4 GB, sockets 19800"),
    log("collab", "info", "joined page=town-hall-notes tenant=ws_8055 sockets in room=%k%"),
    log(
      "collab",
      "error",
      "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory pod=collab-%pod%",
    ),
  ],
  tracks: [
    track("heap_used_megabytes", 420, "leak:1460", "swell:1440"),
    track("sockets_open", 2100, "flat", "swell:19800"),
    track("heap_kilobytes_per_socket", 200, "leak:695", "flat"),
    track("event_loop_delay_ms", 9, "step:240", "step:210"),
    track("pod_restarts_per_10m", 0, "step:4", "step:3"),
  ],
  spare: ["logs", "deploys"],
};

const disk: Story = {
  name: "disk fills",
  service: "pipeline",
  owner: "pipeline",
  wait: "slow",
  symptoms: [
    "DiskAlmostFull: pipeline workers' disk above 95%",
    "All DAG runs of pipeline fail since a few minutes: No space left on device",
    "pipeline tasks failing, reports of today are missing",
  ],
  culprits: [
    {
      subjects: [
        "Keep the extracted files for debugging",
        "Refactor the extract step",
        "Faster extract: no copy to S3 first",
      ],
      edits: [
        edit(
          "pipelines/extract/files.py",
          `
 def extract(attachment):
-    with TemporaryDirectory() as folder:
-        path = download(attachment, folder)
-        text = tika.text(path)
-    return text
+    folder = Path("/var/lib/extract") / str(uuid4())
+    folder.mkdir(parents=True)
+    path = download(attachment, folder)
+    return tika.text(path)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor the extract step", "Count extracted letters", "Measure the extract step"],
    edits: [
      edit(
        "pipelines/extract/files.py",
        `
 def extract(attachment):
     with TemporaryDirectory() as folder:
         path = download(attachment, folder)
-        text = tika.text(path)
-    return text
+        with EXTRACT_SECONDS.time():
+            text = tika.text(path)
+    LETTERS.inc(len(text))
+    return text`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Compress reports before they are stored", "Smaller report files"],
      edits: [
        edit(
          "pipelines/reports/store.py",
          `
 def store(report, day):
-    key = f"reports/{day}/{report.name}.csv"
-    s3.put(key, report.as_csv())
+    key = f"reports/{day}/{report.name}.csv.gz"
+    s3.put(key, gzip.compress(report.as_csv().encode()))
     catalog.add(key, rows=len(report))`,
        ),
      ],
    },
    {
      subjects: ["Log the size of DAG runs", "More log lines about reports"],
      edits: [
        edit(
          "pipelines/dags/reports.py",
          `
 @task
 def write(day):
     report = build(day)
-    log.info("report of %s written", day)
+    log.info("report of %s written, %d rows", day, len(report))
+    if report.empty():
+        log.warning("report of %s is empty", day)
     store(report, day)`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "pipeline",
      "error",
      "task extract_text failed tenant=%tenant%",
      py(
        "OSError: [Errno 28] No space left on device: '/var/lib/extract/%id%/scan.pdf'",
        "pipelines/dags/extract_text.py:29 run",
        "pipelines/extract/files.py:15 extract",
        "pipelines/extract/download.py:22 download",
      ),
    ),
    log("pipeline", "error", "task write failed: [Errno 28] No space left on device: '/tmp/report-%id%.csv'"),
  ],
  twin: [
    log(
      "pipeline",
      "error",
      "task extract_text failed tenant=%tenant%",
      py(
        "OSError: [Errno 28] No space left on device: '/tmp/tmp%id%/scan.pdf'",
        "pipelines/dags/extract_text.py:29 run",
        "pipelines/extract/files.py:15 extract",
        "pipelines/extract/download.py:22 download",
      ),
    ),
    log(
      "pipeline",
      "warn",
      "df: /var 100% used, /var/log/security-agent 181G, /var/lib/extract 0.2G, /tmp 1.1G",
    ),
    log("pipeline", "error", "task write failed: [Errno 28] No space left on device: '/tmp/report-%id%.csv'"),
  ],
  tracks: [
    track("disk_used_ratio", 0.41, "leak:0.99", "swell:0.995"),
    track('directory_gigabytes{path="/var/lib/extract"}', 0.2, "leak:178", "flat"),
    track('directory_gigabytes{path="/var/log/security-agent"}', 0.6, "flat", "swell:181"),
    track("tasks_failed_per_minute", 0.4, "step:42", "step:39"),
  ],
  spare: ["logs", "deploys", "series"],
};

const sockets: Story = {
  name: "live editing disconnects",
  service: "collab",
  owner: "collab",
  wait: "now",
  symptoms: [
    "CollabDisconnects: abnormal closes on collab above 200 per minute",
    "My cursor jumps, 'Reconnecting…' again and again in collab",
    "collab websocket closes 1006",
  ],
  culprits: [
    {
      subjects: ["Ping sockets less often", "Save battery on phones", "Extract the heartbeat"],
      edits: [
        edit(
          "services/collab/src/heartbeat.ts",
          `
-const everyMs = 25_000;
-const graceMs = 10_000;
+const everyMs = 90_000;
+const graceMs = 15_000;

 export const heartbeat = (socket: Socket) => {
-  const timer = setInterval(() => socket.ping(), everyMs);
+  const timer = setInterval(() => {
+    if (socket.idleMs() > everyMs) socket.ping();
+  }, everyMs);
   socket.on("close", () => clearInterval(timer));
 };`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Extract the heartbeat", "Measure the round trip of pings", "Count pings"],
    edits: [
      edit(
        "services/collab/src/heartbeat.ts",
        `
 const everyMs = 25_000;
 const graceMs = 10_000;

 export const heartbeat = (socket: Socket) => {
-  const timer = setInterval(() => socket.ping(), everyMs);
-  socket.on("close", () => clearInterval(timer));
+  const timer = setInterval(() => {
+    metrics.count("pings");
+    socket.ping();
+  }, everyMs);
+  socket.once("close", () => clearInterval(timer));
 };`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Reconnect faster after sleep", "Reconnecting: first try at once"],
      edits: [
        edit(
          "apps/web/src/editor/reconnect.ts",
          `
-const waits = [1000, 2000, 5000, 10000];
+const waits = [100, 1000, 2000, 5000, 10000];

 export const reconnect = async (open: () => Promise<void>) => {
   for (const wait of waits) {
-    await sleep(wait);
+    await sleep(wait + jitter(wait / 4));
+    if (!navigator.onLine) continue;
     if (await attempt(open)) return;
   }`,
        ),
      ],
    },
    {
      subjects: ["Smooth the cursors of others", "Cursor: interpolate between positions"],
      edits: [
        edit(
          "services/collab/src/cursors.ts",
          `
 export const moved = (room: Room, cursor: Cursor) => {
-  room.send({ kind: "cursor", ...cursor });
+  room.pending.set(cursor.user, cursor);
+  room.flushSoon(() => {
+    room.send({ kind: "cursors", cursors: [...room.pending.values()] });
+    room.pending.clear();
+  }, 40);
 };`,
        ),
      ],
    },
  ],
  guilty: [
    log("collab", "warn", "socket closed code=1006 open for 60.0%n%s idle=60s user=%id% region=eu"),
    log("collab", "warn", "socket closed code=1006 open for 60.1s idle=60s user=%id% region=us"),
    log("collab", "info", "reconnected user=%id% page=%k% after %ms%ms"),
  ],
  twin: [
    log(
      "collab",
      "warn",
      "socket closed code=1006 open for %slow%s idle=%n%s user=%id% region=eu isp=AS64511",
    ),
    log("gateway", "warn", "client reset connection region=eu isp=AS64511 path=/api/pages request=%id%"),
    log(
      "web",
      "warn",
      "fetch failed region=eu isp=AS64511 session=%id%",
      js(
        "TypeError: Failed to fetch",
        "apps/web/src/api/client.ts:31 request",
        "apps/web/src/editor/reconnect.ts:12 reconnect",
      ),
    ),
  ],
  tracks: [
    track('abnormal_closes_per_minute{region="eu"}', 9, "step:310", "step:420"),
    track('abnormal_closes_per_minute{region="us"}', 8, "step:290", "flat"),
    track("socket_lifetime_seconds_p50", 1900, "step:60", "step:240"),
    track('requests_per_second{region="eu"}', 400, "flat", "step:150", { service: "gateway", daily: true }),
  ],
  spare: ["deploys", "logs", "series"],
};

export const growths: readonly Story[] = [leak, disk, sockets];
