import { edit } from "../edit.ts";
import { log, once, type Story, track } from "../story.ts";

const signing: Story = {
  name: "uploads refused",
  service: "documents",
  owner: "documents",
  wait: "now",
  symptoms: [
    "UploadFailures: failed attachment uploads (documents) above 5%",
    "Dropping a picture into a page says 'Upload failed'",
    "documents: attachment uploads answered 403 by S3",
  ],
  culprits: [
    {
      subjects: [
        "Keep the name of attachments",
        "Refactor presigned uploads",
        "Set a content disposition on uploads",
      ],
      edits: [
        edit(
          "services/documents/documents/attachments.py",
          `
 def presign(attachment):
     return s3.generate_presigned_url(
         "put_object",
         Params={
             "Bucket": settings.ATTACHMENTS,
             "Key": attachment.key,
-            "ContentType": attachment.mime,
+            "ContentType": attachment.mime or "binary/octet-stream",
+            "ContentDisposition": f'attachment; filename="{attachment.name}"',
+            "ServerSideEncryption": "aws:kms",
         },
         ExpiresIn=600,
     )`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor presigned uploads", "Name the lifetime of upload links", "Extract the upload's key"],
    edits: [
      edit(
        "services/documents/documents/attachments.py",
        `
+LIFETIME = 600
+
+
 def presign(attachment):
     return s3.generate_presigned_url(
         "put_object",
         Params={
             "Bucket": settings.ATTACHMENTS,
-            "Key": attachment.key,
+            "Key": key_of(attachment),
             "ContentType": attachment.mime,
         },
-        ExpiresIn=600,
+        ExpiresIn=LIFETIME,
     )`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Retry failed uploads once", "Upload: try again before telling 'Upload failed'"],
      edits: [
        edit(
          "apps/web/src/editor/upload.ts",
          `
 export const upload = async (file: File, link: string) => {
-  const answer = await fetch(link, { method: "PUT", body: file });
-  if (!answer.ok) throw new UploadFailed(answer.status);
+  for (const wait of [0, 800]) {
+    await sleep(wait);
+    const answer = await fetch(link, { method: "PUT", body: file, headers: typeOf(file) });
+    if (answer.ok) return;
+  }
+  throw new UploadFailed(file.name);
 };`,
        ),
      ],
    },
    {
      subjects: ["Allow attachments up to 200 MB", "Bigger uploads for the business plan"],
      edits: [
        edit(
          "services/documents/documents/limits.py",
          `
 MEGABYTE = 1024 * 1024
 UPLOAD_LIMIT = {
     "free": 10 * MEGABYTE,
-    "team": 50 * MEGABYTE,
-    "business": 100 * MEGABYTE,
+    "team": 100 * MEGABYTE,
+    "business": 200 * MEGABYTE,
+    "enterprise": 500 * MEGABYTE,
 }`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "web",
      "warn",
      "upload failed status=403 code=SignatureDoesNotMatch signed=content-disposition;content-type;host;x-amz-server-side-encryption sent=content-type;host",
    ),
    log("documents", "info", "attachment %id% still pending after 600 s tenant=%tenant%"),
    log("documents", "info", "presigned upload for %id% mime=image/png tenant=%tenant%"),
  ],
  twin: [
    log(
      "web",
      "warn",
      "upload failed status=403 code=RequestTimeTooSkewed signed by pod documents-6c9-x2k1v on node-17",
    ),
    log(
      "documents",
      "warn",
      "s3 head_object RequestTimeTooSkewed pod=documents-6c9-x2k1v node=node-17 skew=1104s",
    ),
    once(
      -200,
      "documents",
      "warn",
      "node-17 chronyd: no reachable sources, clock stepped by 1104 s after live migration",
    ),
    log(
      "exporter",
      "warn",
      "s3 put_object RequestTimeTooSkewed pod=exporter-77d-9qq2c node=node-17 skew=1104s",
    ),
  ],
  tracks: [
    track("upload_failed_ratio", 0.01, "step:0.88", "step:0.17"),
    track('uploads_failed_per_minute{node="node-17"}', 0.2, "step:14", "step:15"),
    track('uploads_failed_per_minute{node="node-21"}', 0.2, "step:15", "flat"),
    track('clock_skew_seconds{node="node-17"}', 0.02, "flat", "step:1104"),
  ],
  spare: ["deploys", "series"],
};

const memory: Story = {
  name: "exports are killed",
  service: "exporter",
  owner: "exporter",
  wait: "soon",
  symptoms: [
    "ExporterRestarts: exporter pods restarted more than 5 times in 10m",
    "Exports never finish, they start again and again from 0%",
    "exporter OOMKilled",
  ],
  culprits: [
    {
      subjects: ["Write the archive in memory", "Refactor the archive writer", "Fix half-written archives"],
      body: "A broken upload left a file without an end behind.",
      edits: [
        edit(
          "services/exporter/exporter/archive.py",
          `
 def write(pages, target):
-    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
-        for page in pages.iterator(chunk_size=50):
-            with archive.open(page.file_name, "w") as out:
-                shutil.copyfileobj(page.stream(), out)
+    buffer = BytesIO()
+    files = {page.file_name: page.stream().read() for page in pages}
+    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
+        for name, content in files.items():
+            archive.writestr(name, content)
+    target.write(buffer.getvalue())`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Refactor the archive writer",
      "Fix file names with a slash in archives",
      "Keep umlauts in archive names",
    ],
    edits: [
      edit(
        "services/exporter/exporter/archive.py",
        `
+def name_of(page):
+    return page.file_name.replace("/", "_")
+
+
 def write(pages, target):
     with ZipFile(target, "w", ZIP_DEFLATED) as archive:
         for page in pages.iterator(chunk_size=50):
-            with archive.open(page.file_name, "w") as out:
+            with archive.open(name_of(page), "w") as out:
                 shutil.copyfileobj(page.stream(), out)`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Give exporter pods a memory request", "Exporter: request what it uses"],
      edits: [
        edit(
          "services/exporter/deploy/values.yaml",
          `
 resources:
   requests:
-    cpu: 250m
-    memory: 512Mi
+    cpu: 500m
+    memory: 1Gi
   limits:
     memory: 2Gi`,
        ),
        edit(
          "services/exporter/deploy/alerts.yaml",
          `
   - alert: ExporterRestarts
-    expr: increase(restarts{service="exporter"}[10m]) > 10
+    expr: increase(restarts{service="exporter"}[10m]) > 5`,
        ),
      ],
    },
    {
      subjects: ["Start exports again after a restart", "Resume exports"],
      edits: [
        edit(
          "services/exporter/exporter/resume.py",
          `
 def resume():
-    for export in Export.objects.filter(state="running"):
-        export.fail("restarted")
+    for export in Export.objects.filter(state="running"):
+        if export.attempts < 3:
+            export_workspace.delay(export.id)
+        else:
+            export.fail("restarted")`,
        ),
      ],
    },
  ],
  guilty: [
    log("exporter", "info", "export %id% tenant=%tenant% pages=%k% rss=%k%MB"),
    log(
      "exporter",
      "error",
      "Process 'ForkPoolWorker-%n%' exited with signal 9 (SIGKILL) export=%id% tenant=%tenant%",
    ),
    log("exporter", "warn", "worker restarted: OOMKilled pod=exporter-%pod%"),
  ],
  twin: [
    log(
      "exporter",
      "info",
      "export 5d1e09aa tenant=ws_3302 pages=190441 attachment=sensor-dump.csv size=48GB in one page tree",
    ),
    log(
      "exporter",
      "error",
      "Process 'ForkPoolWorker-%n%' exited with signal 9 (SIGKILL) export=5d1e09aa tenant=ws_3302",
    ),
    log("exporter", "info", "export %id% tenant=%tenant% pages=%k% done in %slow%ms rss=290MB"),
    once(
      -45,
      "exporter",
      "info",
      "export 5d1e09aa requested by=customer-admin tenant=ws_3302 kind=full_workspace",
    ),
  ],
  tracks: [
    track("worker_rss_peak_megabytes", 320, "from:1950", "flat"),
    track('worker_rss_peak_megabytes{tenant="ws_3302"}', 300, "from:1400", "step:2040"),
    track("pod_restarts_per_10m", 0, "from:11", "step:6"),
    track("exports_finished_per_minute", 20, "from:6", "step:15"),
    track("exports_running", 16, "flat", "flat"),
  ],
  spare: ["series", "deploys"],
};

export const uploads: readonly Story[] = [signing, memory];
