import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const late: Story = {
  name: "exports late",
  service: "exporter",
  owner: "exporter",
  wait: "soon",
  symptoms: [
    "ExportsLate: oldest export waits longer than 20m (exporter)",
    "Customers wait for their PDF exports, the spinner turns for half an hour",
    "exporter queue exports.default growing, consumers look alive",
  ],
  culprits: [
    {
      subjects: [
        "Wait for fonts before a page is printed",
        "Fix missing fonts in PDF exports",
        "Tidy the render step",
      ],
      edits: [
        edit(
          "services/exporter/exporter/render.py",
          `
 async def render(page, html):
     await page.set_content(html)
-    await page.wait_for_load_state("domcontentloaded")
+    await page.wait_for_load_state("networkidle")
+    await page.evaluate("document.fonts.ready")
+    for frame in page.frames:
+        await frame.wait_for_timeout(2_000)
     return await page.pdf(format="A4", print_background=True)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor Celery settings", "Name the export queues", "Label exports with their queue"],
    edits: [
      edit(
        "services/exporter/exporter/celery.py",
        `
+QUEUE = "exports.default"
+
 app = Celery("exporter")
 app.conf.update(
-    task_default_queue="exports.default",
+    task_default_queue=QUEUE,
     worker_prefetch_multiplier=4,
     worker_concurrency=16,
-    task_time_limit=1800,
+    task_time_limit=30 * 60,
 )`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Show the place in the queue while an export waits", "Exports: tell how long it takes"],
      edits: [
        edit(
          "apps/web/src/exports/Progress.tsx",
          `
 export const Progress = ({ job }: Props) => {
-  if (job.state === "waiting") return <Spinner label={t("export.waiting")} />;
+  if (job.state === "waiting") {
+    return <Spinner label={t("export.position", { position: job.position })} />;
+  }
   if (job.state === "done") return <Download url={job.url} />;`,
        ),
      ],
    },
    {
      subjects: ["Delete exports after seven days", "Expire old exports"],
      edits: [
        edit(
          "services/exporter/exporter/expire.py",
          `
 @app.task(queue="exports.low")
 def expire():
-    old = Export.objects.filter(created_at__lt=now() - timedelta(days=30))
+    old = Export.objects.filter(created_at__lt=now() - timedelta(days=7))
     for export in old.iterator(chunk_size=200):
         storage.delete(export.key)
-        export.delete()
+        export.mark("expired")`,
        ),
      ],
    },
  ],
  guilty: [
    log("exporter", "info", "task export_pdf[%id%] succeeded in 32.%n%s: render 31.%n%s, upload 0.%ms%s"),
    log("exporter", "warn", "oldest task in exports.default waits %slow%0ms, all 16 slots busy in render"),
  ],
  twin: [
    log(
      "exporter",
      "error",
      "task export_pdf[%id%] retry: upload to s3 failed",
      py(
        "botocore.exceptions.ClientError: An error occurred (SlowDown) when calling the UploadPart operation (reached max retries: 4): Please reduce your request rate.",
        "exporter/tasks.py:57 export_pdf",
        "exporter/render.py:40 deliver",
        "~boto3/s3/transfer.py:378 upload_file",
        "~botocore/client.py:1017 _make_api_call",
      ),
    ),
    log("documents", "warn", "s3 put attachment failed: 503 SlowDown request=%id%"),
    log("exporter", "warn", "upload of %id% took %slow%ms attempts=5"),
  ],
  tracks: [
    track('queue_depth{queue="exports.default"}', 30, "ramp:900", "ramp:840"),
    track("worker_slots_busy", 9, "from:16", "step:16"),
    track("render_seconds_p50", 6, "from:31", "flat"),
    track("s3_upload_seconds_p95", 0.8, "flat", "step:26"),
    track('s3_errors_per_minute{code="503"}', 0.1, "flat", "step:70"),
    track("exports_requested_per_minute", 22, "flat", "flat", { daily: true }),
  ],
  spare: ["logs", "deploys", "series"],
};

const fanout: Story = {
  name: "notifications queue grows",
  service: "notifier",
  owner: "documents",
  wait: "soon",
  symptoms: [
    "QueueGrowing: notifications.events on notifier above 50k messages",
    "Mention e-mails come an hour late. notifier is at its limit.",
    "notifier: RabbitMQ queue notifications.events keeps growing",
  ],
  culprits: [
    {
      subjects: [
        "Publish changes from the block store",
        "Refactor change events",
        "Send block changes to the activity feed",
      ],
      edits: [
        edit(
          "services/documents/documents/events.py",
          `
 def page_saved(page, blocks, actor):
-    publish("page.changed", {
-        "page": page.id,
-        "blocks": [block.id for block in blocks],
-        "actor": actor.id,
-    })
+    for block in page.blocks.all():
+        publish("page.changed", {
+            "page": page.id,
+            "blocks": [block.id],
+            "actor": actor.id,
+        })`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor change events", "Name the change event", "Type the payload of change events"],
    edits: [
      edit(
        "services/documents/documents/events.py",
        `
+PAGE_CHANGED = "page.changed"
+
+
 def page_saved(page, blocks, actor):
-    publish("page.changed", {
+    publish(PAGE_CHANGED, {
         "page": page.id,
-        "blocks": [block.id for block in blocks],
+        "blocks": sorted(block.id for block in blocks),
         "actor": actor.id,
     })`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Process notification events in batches of 50", "Notifier: bigger batches"],
      edits: [
        edit(
          "services/notifier/notifier/consume.py",
          `
 class Events(ConsumerMixin):
-    batch = 20
+    batch = 50
     queue = "notifications.events"

     def on_messages(self, messages):
-        for message in messages:
-            handle(message.payload)
+        handle_many([message.payload for message in messages])
         messages[-1].ack(multiple=True)`,
        ),
      ],
    },
    {
      subjects: ["Queue panel on the notifier dashboard", "Alert when the notifications queue grows"],
      edits: [
        edit(
          "services/notifier/deploy/alerts.yaml",
          `
   - alert: QueueGrowing
     expr: rabbitmq_queue_messages{queue="notifications.events"} > 50000
-    for: 15m
+    for: 5m
     labels:
-      severity: ticket
+      severity: page
+    annotations:
+      runbook: https://runbooks.internal/notifier/queue`,
        ),
      ],
    },
  ],
  guilty: [
    log("notifier", "info", "handled 50 events page.changed, 47 for the same page=%k% in %ms%ms"),
    log("documents", "info", "PUT /pages/%k% saved published=%n% events tenant=%tenant%"),
    log("notifier", "warn", "behind by %k% messages on notifications.events"),
  ],
  twin: [
    log(
      "documents",
      "info",
      "import of tenant=ws_6120 saved page %k% published=1 event source=import job=%id%",
    ),
    log("notifier", "info", "handled 50 events page.changed tenant=ws_6120 distinct pages=50 in %ms%ms"),
    log("notifier", "warn", "behind by %k% messages on notifications.events"),
    once(
      -90,
      "documents",
      "info",
      "import started tenant=ws_6120 source=wiki-archive.zip pages=418233 by=customer-admin",
    ),
  ],
  tracks: [
    track('queue_depth{queue="notifications.events"}', 180, "ramp:88000", "ramp:79000"),
    track("events_published_per_second", 45, "from:910", "step:830", { service: "documents" }),
    track("page_saves_per_second", 40, "flat", "step:800", { service: "documents" }),
    track("events_published_per_save", 1.1, "from:23", "flat", { service: "documents" }),
    track("events_handled_per_second", 45, "step:300", "step:300"),
  ],
  spare: ["logs", "deploys", "series"],
};

export const backlogs: readonly Story[] = [late, fanout];
