import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const nightly: Story = {
  name: "nightly invoices fail",
  service: "billing",
  owner: "billing",
  wait: "night",
  symptoms: [
    "InvoicesMissing: invoices issued by billing this night far below the forecast",
    "The nightly invoice run finished with errors, finance asks where the invoices are",
    "billing task issue_invoices failing",
  ],
  culprits: [
    {
      subjects: ["Use aware datetimes in billing", "Refactor billing periods", "Clean up datetime warnings"],
      body: "Silences the RuntimeWarning about naive datetimes.",
      edits: [
        edit(
          "services/billing/billing/periods.py",
          `
 def period_of(subscription, day):
-    start = datetime.combine(subscription.anchor, time.min)
-    end = start + relativedelta(months=1)
-    return Period(start, end)
+    start = datetime.combine(subscription.anchor, time.min, tzinfo=timezone.utc)
+    end = datetime.combine(day, time.min)
+    return Period(start, max(end, start + relativedelta(months=1)))


 def due(subscriptions, day):
     return [s for s in subscriptions if period_of(s, day).end.date() == day]`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor billing periods", "Name the length of a period", "Type billing periods"],
    edits: [
      edit(
        "services/billing/billing/periods.py",
        `
-def period_of(subscription, day):
+MONTH = relativedelta(months=1)
+
+
+def period_of(subscription: Subscription, day: date) -> Period:
     start = datetime.combine(subscription.anchor, time.min)
-    end = start + relativedelta(months=1)
-    return Period(start, end)
+    return Period(start, start + MONTH)


 def due(subscriptions, day):`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Invoice PDF: print the tax number", "Invoices: tax number of the customer"],
      edits: [
        edit(
          "services/billing/billing/invoice_pdf.py",
          `
 def header(invoice):
     lines = [invoice.customer.name, invoice.customer.address]
-    if invoice.customer.vat:
-        lines.append(invoice.customer.vat)
+    if invoice.customer.tax_id:
+        label = TAX_LABELS.get(invoice.customer.country, "Tax ID")
+        lines.append(f"{label}: {invoice.customer.tax_id}")
     return lines`,
        ),
      ],
    },
    {
      subjects: ["Expire nightly invoice runs that start late", "Invoice run: a queue of its own"],
      edits: [
        edit(
          "services/billing/billing/beat.py",
          `
 SCHEDULE = {
     "issue_invoices": {
         "task": "billing.issue_invoices",
-        "schedule": crontab(hour=2),
+        "schedule": crontab(hour=2, minute=0),
+        "options": {"expires": 3000, "queue": "billing.nightly"},
     },
-    "remind": {"task": "billing.remind", "schedule": crontab(hour=7)},
+    "remind": {"task": "billing.remind", "schedule": crontab(hour=7, minute=0)},
 }`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "billing",
      "error",
      "task issue_invoices[%id%] failed customer=%tenant%",
      py(
        "TypeError: can't compare offset-naive and offset-aware datetimes",
        "billing/tasks.py:71 issue_invoices",
        "billing/invoices.py:38 issue",
        "billing/periods.py:14 period_of",
      ),
    ),
    log("billing", "warn", "customer %tenant% skipped, no invoice"),
    once(2, "billing", "info", "beat: sending due task issue_invoices"),
  ],
  twin: [
    once(2, "billing", "info", "beat: sending due task issue_invoices"),
    log(
      "billing",
      "error",
      "task issue_invoices[%id%] failed customer=%tenant%",
      py(
        "requests.exceptions.HTTPError: 503 Server Error: scheduled maintenance until 04:30 UTC for url: https://tax.rates-provider.example/v2/quote",
        "billing/tasks.py:71 issue_invoices",
        "billing/invoices.py:38 issue",
        "billing/tax.py:27 quote",
        "~requests/models.py:1021 raise_for_status",
      ),
    ),
    log("billing", "warn", "tax quote for %tenant% failed with 503, will retry"),
  ],
  tracks: [
    track("invoices_due_not_issued", 3, "step:1900", "step:1850"),
    track('task_failures_per_minute{task="issue_invoices"}', 0, "step:31", "step:33"),
    track('http_client_errors_per_minute{host="tax.rates-provider.example"}', 0.05, "flat", "step:64"),
    track("requests_per_second", 38, "flat", "flat", { daily: true }),
  ],
  spare: ["series", "deploys"],
};

const webhook: Story = {
  name: "payment webhooks refused",
  service: "billing",
  owner: "billing",
  wait: "now",
  symptoms: [
    "PaymentWebhooksRejected: billing answers 400 to payment webhooks",
    "Customers paid but their workspace is still read-only",
    "billing webhook 400 ratio high, payments stay pending",
  ],
  culprits: [
    {
      subjects: [
        "Parse webhooks with a serializer",
        "Use DRF for all billing endpoints",
        "Refactor the webhook view",
      ],
      edits: [
        edit(
          "services/billing/billing/webhooks.py",
          `
-@csrf_exempt
-def receive(request):
-    verify(request.body, request.headers["X-Signature"])
-    event = json.loads(request.body)
-    return handle(event)
+class Receive(APIView):
+    authentication_classes = []
+
+    def post(self, request):
+        verify(json.dumps(request.data).encode(), request.headers["X-Signature"])
+        return handle(request.data)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor the webhook view", "Log the kind of each webhook", "Count payment webhooks"],
    edits: [
      edit(
        "services/billing/billing/webhooks.py",
        `
 @csrf_exempt
 def receive(request):
-    verify(request.body, request.headers["X-Signature"])
-    event = json.loads(request.body)
-    return handle(event)
+    body = request.body
+    verify(body, request.headers["X-Signature"])
+    event = json.loads(body)
+    WEBHOOKS.labels(event.get("type", "unknown")).inc()
+    return handle(event)`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Make workspaces read-only after 14 unpaid days", "Unpaid workspaces: read-only later"],
      edits: [
        edit(
          "services/billing/billing/dunning.py",
          `
-GRACE = timedelta(days=7)
+GRACE = timedelta(days=14)


 def restrict(day):
     for account in Account.objects.unpaid_since(day - GRACE):
-        account.make_read_only()
+        if not account.enterprise:
+            account.make_read_only()
+            notify(account.owner, "restricted")`,
        ),
      ],
    },
    {
      subjects: ["Pending payments in the admin", "List pending payments of a customer"],
      edits: [
        edit(
          "services/billing/billing/admin.py",
          `
 @admin.register(Payment)
 class PaymentAdmin(admin.ModelAdmin):
-    list_display = ["id", "account", "amount"]
+    list_display = ["id", "account", "amount", "state", "created_at"]
+    list_filter = ["state", "currency"]
+    search_fields = ["account__name", "reference"]
+    date_hierarchy = "created_at"`,
        ),
      ],
    },
  ],
  guilty: [
    log("billing", "warn", "webhook refused: signature mismatch event=evt_%id% key=whsec_…91"),
    log("billing", "info", "400 POST /webhooks/payments event=evt_%id% %n%ms"),
  ],
  twin: [
    log(
      "billing",
      "warn",
      "webhook refused: signature mismatch event=evt_%id% key-id=2026-b, configured key-id=2026-a",
    ),
    log("billing", "info", "400 POST /webhooks/payments event=evt_%id% %n%ms"),
    once(
      -30,
      "billing",
      "info",
      "webhook account.signing_key.rotated received: key 2026-b replaces 2026-a, by provider's yearly rotation",
    ),
    log("billing", "info", "200 POST /webhooks/payments event=evt_%id% key-id=2026-a (sandbox) %n%ms"),
  ],
  tracks: [
    track("webhooks_refused_ratio", 0.002, "step:0.99", "step:0.86"),
    track('webhooks_refused_per_minute{key="2026-a"}', 0.1, "step:22", "flat"),
    track('webhooks_refused_per_minute{key="2026-b"}', 0, "flat", "step:20"),
    track("payments_pending", 14, "ramp:260", "ramp:240"),
  ],
  spare: ["deploys", "series"],
};

const month: Story = {
  name: "usage of the month fails",
  service: "billing",
  owner: "pipeline",
  wait: "hour",
  symptoms: [
    "UsageStale: billing has no usage for the current period",
    "Seat usage shows 0 for every workspace since the full hour",
    "billing: usage rollup did not arrive from the pipeline",
  ],
  culprits: [
    {
      subjects: ["Write usage by period", "Refactor usage paths", "Partition usage rollups"],
      edits: [
        edit(
          "pipelines/usage/rollup.py",
          `
 def target(day, hour):
-    return f"usage/{day:%Y-%m-%d}/{hour:02d}.parquet"
+    return f"usage/{day:%Y}/{day:%m}/{hour}.parquet"


 def rollup(day, hour):
     rows = events(day, hour).group_by("workspace").agg(n="count")
-    s3.write(target(day, hour), rows)
+    s3.write(target(day, hour), rows, overwrite=True)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor usage paths", "Name the usage bucket", "Log how many usage rows were written"],
    edits: [
      edit(
        "pipelines/usage/rollup.py",
        `
+PREFIX = "usage"
+
+
 def target(day, hour):
-    return f"usage/{day:%Y-%m-%d}/{hour:02d}.parquet"
+    return f"{PREFIX}/{day:%Y-%m-%d}/{hour:02d}.parquet"


 def rollup(day, hour):
     rows = events(day, hour).group_by("workspace").agg(n="count")
     s3.write(target(day, hour), rows)
+    log.info("%d workspaces used in hour %d", len(rows), hour)`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Show usage of the current period per seat", "Seat usage: current period first"],
      edits: [
        edit(
          "services/billing/billing/usage.py",
          `
 def usage_of(account, period):
     rows = Usage.objects.filter(account=account, period=period)
-    return sum(row.seats for row in rows)
+    by_seat = Counter()
+    for row in rows:
+        by_seat[row.seat_id] += row.actions
+    return by_seat`,
        ),
      ],
    },
    {
      subjects: ["Wait longer for usage rollups", "Usage sensor: 20 minutes"],
      edits: [
        edit(
          "pipelines/dags/usage.py",
          `
 wait = S3KeySensor(
     task_id="wait_for_events",
     bucket_key="events/{{ ds }}/{{ hour }}/_SUCCESS",
-    timeout=600,
+    timeout=1200,
+    mode="reschedule",
+    soft_fail=False,
     poke_interval=30,
 )`,
        ),
      ],
    },
  ],
  guilty: [
    log("pipeline", "info", "rollup wrote usage/2026/%n%.parquet rows=%k%"),
    log(
      "billing",
      "error",
      "usage import: no object usage/2026-…/%n%.parquet in bucket, 0 rows for %tenant%",
    ),
    log("billing", "warn", "usage of %tenant% is empty"),
    once(3, "pipeline", "info", "dag usage run scheduled__hourly success, rollup took %ms%ms"),
  ],
  twin: [
    once(3, "pipeline", "info", "dag usage run scheduled__hourly: wait_for_events poking"),
    log("pipeline", "warn", "wait_for_events: events/…/_SUCCESS not there yet, poke %n%"),
    log("billing", "error", "usage import: no rollup for this hour yet, 0 rows for %tenant%"),
    log(
      "pipeline",
      "warn",
      "event stream: shard iterators expired, provider status 'elevated latency in stream delivery' since the full hour",
    ),
  ],
  tracks: [
    track("usage_rows_imported_per_minute", 140, "step:0", "step:0"),
    track("rollup_rows_written_per_minute", 150, "flat", "step:0", { service: "pipeline" }),
    track('s3_not_found_per_minute{prefix="usage"}', 0.1, "step:44", "step:2"),
    track("event_stream_age_seconds", 4, "flat", "ramp:1900", { service: "pipeline" }),
  ],
  spare: ["deploys", "series"],
};

export const payments: readonly Story[] = [nightly, webhook, month];
