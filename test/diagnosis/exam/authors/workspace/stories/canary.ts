import { edit } from "../edit.ts";
import { js, log, once, py, type Story, track } from "../story.ts";

const canary: Story = {
  name: "the canary answers errors",
  service: "gateway",
  owner: "gateway",
  wait: "now",
  canary: true,
  symptoms: [
    "GatewayErrorBudgetBurn: gateway burns its error budget 14x too fast",
    "A few requests in a hundred fail with 500, whatever the page",
    "gateway 5xx up",
  ],
  culprits: [
    {
      subjects: [
        "Decode sessions once per request",
        "Refactor session decoding",
        "Trace requests with the member's role",
      ],
      edits: [
        edit(
          "services/gateway/src/session.ts",
          `
 export const sessionOf = (request: Request): Session => {
-  const raw = request.cookies.session;
-  if (!raw) return anonymous;
-  const claims = decode(raw);
-  return { user: claims.sub, role: claims.roles?.[0] ?? "guest" };
+  if (request.session) return request.session;
+  const claims = decode(request.cookies.session ?? "");
+  request.session = { user: claims.sub, role: claims.roles[0] };
+  return request.session;
 };`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Refactor session decoding",
      "Name the anonymous session",
      "Keep the decoded session on the request",
    ],
    edits: [
      edit(
        "services/gateway/src/session.ts",
        `
+const anonymous: Session = { user: "-", role: "guest" };
+
 export const sessionOf = (request: Request): Session => {
+  if (request.session) return request.session;
   const raw = request.cookies.session;
   if (!raw) return anonymous;
   const claims = decode(raw);
-  return { user: claims.sub, role: claims.roles?.[0] ?? "guest" };
+  request.session = { user: claims.sub, role: claims.roles?.[0] ?? "guest" };
+  return request.session;
 };`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Count requests that fail by page", "Gateway: error budget dashboard"],
      edits: [
        edit(
          "services/gateway/src/metrics.ts",
          `
 export const requests = new Counter({
   name: "requests_total",
-  labelNames: ["code"],
+  labelNames: ["code", "route", "version"],
 });
+
+export const failed = (code: number) => code >= 500;
+
+export const routeOf = (path: string) => path.replace(/[0-9a-f]{8,}/g, ":id");`,
        ),
      ],
    },
    {
      subjects: ["Answer 500 with the request id", "Errors of gateway carry the request id"],
      edits: [
        edit(
          "services/gateway/src/errors.ts",
          `
 export const onError = (error: Error, request: Request, reply: Reply) => {
-  log.error({ error }, "request failed");
-  reply.code(500).send({ code: "internal" });
+  log.error({ error, request: request.id }, "request failed");
+  reply
+    .code(500)
+    .header("x-request-id", request.id)
+    .send({ code: "internal", request: request.id });
 };`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "gateway",
      "error",
      "request failed version=%new% path=/api/shared request=%id%",
      js(
        "TypeError: Cannot read properties of undefined (reading '0')",
        "services/gateway/src/session.ts:24 sessionOf",
        "services/gateway/src/proxy.ts:19 forward",
        "~fastify/lib/route.js:402 routeHandler",
      ),
    ),
    log("gateway", "info", "200 GET /api/shared version=%old% role=guest request=%id% %ms%ms"),
  ],
  twin: [
    log(
      "gateway",
      "error",
      "request failed version=%old% path=/api/shared request=%id%",
      js(
        "Error: getaddrinfo EAI_AGAIN documents.internal",
        "~undici/lib/core/connect.js:70 connect",
        "services/gateway/src/proxy.ts:31 forward",
        "services/gateway/src/session.ts:24 sessionOf",
      ),
    ),
    log(
      "gateway",
      "error",
      "request failed version=%new% path=/api/pages request=%id% getaddrinfo EAI_AGAIN documents.internal",
    ),
    log("search", "warn", "getaddrinfo EAI_AGAIN identity.internal, retry"),
    once(-25, "gateway", "warn", "coredns-6f: SERVFAIL rate high, upstream resolver 10.0.0.2 i/o timeout"),
  ],
  tracks: [
    track("http_5xx_ratio{version=?}", 0.002, "step:0.21", "step:0.05"),
    track("requests_per_second{version=?}", 300, "flat", "flat"),
    track("dns_failures_per_minute", 1, "flat", "step:420"),
    track("latency_p95_seconds{version=?}", 0.3, "flat", "step:1.9"),
  ],
  spare: ["logs", "series"],
};

const slowCanary: Story = {
  name: "the canary is slow",
  service: "search",
  owner: "search",
  wait: "now",
  canary: true,
  symptoms: [
    "SearchLatencyP99: search above 3s for 5m",
    "Search sometimes takes five seconds, mostly it is fast",
    "search p99 latency",
  ],
  culprits: [
    {
      subjects: ["Highlight matches in attachments", "Refactor highlighting", "Show where the match is"],
      edits: [
        edit(
          "services/search/src/query/highlight.ts",
          `
 export const highlight = {
-  fields: { title: {}, body: { fragment_size: 120, number_of_fragments: 1 } },
-  max_analyzed_offset: 50_000,
+  fields: {
+    title: {},
+    body: { fragment_size: 120, number_of_fragments: 5 },
+    attachments: { type: "plain", number_of_fragments: 0 },
+  },
 };`,
        ),
      ],
    },
    {
      subjects: ["Find words in the middle of a title", "Search titles by part"],
      edits: [
        edit(
          "services/search/src/query/title.ts",
          `
 export const byTitle = (text: string) => ({
-  match_phrase_prefix: {
-    "title.prefix": { query: text, max_expansions: 30 },
-  },
+  wildcard: {
+    "title.keyword": { value: \`*\${text}*\`, case_insensitive: true },
+  },
 });`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor highlighting", "Highlight with mark instead of em", "Name the highlighted fields"],
    edits: [
      edit(
        "services/search/src/query/highlight.ts",
        `
+const body = { fragment_size: 120, number_of_fragments: 1 };
+
 export const highlight = {
-  fields: { title: {}, body: { fragment_size: 120, number_of_fragments: 1 } },
+  fields: { title: {}, body },
   max_analyzed_offset: 50_000,
+  pre_tags: ["<mark>"],
+  post_tags: ["</mark>"],
 };`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Cancel slow searches when the user types on", "Search: abort the request before"],
      edits: [
        edit(
          "apps/web/src/search/useSearch.ts",
          `
 export const useSearch = (text: string) => {
-  return useQuery(["search", text], () => api.search(text));
+  return useQuery({
+    queryKey: ["search", text],
+    queryFn: ({ signal }) => api.search(text, { signal }),
+    staleTime: 30_000,
+  });
 };`,
        ),
      ],
    },
    {
      subjects: ["Time out searches after five seconds", "Search latency: a limit"],
      edits: [
        edit(
          "services/search/src/query/limits.ts",
          `
 export const limits = {
-  timeout: "10s",
+  timeout: "5s",
   size: 20,
+  track_total_hits: 1000,
+  terminate_after: 200_000,
+  allow_partial_search_results: true,
 };`,
        ),
      ],
    },
  ],
  guilty: [
    log("search", "warn", "slow query version=%new% took=%slow%ms tenant=%tenant% phase=query+fetch"),
    log("search", "info", "query version=%old% took=%n%ms tenant=%tenant%"),
    log("search", "warn", "slow query version=%new% took=%slow%ms tenant=%tenant%"),
  ],
  twin: [
    log("search", "warn", "slow query version=%old% took=%slow%ms tenant=%tenant%"),
    log("search", "warn", "slow query version=%new% took=%slow%ms tenant=%tenant%"),
    once(
      -50,
      "pipeline",
      "info",
      "snapshot repository: quarterly restore test started by storage team on es-data-1..9",
    ),
    log("pipeline", "warn", "es-data-%n% disk read at 100%, recovery traffic 1.2 GB/s"),
  ],
  tracks: [
    track("latency_p99_seconds{version=?}", 0.6, "step:5.1", "step:4.6"),
    track("requests_per_second{version=?}", 60, "flat", "flat"),
    track("elasticsearch_recovery_megabytes_per_second", 2, "flat", "step:1200", { service: "pipeline" }),
    track("elasticsearch_query_cpu_ratio", 0.4, "step:0.55", "step:0.42", { service: "pipeline" }),
  ],
  spare: ["logs", "series"],
};

const rollout: Story = {
  name: "the new pods of documents refuse saves",
  service: "documents",
  owner: "documents",
  wait: "now",
  canary: true,
  symptoms: [
    "DocumentsSaveErrors: saves refused by documents above 2%",
    "Autosave complains now and then: 'This page was changed elsewhere'",
    "documents 409 ratio up",
  ],
  culprits: [
    {
      subjects: [
        "Compare page versions as numbers",
        "Refactor optimistic locking",
        "Fix lost updates of fast typists",
      ],
      edits: [
        edit(
          "services/documents/documents/versions.py",
          `
 def check(page, sent):
-    if sent is None:
-        return
-    if str(sent) != str(page.version):
-        raise Conflict(page)
+    current = page.history.count()
+    if sent != current:
+        raise Conflict(page, sent=sent, current=current)


 def bump(page):
-    page.version = F("version") + 1
+    page.version = page.version + 1`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor optimistic locking", "Say both versions in a conflict", "Type the version check"],
    edits: [
      edit(
        "services/documents/documents/versions.py",
        `
-def check(page, sent):
+def check(page: Page, sent: int | None) -> None:
     if sent is None:
         return
     if str(sent) != str(page.version):
-        raise Conflict(page)
+        raise Conflict(page, sent=sent, current=page.version)


-def bump(page):
+def bump(page: Page) -> None:
     page.version = F("version") + 1`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Autosave every four seconds", "Autosave less often"],
      edits: [
        edit(
          "apps/web/src/editor/autosave.ts",
          `
-const everyMs = 2_000;
+const everyMs = 4_000;

 export const autosave = (editor: Editor) => {
-  setInterval(() => editor.dirty && save(editor), everyMs);
+  const tick = () => {
+    if (editor.dirty && !editor.saving) void save(editor);
+  };
+  return every(everyMs, tick);
 };`,
        ),
      ],
    },
    {
      subjects: ["Merge screen for pages changed elsewhere", "Conflict dialog"],
      edits: [
        edit(
          "apps/web/src/editor/Conflict.tsx",
          `
 export const Conflict = ({ mine, theirs, onPick }: Props) => (
   <Dialog title={t("conflict.title")}>
-    <Button onClick={() => onPick(theirs)}>{t("conflict.reload")}</Button>
+    <Split left={<Preview page={mine} />} right={<Preview page={theirs} />} />
+    <Row>
+      <Button onClick={() => onPick(mine)}>{t("conflict.mine")}</Button>
+      <Button onClick={() => onPick(theirs)}>{t("conflict.theirs")}</Button>
+    </Row>
   </Dialog>
 );`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "documents",
      "warn",
      "409 PUT /pages/%k% version=%new% sent=%n% tenant=%tenant%",
      py(
        "documents.errors.Conflict: page was changed",
        "documents/pages.py:96 put",
        "documents/versions.py:9 check",
      ),
    ),
    log("documents", "info", "200 PUT /pages/%k% version=%old% %ms%ms tenant=%tenant%"),
  ],
  twin: [
    log(
      "documents",
      "warn",
      "409 PUT /pages/%k% version=%old% sent=%n% tenant=ws_5150 client=sync-bot/0.4",
      py(
        "documents.errors.Conflict: page was changed",
        "documents/pages.py:96 put",
        "documents/versions.py:9 check",
      ),
    ),
    log("documents", "warn", "409 PUT /pages/%k% version=%new% sent=%n% tenant=ws_5150 client=sync-bot/0.4"),
    log("gateway", "info", "PUT /api/pages tenant=ws_5150 client=sync-bot/0.4 address=%wan% %ms%ms"),
  ],
  tracks: [
    track('responses_ratio{code="409",version=?}', 0.003, "step:0.34", "step:0.09"),
    track("requests_per_second{version=?}", 140, "flat", "step:165"),
    track('conflicts_per_minute{tenant="ws_5150"}', 0.2, "step:3", "step:310"),
    track('conflicts_per_minute{tenant="other"}', 9, "step:150", "flat"),
  ],
  spare: ["logs", "series"],
};

export const canaries: readonly Story[] = [canary, slowCanary, rollout];
