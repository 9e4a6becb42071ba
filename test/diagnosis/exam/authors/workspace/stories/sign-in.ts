import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const cookie: Story = {
  name: "sign-in loops",
  service: "identity",
  owner: "identity",
  wait: "now",
  symptoms: [
    "SignInSuccessLow: share of completed sign-ins on identity below 0.8",
    "People land on the sign-in page again right after they typed the password. Support has 14 tickets.",
    "identity sign-in success rate dropped, users see the login form in a loop",
  ],
  culprits: [
    {
      subjects: [
        "Tidy session settings",
        "Align session cookie with the security baseline",
        "Refactor cookie helpers",
      ],
      body: "The audit asked for stricter defaults.",
      edits: [
        edit(
          "services/identity/identity/sessions.py",
          `
 def set_session(response, session, request):
     age = settings.SESSION_AGE if session.remember else None
-    response.set_cookie(
-        COOKIE, session.key, max_age=age, secure=True, httponly=True,
-        samesite="Lax", domain=settings.COOKIE_DOMAIN,
-    )
+    response.set_cookie(
+        COOKIE, session.key, max_age=age, secure=True, httponly=True,
+        samesite="Strict", path="/auth",
+    )
     audit.record("session.opened", session.user_id)
     return response`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Record the session opening in the audit log",
      "Refactor session helpers",
      "Tidy session settings",
    ],
    edits: [
      edit(
        "services/identity/identity/sessions.py",
        `
     )
-    log.info("session opened for %s", session.user_id)
-    return response
+    audit.record("session.opened", session.user_id)
+    return response


 def describe(session):
-    return f"{session.user_id}/{session.key[:6]}"
+    """A short name of the session for the audit log."""
+    return f"{session.user_id}/{session.key[:6]}"`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Show the sign-in error under the password field", "Sign-in page: move the error text"],
      edits: [
        edit(
          "apps/web/src/pages/sign-in.tsx",
          `
   return (
     <form onSubmit={submit} aria-busy={pending}>
-      {error && <Banner tone="danger">{error}</Banner>}
       <Field name="email" label={t("email")} />
       <Field name="password" type="password" label={t("password")} />
+      {error && (
+        <FieldError id="sign-in-error">{error}</FieldError>
+      )}
       <Button type="submit">{t("signIn")}</Button>`,
        ),
      ],
    },
    {
      subjects: ["Count sign-in attempts by method", "Add a metric for completed sign-ins"],
      edits: [
        edit(
          "services/identity/identity/metrics.py",
          `
 SIGN_IN = Counter(
     "sign_in_total",
-    "Sign-ins by result",
-    ["result"],
+    "Sign-ins by result and method",
+    ["result", "method"],
 )
+
+METHODS = ("password", "saml", "google", "magic_link")`,
        ),
      ],
    },
  ],
  guilty: [
    log("identity", "info", "session.opened user=%id% method=password"),
    log(
      "gateway",
      "warn",
      "no session cookie on GET /w/%tenant%/home, redirect to /auth/sign-in referer=/auth/complete",
    ),
    log("gateway", "info", "302 /w/%tenant%/home -> /auth/sign-in reason=cookie_absent request=%id%"),
  ],
  twin: [
    log(
      "identity",
      "error",
      "SAML response of idp=%tenant% rejected: signature does not match the certificate in stored metadata",
      py(
        "saml2.sigver.SignatureError: Failed to verify signature (fingerprint 9a:4e:… not in metadata)",
        "identity/saml.py:88 consume",
        "identity/sessions.py:31 open_session",
        "~saml2/sigver.py:1480 correctly_signed_response",
      ),
    ),
    once(
      -120,
      "identity",
      "info",
      "metadata poll: https://login.corp-sso.example/metadata now lists a new signing key, valid from today",
    ),
    log("identity", "warn", "saml sign-in failed idp=login.corp-sso.example user=%id% method=saml"),
  ],
  tracks: [
    track("sign_in_success_ratio", 0.97, "step:0.46", "step:0.61"),
    track('sign_in_failures_total{method="saml"}', 0.4, "flat", "step:38"),
    track('redirects_per_minute{to="/auth/sign-in"}', 25, "step:410", "step:70", { service: "gateway" }),
    track('sessions_opened_per_minute{method="password"}', 90, "step:190", "flat"),
  ],
  spare: ["series", "deploys"],
};

const limiter: Story = {
  name: "too many requests",
  service: "gateway",
  owner: "gateway",
  wait: "now",
  symptoms: [
    "GatewayTooManyRequests: 429 responses above 5% for 5m on gateway",
    "Customers report 'slow down' messages while they only open a page. gateway answers 429.",
    "429 ratio on gateway is 20x the usual",
  ],
  culprits: [
    {
      subjects: [
        "Read the client address in one place",
        "Extract clientAddress()",
        "Support the second proxy hop",
      ],
      edits: [
        edit(
          "services/gateway/src/limits/address.ts",
          `
 import type { Request } from "../http.js";

-/** The address that our edge saw, the last entry but one. */
-export const clientAddress = (request: Request): string => {
-  const hops = (request.headers["x-forwarded-for"] ?? "").split(",");
-  return hops.at(-2)?.trim() ?? request.socket.remoteAddress;
-};
+export const clientAddress = (request: Request): string => {
+  const hops = (request.headers["x-forwarded-for"] ?? "").split(",");
+  return hops.at(-1)?.trim() || request.socket.remoteAddress;
+};`,
        ),
        edit(
          "services/gateway/src/limits/limiter.ts",
          `
 export const limit = async (request: Request) => {
-  const hops = (request.headers["x-forwarded-for"] ?? "").split(",");
-  const key = \`rl:\${hops.at(-2)?.trim()}\`;
+  const key = \`rl:\${clientAddress(request)}\`;
   const used = await redis.incr(key);`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Name the limiter's window", "Extract the limiter's key", "Document the limiter's headers"],
    edits: [
      edit(
        "services/gateway/src/limits/limiter.ts",
        `
+const windowSeconds = 60;
+
 export const limit = async (request: Request) => {
   const key = \`rl:\${clientAddress(request)}\`;
   const used = await redis.incr(key);
-  if (used === 1) await redis.expire(key, 60);
+  if (used === 1) await redis.expire(key, windowSeconds);
   if (used <= allowance(request)) return undefined;
-  return { status: 429, headers: { "retry-after": "60" } };
+  return { status: 429, headers: { "retry-after": String(windowSeconds) } };`,
      ),
    ],
  },
  decoys: [
    {
      subjects: [
        "Raise the allowance of requests for paid workspaces",
        "More requests for the business plan",
      ],
      edits: [
        edit(
          "services/gateway/src/limits/allowance.ts",
          `
 const perMinute: Record<Plan, number> = {
   free: 240,
-  team: 600,
-  business: 1200,
+  team: 900,
+  business: 2400,
+  enterprise: 6000,
 };`,
        ),
      ],
    },
    {
      subjects: ["Tell customers when they are slowed down", "Explain 429 responses in the web client"],
      edits: [
        edit(
          "apps/web/src/api/errors.ts",
          `
   switch (response.status) {
     case 401:
       return new SignedOut();
+    case 429:
+      return new SlowDown(Number(response.headers.get("retry-after") ?? 60));
     case 409:
-      return new Conflict(body.message);
+      return new Conflict(body.message, body.version);
     default:`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "gateway",
      "warn",
      "rate limited key=rl:10.20.0.7 used=%k% limit=600 path=/api/pages tenant=%tenant%",
    ),
    log("gateway", "warn", "rate limited key=rl:10.20.0.9 used=%k% limit=1200 path=/api/me tenant=%tenant%"),
    log("gateway", "info", "429 GET /api/spaces tenant=%tenant% request=%id% %ms%ms"),
  ],
  twin: [
    log(
      "gateway",
      "warn",
      "rate limited key=rl:%wan% used=%k% limit=240 path=/api/auth/password agent=python-requests/2.31",
    ),
    log("identity", "info", "password rejected user unknown address=%wan% agent=python-requests/2.31"),
    log("gateway", "info", "429 POST /api/auth/password address=%wan% tenant=- request=%id%"),
  ],
  tracks: [
    track('responses_ratio{code="429"}', 0.004, "step:0.22", "step:0.41"),
    track("requests_per_second", 820, "step:640", "step:3900", { daily: true }),
    track('requests_per_second{path="/api/auth/password"}', 3, "flat", "step:2900"),
    track("limiter_distinct_keys", 5400, "step:4", "step:14800"),
  ],
  spare: ["logs", "series", "deploys"],
};

export const signIns: readonly Story[] = [cookie, limiter];
