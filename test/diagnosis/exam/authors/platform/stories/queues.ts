import { story } from "../assemble.ts";
import { minute } from "../plot.ts";
import { ramp, step, times, whole } from "../signals.ts";

const queueRename = story({
  name: "queue that nobody consumes any more",
  vars: (r) => ({
    name: r.pick(["dunning", "number-porting"]),
    before: r.pick(["sms", "letters"]),
    after: r.pick(["outbound", "notices"]),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["selfcare-web", "payments-hub"],
  symptom: (v) => `QueueDepthHigh: ${v.name} has jobs older than 10 minutes`,
  lag: [7, 25],
  alert: [4, 12],
  mayLack: ["symptom", "series"],
  culprit: (v) => ({
    title: `Call the queue ${v.after}, since it is not only for ${v.before}`,
    files: {
      [`services/${v.name}/app/jobs/send_notice_job.rb`]: `
@@ class SendNoticeJob < ApplicationJob
-  queue_as :${v.before}
+  queue_as :${v.after}
   retry_on Net::ReadTimeout, attempts: 5
@@ def perform(notice_id)
     notice = Notice.find(notice_id)
-    Sms.deliver(notice)
+    notice.channel.deliver(notice)
   end`,
      [`services/${v.name}/app/models/notice.rb`]: `
@@ class Notice < ApplicationRecord
   belongs_to :customer
+  def channel
+    letter? ? Letter : Sms
+  end`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Show age of waiting jobs of ${v.name}`,
        files: {
          [`services/${v.name}/config/initializers/queue_metrics.rb`]: `
@@ Yabeda.configure do
   group :queue do
     gauge :depth, comment: "jobs waiting"
+    gauge :oldest_minutes, comment: "age of the oldest job"
   end
   collect do
     Sidekiq::Queue.all.each do |queue|
       queue_depth.set({ queue: queue.name }, queue.size)
+      queue_oldest_minutes.set({ queue: queue.name }, queue.latency / 60)
     end`,
        },
      },
    },
    {
      service: v.name,
      change: {
        title: "Jobs queue: fewer threads for exports",
        files: {
          [`services/${v.name}/config/sidekiq-exports.yml`]: `
-:concurrency: 10
+:concurrency: 4
 :queues:
   - exports
+:timeout: 25
+:max_retries: 3
+# The exports process is separate from the one for customers.`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(v.name, `sidekiq_queue_depth{queue="${v.after}"}`, whole(0), ramp(s.live, s.at, 3900));
    s.metric(
      v.name,
      `sidekiq_queue_depth{queue="${v.before}"}`,
      { level: 14, noise: 0.4, whole: true },
      times(s.live, 0),
    );
    s.metric(v.name, "sidekiq_busy_workers", { level: 16, noise: 0.15, whole: true }, times(s.live, 0.3));
    s.metric(v.name, "notices_delivered_per_minute", { level: 170, noise: 0.12 }, times(s.live, 0));
    s.burst(
      v.name,
      "info",
      6,
      () =>
        `sidekiq process worker-${s.r.int(1, 4)} idle, queues=[critical, default, ${v.before}, low] busy=${s.r.int(2, 5)} of 25`,
    );
    s.burst(v.name, "info", 6, () => `enqueued SendNoticeJob jid=${s.r.hex(12)} queue=${v.after}`);
    s.burst(
      v.name,
      "warn",
      4,
      () =>
        `queue ${v.after}: oldest job ${Math.round((s.at - s.live) / minute)} min, processed since start: 0`,
    );
  },
  twin: (s, v) => {
    const since = s.onset - 6 * minute;
    s.metric(
      v.name,
      `sidekiq_queue_depth{queue="${v.before}"}`,
      { level: 14, noise: 0.4, whole: true },
      ramp(since, s.at, 3900),
    );
    s.metric(v.name, "sidekiq_retries_per_minute", { level: 0.4, noise: 0.4 }, step(since, 240));
    s.metric(v.name, "sidekiq_busy_workers", { level: 16, noise: 0.15, whole: true }, step(since, 9));
    s.metric(v.name, "notices_delivered_per_minute", { level: 170, noise: 0.12 }, times(since, 0.1));
    s.burst(
      v.name,
      "warn",
      10,
      () =>
        `SendNoticeJob jid=${s.r.hex(12)} queue=${v.before}: aggregator answered 429 Too Many Requests, account throttled by operator, retry in ${s.r.int(20, 60)} s`,
    );
    s.burst(
      v.name,
      "warn",
      4,
      () => `queue ${v.before}: oldest job ${Math.round((s.at - since) / minute)} min, 25 of 25 workers busy`,
    );
    s.burst(v.name, "info", 3, () => `enqueued SendNoticeJob jid=${s.r.hex(12)} queue=${v.before}`);
  },
});

const strictArguments = story({
  name: "gem that has become strict about job arguments",
  vars: (r) => ({
    name: r.pick(["selfcare-web", "dunning"]),
    job: r.pick(["ReceiptMailJob", "PlanChangeJob", "ContractPdfJob"]),
    minor: r.int(0, 3),
  }),
  service: (v) => v.name,
  via: (v) => v.name,
  others: () => ["number-porting", "ledger-api"],
  symptom: (v) => `HighErrorRate: ${v.name} POST requests answer 500, 8 %`,
  lag: [0, 4],
  alert: [2, 10],
  hours: [7, 20],
  mayLack: ["symptom", "series", "deploys"],
  culprit: (v, r) => ({
    title: `build(deps): bump the ruby group with ${r.int(3, 6)} updates`,
    bot: true,
    author: "dependabot[bot]",
    files: {
      [`services/${v.name}/Gemfile.lock`]: `
@@ GEM
-    rack (2.2.8)
+    rack (2.2.9)
-    redis-client (0.20.0)
+    redis-client (0.22.2)
       connection_pool
-    sidekiq (6.5.12)
-      connection_pool (>= 2.2.5, < 3)
-      rack (~> 2.0)
-      redis (>= 4.5.0, < 5)
+    sidekiq (7.${v.minor}.0)
+      concurrent-ruby (< 2)
+      connection_pool (>= 2.3.0)
+      rack (>= 2.2.4)
+      redis-client (>= 0.19.0)
     simplecov (0.22.0)`,
      [`services/${v.name}/Gemfile`]: `
 gem "puma", "~> 6.4"
-gem "sidekiq", "~> 6.5"
+gem "sidekiq", "~> 7.${v.minor}"
 gem "pg", "~> 1.5"`,
    },
  }),
  decoys: (v) => [
    {
      service: v.name,
      change: {
        title: `Answer POST requests of ${v.name} with 303 after success`,
        files: {
          [`services/${v.name}/app/controllers/concerns/redirects.rb`]: `
@@ module Redirects
   def done(path)
-    redirect_to path
+    redirect_to path, status: :see_other
   end
+
+  def failed(record)
+    flash.now[:error] = record.errors.full_messages.to_sentence
+    render :new, status: :unprocessable_entity
+  end`,
        },
      },
    },
  ],
  guilty: (s, v) => {
    s.metric(
      v.name,
      `http_500_per_second{version="${s.version}"}`,
      { level: 0.02, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : value + 3.8 + 0.3 * s.r.normal()),
    );
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.08));
    s.metric(v.name, "jobs_enqueued_per_minute", { level: 220, noise: 0.1 }, times(s.onset, 0.6));
    s.burst(
      v.name,
      "error",
      11,
      () =>
        `ArgumentError (Job arguments to ${v.job} must be native JSON types, but :${s.r.pick(["email", "monthly", "paper"])} is a Symbol.) POST /orders/${s.r.int(100, 9999)}`,
      () =>
        `sidekiq (7.${v.minor}.0) lib/sidekiq/job_util.rb:33:in 'verify_json'\nsidekiq (7.${v.minor}.0) lib/sidekiq/client.rb:116:in 'push'\nservices/${v.name}/app/services/place_order.rb:48:in 'call'`,
    );
    s.burst(v.name, "info", 3, () => `Completed 500 Internal Server Error in ${s.r.int(20, 60)}ms`);
  },
  twin: (s, v) => {
    s.metric(
      v.name,
      `http_500_per_second{version="${s.version}"}`,
      { level: 0.02, noise: 0.5 },
      (value, at) => (at < s.live ? Number.NaN : at < s.onset ? value : value + 3.7 + 0.3 * s.r.normal()),
    );
    s.metric(v.name, "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.08));
    s.metric("number-porting", "http_5xx_ratio", { level: 0.001, noise: 0.4 }, step(s.onset, 0.1));
    s.burst(
      v.name,
      "error",
      8,
      () =>
        `Errno::ENOSPC (No space left on device @ rb_sysopen - /mnt/uploads/tmp/${s.r.hex(8)}) POST /orders/${s.r.int(100, 9999)}`,
      () =>
        "rack (2.2.8) lib/rack/multipart/parser.rb:101:in 'on_mime_head'\nactionpack (7.1.3) lib/action_dispatch/http/request.rb:410:in 'parse_multipart'",
    );
    s.burst(
      "number-porting",
      "error",
      4,
      () =>
        `Errno::ENOSPC (No space left on device @ rb_sysopen - /mnt/uploads/tmp/${s.r.hex(8)}) POST /port_requests`,
    );
    s.log(
      s.onset + 50_000,
      "cluster-base",
      "warn",
      "shared file system uploads is at 100 %: video archive of the branch cameras was copied there by user fileadm",
    );
  },
});

export const queues = [queueRename, strictArguments];
