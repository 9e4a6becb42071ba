import { edit } from "../edit.ts";
import { js, log, type Story, track } from "../story.ts";

const bump: Story = {
  name: "calls between services fail",
  service: "gateway",
  owner: "gateway",
  wait: "now",
  symptoms: [
    "GatewayUpstreamErrors: 502 ratio on gateway above 1%",
    "Random 'Bad gateway' on every page of the product",
    "gateway 502s to documents and identity",
  ],
  culprits: [
    {
      subjects: [
        "Bump undici from 6.19.8 to 7.2.0",
        "Update HTTP client libraries",
        "Refactor the upstream agent",
      ],
      body: "Also takes the new defaults of the agent.",
      edits: [
        edit(
          "services/gateway/package.json",
          `
   "dependencies": {
     "fastify": "^5.1.0",
     "pino": "^9.4.0",
-    "undici": "6.19.8",
+    "undici": "7.2.0",
     "zod": "^3.23.8"`,
        ),
        edit(
          "services/gateway/src/upstream/agent.ts",
          `
 export const agent = new Agent({
-  keepAliveTimeout: 4_000,
-  keepAliveMaxTimeout: 4_000,
+  keepAliveTimeout: 60_000,
   connections: 128,
-  pipelining: 1,
 });`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Bump zod from 3.23.8 to 3.23.9",
      "Update small libraries",
      "Refactor the gateway's package file",
    ],
    edits: [
      edit(
        "services/gateway/package.json",
        `
   "dependencies": {
     "fastify": "^5.1.0",
     "pino": "^9.4.0",
     "undici": "6.19.8",
-    "zod": "^3.23.8"
+    "zod": "^3.23.9"
   },
   "devDependencies": {
-    "tsx": "^4.19.0",
-    "vitest": "^2.1.1"
+    "tsx": "^4.19.1",
+    "vitest": "^2.1.2"`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Answer 502 with a JSON body", "Bad gateway: machine-readable body"],
      edits: [
        edit(
          "services/gateway/src/upstream/errors.ts",
          `
 export const badGateway = (error: Error, upstream: string) => ({
   status: 502,
-  body: "Bad gateway",
+  headers: { "content-type": "application/json" },
+  body: JSON.stringify({
+    code: "bad_gateway",
+    upstream,
+  }),
 });`,
        ),
      ],
    },
    {
      subjects: ["Close idle keep-alive connections in documents", "documents: gunicorn keepalive 5"],
      edits: [
        edit(
          "services/documents/deploy/gunicorn.py",
          `
 bind = "0.0.0.0:8000"
 workers = 9
 worker_class = "gthread"
-threads = 4
+threads = 6
 keepalive = 5
+max_requests = 20000
+max_requests_jitter = 2000
+accesslog = None
 timeout = 30`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "gateway",
      "error",
      "upstream documents failed request=%id% reused socket idle for %n%s",
      js(
        "SocketError: other side closed",
        "~undici/lib/dispatcher/client-h1.js:701 onHttpSocketEnd",
        "services/gateway/src/upstream/call.ts:28 call",
        "services/gateway/src/proxy.ts:44 forward",
      ),
    ),
    log("gateway", "warn", "502 GET /api/pages upstream=identity SocketError other side closed request=%id%"),
  ],
  twin: [
    log(
      "gateway",
      "error",
      "upstream documents failed request=%id%",
      js(
        "Error: certificate has expired (CN=mesh-intermediate-2, notAfter today)",
        "~undici/lib/core/connect.js:118 onConnectError",
        "services/gateway/src/upstream/call.ts:28 call",
        "services/gateway/src/proxy.ts:44 forward",
      ),
    ),
    log("gateway", "warn", "502 GET /api/pages upstream=identity CERT_HAS_EXPIRED request=%id%"),
    log("collab", "error", "documents: certificate has expired CN=mesh-intermediate-2"),
  ],
  tracks: [
    track("http_502_ratio", 0.0005, "step:0.034", "step:0.31"),
    track('upstream_errors_per_minute{reason="socket_closed"}', 1, "step:210", "flat"),
    track('upstream_errors_per_minute{reason="tls"}', 0, "flat", "step:1900"),
    track('upstream_errors_per_minute{client="collab"}', 1, "flat", "step:280", { service: "collab" }),
  ],
  spare: ["series", "deploys", "logs"],
};

const blank: Story = {
  name: "blank pages",
  service: "web",
  owner: "web",
  wait: "now",
  symptoms: [
    "WebBlankPages: page views of web without first paint above 5%",
    "White page after sign-in. Reload does not help.",
    "web: blank page reports",
  ],
  culprits: [
    {
      subjects: [
        "Tighten the content security policy",
        "Move security headers to one file",
        "Refactor next.config headers",
      ],
      edits: [
        edit(
          "apps/web/security-headers.mjs",
          `
 const policy = {
   "default-src": ["'self'"],
-  "script-src": ["'self'", "https://static.workspace.example", "'nonce-{nonce}'"],
-  "style-src": ["'self'", "'unsafe-inline'"],
+  "script-src": ["'self'", "'strict-dynamic'"],
+  "style-src": ["'self'"],
   "img-src": ["'self'", "data:", "https:"],
+  "object-src": ["'none'"],
 };`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Refactor next.config headers",
      "Forbid plugins by policy",
      "Ask browsers to keep HTTPS longer",
    ],
    edits: [
      edit(
        "apps/web/security-headers.mjs",
        `
   "img-src": ["'self'", "data:", "https:"],
+  "object-src": ["'none'"],
+  "base-uri": ["'self'"],
 };

 export const headers = [
-  { key: "Strict-Transport-Security", value: "max-age=15768000" },
+  { key: "Strict-Transport-Security", value: "max-age=31536000" },
+  { key: "Permissions-Policy", value: "geolocation=(), camera=()" },
   { key: "X-Content-Type-Options", value: "nosniff" },`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Paint the page frame before the data", "First paint: skeleton"],
      edits: [
        edit(
          "apps/web/src/pages/home.tsx",
          `
 export const Home = () => {
   const home = useHome();
-  if (!home.data) return null;
+  if (!home.data) {
+    return (
+      <Frame side={<TreeSkeleton />} main={<ListSkeleton rows={8} />} />
+    );
+  }
   return <Frame side={<Tree />} main={<Recent items={home.data.recent} />} />;`,
        ),
      ],
    },
    {
      subjects: ["Split the editor from the first bundle", "Web: smaller first page"],
      edits: [
        edit(
          "apps/web/src/editor/index.tsx",
          `
-import { Editor } from "./Editor";
+import dynamic from "next/dynamic";
+
+const Editor = dynamic(() => import("./Editor").then((m) => m.Editor), {
+  loading: () => <EditorSkeleton />,
+});

-export { Editor };
+export default Editor;`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "web",
      "warn",
      "csp report: refused to load script static.workspace.example/_next/chunk-%id%.js directive=script-src session=%id%",
    ),
    log("web", "warn", "csp report: refused inline style directive=style-src page=/home session=%id%"),
    log("web", "info", "pageview without paint page=/home session=%id% region=us"),
  ],
  twin: [
    log(
      "web",
      "warn",
      "browser report: net::ERR_FAILED static.workspace.example/_next/chunk-%id%.js status=525 pop=FRA session=%id%",
    ),
    log("web", "info", "pageview without paint page=/home session=%id% region=eu pop=FRA"),
    log("web", "info", "pageview painted page=/home session=%id% region=us pop=IAD %ms%ms"),
  ],
  tracks: [
    track('pageviews_without_paint_ratio{region="eu"}', 0.006, "step:0.72", "step:0.44"),
    track('pageviews_without_paint_ratio{region="us"}', 0.005, "step:0.7", "flat"),
    track("csp_reports_per_minute", 6, "step:2400", "flat"),
    track('cdn_errors_per_minute{pop="FRA"}', 2, "flat", "step:760"),
  ],
  spare: ["series", "deploys", "logs"],
};

export const edges: readonly Story[] = [bump, blank];
