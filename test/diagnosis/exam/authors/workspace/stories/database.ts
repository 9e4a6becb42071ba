import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const lock: Story = {
  name: "writes wait for a lock",
  service: "documents",
  owner: "documents",
  wait: "now",
  symptoms: [
    "DocumentsSaveErrors: failed saves on documents above 3%",
    "Saving a page spins and then says 'Could not save'",
    "documents: lock wait timeouts on comments",
  ],
  culprits: [
    {
      subjects: [
        "Store when a comment was resolved",
        "Prepare resolved comments",
        "Make comment states explicit",
      ],
      edits: [
        edit(
          "services/documents/documents/migrations/0147_comment_state.py",
          `
+class Migration(migrations.Migration):
+    dependencies = [("documents", "0146_share_expiry")]
+
+    operations = [
+        migrations.AddField("comment", "resolved_at", models.DateTimeField(null=True)),
+        migrations.RunSQL(
+            "ALTER TABLE documents_comment MODIFY body MEDIUMTEXT NOT NULL, "
+            "ALGORITHM=COPY, LOCK=SHARED"
+        ),
+    ]`,
        ),
        edit(
          "services/documents/documents/models.py",
          `
 class Comment(Model):
     page = ForeignKey(Page, on_delete=CASCADE)
     body = TextField()
+    resolved_at = DateTimeField(null=True)
     created_at = DateTimeField(auto_now_add=True)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Prepare resolved comments", "Order comments by age", "Refactor the comment manager"],
    edits: [
      edit(
        "services/documents/documents/models.py",
        `
 class Comment(Model):
     page = ForeignKey(Page, on_delete=CASCADE)
     body = TextField()
     created_at = DateTimeField(auto_now_add=True)

-    def is_open(self):
-        return self.state == "open"
+    @property
+    def open(self):
+        return self.state == "open"
+
+    def __str__(self):
+        return f"comment {self.pk} on {self.page_id}"`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Say which page could not be saved", "Save errors: name the page"],
      edits: [
        edit(
          "apps/web/src/editor/save.ts",
          `
   } catch (error) {
-    toast(t("save.failed"));
+    toast(t("save.failed", { title: page.title }));
+    metrics.count("save_failed", { reason: reasonOf(error) });
+    queue.unshift(change);
     return false;
   }`,
        ),
      ],
    },
    {
      subjects: ["Add a column for reactions to comments", "Comments: reactions (table only)"],
      edits: [
        edit(
          "services/documents/documents/migrations/0146_reaction.py",
          `
+class Migration(migrations.Migration):
+    dependencies = [("documents", "0145_merge")]
+
+    operations = [
+        migrations.CreateModel(
+            "Reaction",
+            fields=[("id", models.BigAutoField(primary_key=True)), ("emoji", models.CharField(max_length=8))],
+        ),
+    ]`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "documents",
      "error",
      "POST /pages/%k%/comments failed after %slow%ms",
      py(
        "django.db.utils.OperationalError: (1205, 'Lock wait timeout exceeded; try restarting transaction')",
        "documents/comments.py:52 create",
        "~django/db/models/query.py:658 create",
        "~MySQLdb/cursors.py:179 execute",
      ),
    ),
    log(
      "documents",
      "warn",
      "processlist: 61 sessions 'Waiting for table metadata lock', oldest: documents-migrate ALTER TABLE documents_comment",
    ),
    once(-4, "documents", "info", "migrate: Applying documents.0147_comment_state..."),
  ],
  twin: [
    log(
      "documents",
      "error",
      "POST /pages/%k%/comments failed after %slow%ms",
      py(
        "django.db.utils.OperationalError: (1205, 'Lock wait timeout exceeded; try restarting transaction')",
        "documents/comments.py:52 create",
        "~django/db/models/query.py:658 create",
        "~MySQLdb/cursors.py:179 execute",
      ),
    ),
    log(
      "documents",
      "warn",
      "processlist: 58 sessions 'Waiting for lock', oldest: user=lhansen@bastion-1 LOCK TABLES documents_comment READ, Sleep %n%00 s",
    ),
    once(-4, "documents", "info", "migrate: No migrations to apply."),
  ],
  tracks: [
    track("save_failed_ratio", 0.001, "step:0.14", "step:0.16"),
    track("mysql_lock_waits", 2, "step:61", "step:58"),
    track("mysql_temporary_table_gigabytes", 0.2, "ramp:38", "flat"),
    track('mysql_sessions{user="bastion"}', 0, "flat", "set:1"),
  ],
  spare: ["series", "deploys"],
};

const pool: Story = {
  name: "too many connections",
  service: "identity",
  owner: "notifier",
  wait: "now",
  symptoms: [
    "IdentityErrors: 5xx ratio on identity above 2%",
    "Sign-in answers 'Something went wrong' every few tries",
    "identity cannot connect to MySQL: too many connections",
  ],
  culprits: [
    {
      subjects: [
        "Run notifier tasks in threads",
        "Faster notifier: threads instead of processes",
        "Refactor worker start",
      ],
      edits: [
        edit(
          "services/notifier/deploy/values.yaml",
          `
 worker:
-  replicas: 6
-  pool: prefork
-  concurrency: 8
+  replicas: 12
+  pool: threads
+  concurrency: 64
 env:
-  CONN_MAX_AGE: "0"
+  CONN_MAX_AGE: "600"`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Order the values of notifier", "Refactor worker start", "Notifier: name the worker's queues"],
    edits: [
      edit(
        "services/notifier/deploy/values.yaml",
        `
 worker:
   replicas: 6
   pool: prefork
   concurrency: 8
-  queues: notifications.events,push.outbox
+  queues:
+    - notifications.events
+    - push.outbox
+    - digest
 env:
   CONN_MAX_AGE: "0"`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Retry lost MySQL connections in identity", "Sign-in: one more try when MySQL is away"],
      edits: [
        edit(
          "services/identity/identity/db.py",
          `
 def with_retry(call):
-    return call()
+    try:
+        return call()
+    except OperationalError as error:
+        log.warning("MySQL connection lost, trying again: %s", error)
+        connection.close()
+        return call()`,
        ),
      ],
    },
    {
      subjects: ["'Something went wrong' page with a code", "Show the request id on errors"],
      edits: [
        edit(
          "apps/web/src/pages/_error.tsx",
          `
 export default function ErrorPage({ requestId }: Props) {
   return (
     <Centered>
       <h1>{t("error.title")}</h1>
-      <p>{t("error.text")}</p>
+      <p>{t("error.text", { code: requestId })}</p>
+      <CopyButton text={requestId} />
+      <Link href="/status">{t("error.status")}</Link>
     </Centered>`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "identity",
      "error",
      "POST /auth/password failed request=%id%",
      py(
        "django.db.utils.OperationalError: (1040, 'Too many connections')",
        "identity/password.py:30 check",
        "identity/db.py:12 with_retry",
        "~django/db/backends/base/base.py:256 connect",
      ),
    ),
    log(
      "identity",
      "warn",
      "mysql threads_connected=1500 max=1500 by user: notifier=768 documents=410 identity=120 billing=90",
    ),
  ],
  twin: [
    log(
      "identity",
      "error",
      "POST /auth/password failed request=%id%",
      py(
        "django.db.utils.OperationalError: (1040, 'Too many connections')",
        "identity/password.py:30 check",
        "identity/db.py:12 with_retry",
        "~django/db/backends/base/base.py:256 connect",
      ),
    ),
    log(
      "identity",
      "warn",
      "mysql threads_connected=1500 max=1500 by user: bi_reader=812 documents=410 identity=120 notifier=48",
    ),
  ],
  tracks: [
    track("http_5xx_ratio", 0.001, "step:0.06", "step:0.07"),
    track('mysql_connections{user="notifier"}', 48, "from:760", "flat"),
    track('mysql_connections{user="bi_reader"}', 12, "flat", "step:812"),
    track('mysql_connections{user="documents"}', 410, "flat", "flat"),
  ],
  spare: ["logs", "deploys", "series"],
};

export const databases: readonly Story[] = [lock, pool];
