import { edit } from "../edit.ts";
import { js, log, once, type Story, track } from "../story.ts";

const guests: Story = {
  name: "guests locked out",
  service: "documents",
  owner: "documents",
  wait: "now",
  symptoms: [
    "DocumentsForbiddenHigh: 403 ratio on documents above 4%",
    "Shared documents say 'You have no access'. Started a few minutes ago, several customers.",
    "documents: many 403 on GET /documents/:id",
  ],
  culprits: [
    {
      subjects: [
        "Speed up the access check",
        "Rewrite the access filter as one query",
        "Simplify visible_to()",
      ],
      edits: [
        edit(
          "services/documents/documents/access.py",
          `
 def visible_to(user, queryset):
-    member = Q(space__members=user)
-    shared = Q(shares__user=user) | Q(shares__group__in=user.groups.all())
-    return queryset.filter(member | shared).distinct()
+    member = Q(space__members=user)
+    shared = Q(shares__user=user, shares__group__in=user.groups.all())
+    return queryset.filter(member | shared).distinct()


 def editable_by(user, queryset):
-    return visible_to(user, queryset).filter(archived=False)
+    return visible_to(user, queryset).exclude(archived=True)`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Simplify editable_by()", "Rewrite the archived filter", "Speed up the archive check"],
    edits: [
      edit(
        "services/documents/documents/access.py",
        `
 def editable_by(user, queryset):
-    rows = visible_to(user, queryset)
-    rows = rows.filter(archived=False)
-    return rows
+    return visible_to(user, queryset).filter(archived=False)


 def owned_by(user, queryset):
-    rows = queryset.filter(owner=user)
-    return rows
+    return queryset.filter(owner=user)`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Say why a document is not accessible", "Better text for documents without access"],
      edits: [
        edit(
          "services/documents/documents/errors.py",
          `
 class NoAccess(APIException):
     status_code = 403
-    default_detail = "Forbidden"
+    default_detail = "You have no access to this document"
+    default_code = "no_access"
+
+    def __init__(self, owner=None):
+        super().__init__(detail={"message": self.default_detail, "owner": owner})`,
        ),
      ],
    },
    {
      subjects: ["Ask the owner for access from the 403 page", "Request access button"],
      edits: [
        edit(
          "apps/web/src/pages/no-access.tsx",
          `
 export const NoAccess = ({ document }: Props) => (
   <Empty title={t("noAccess.title")}>
-    <p>{t("noAccess.text")}</p>
+    <p>{t("noAccess.text", { owner: document.owner })}</p>
+    <Button onClick={() => requestAccess(document.id)}>
+      {t("noAccess.ask")}
+    </Button>
   </Empty>
 );`,
        ),
      ],
    },
  ],
  guilty: [
    log("documents", "warn", "403 GET /documents/%id% user=%id% tenant=%tenant% role=guest share=direct"),
    log("documents", "warn", "403 GET /documents/%id% user=%k% tenant=%tenant% role=guest share=direct"),
    log("documents", "info", "200 GET /documents/%id% user=%k% tenant=%tenant% role=member %ms%ms"),
  ],
  twin: [
    once(
      -40,
      "identity",
      "info",
      "scim: PATCH /Groups/all-staff tenant=ws_2207 removed 3918 members, actor=okta-provisioning",
    ),
    log("documents", "warn", "403 GET /documents/%id% user=%k% tenant=ws_2207 role=none"),
    log("identity", "info", "scim: user %k% deactivated tenant=ws_2207 actor=okta-provisioning"),
    log(
      "documents",
      "info",
      "200 GET /documents/%id% user=%k% tenant=%tenant% role=guest share=direct %ms%ms",
    ),
  ],
  tracks: [
    track('responses_ratio{code="403"}', 0.006, "step:0.11", "step:0.09"),
    track('forbidden_per_minute{role="guest"}', 4, "step:160", "flat"),
    track('forbidden_per_minute{tenant="ws_2207"}', 1, "step:3", "step:240"),
    track("scim_removals_per_minute", 2, "flat", "spike:800", { service: "identity" }),
  ],
  spare: ["series", "deploys"],
};

const flagged: Story = {
  name: "errors under a flag",
  service: "search",
  owner: "search",
  wait: "flag",
  symptoms: [
    "SearchErrorRateHigh: 5xx ratio on search above 2% for 3m",
    "Suggestions while typing do not come up for some people, search returns an error",
    "search 500s",
  ],
  culprits: [
    {
      subjects: ["Rank suggestions by recency behind a flag", "Add recency to suggestions (off by default)"],
      body: "Nothing changes until suggest-recency is raised.",
      edits: [
        edit(
          "services/search/src/suggest/rank.ts",
          `
 export const rank = async (hits: Hit[], context: Context) => {
   const scored = hits.map((hit) => ({ hit, score: hit.score }));
+  if (await context.flags.on("suggest-recency")) {
+    const seen = await context.recent.of(context.user.id);
+    for (const row of scored) {
+      row.score += boost(seen.entries.get(row.hit.id).at);
+    }
+  }
   return scored.sort((a, b) => b.score - a.score).map((row) => row.hit);`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Sort suggestions in place",
      "Extract the order of suggestions",
      "Rank suggestions by score only",
    ],
    edits: [
      edit(
        "services/search/src/suggest/rank.ts",
        `
+const byScore = (a: Scored, b: Scored) => b.score - a.score;
+
 export const rank = async (hits: Hit[], context: Context) => {
   const scored = hits.map((hit) => ({ hit, score: hit.score }));
-  return scored.sort((a, b) => b.score - a.score).map((row) => row.hit);
+  scored.sort(byScore);
+  context.metrics.observe("suggest_hits", scored.length);
+  return scored.map((row) => row.hit);`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Return an error code from search instead of a text", "Name search errors"],
      edits: [
        edit(
          "services/search/src/http/errors.ts",
          `
 export const asResponse = (error: unknown) => {
   if (error instanceof BadQuery) return { status: 400, body: { code: "bad_query" } };
-  return { status: 500, body: { message: String(error) } };
+  if (error instanceof Timeout) return { status: 504, body: { code: "timeout" } };
+  log.error({ error }, "search failed");
+  return { status: 500, body: { code: "internal" } };
 };`,
        ),
      ],
    },
    {
      subjects: ["Wait 150 ms before asking for suggestions", "Debounce suggestions while typing"],
      edits: [
        edit(
          "apps/web/src/search/useSuggestions.ts",
          `
 export const useSuggestions = (text: string) => {
-  const query = useQuery(["suggest", text], () => api.suggest(text));
+  const settled = useDebounced(text, 150);
+  const query = useQuery(["suggest", settled], () => api.suggest(settled), {
+    enabled: settled.length > 1,
+  });
   return query.data ?? [];`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "search",
      "error",
      "suggest failed tenant=%tenant% request=%id% TypeError: Cannot read properties of undefined (reading 'at')",
      js(
        "TypeError: Cannot read properties of undefined (reading 'at')",
        "services/search/src/suggest/rank.ts:19 rank",
        "services/search/src/suggest/handler.ts:42 suggest",
        "~fastify/lib/handleRequest.js:124 preHandlerCallback",
      ),
    ),
    log("gateway", "warn", "upstream search answered 500 path=/api/suggest request=%id%"),
  ],
  twin: [
    log(
      "search",
      "error",
      "suggest failed tenant=%tenant% request=%id% ConnectionError: connect ECONNREFUSED %ip%:9200",
      js(
        "ConnectionError: connect ECONNREFUSED 10.24.3.18:9200",
        "~@elastic/transport/lib/connection/UndiciConnection.js:102 request",
        "services/search/src/suggest/rank.ts:12 rank",
        "services/search/src/suggest/handler.ts:42 suggest",
      ),
    ),
    log("pipeline", "error", "bulk to es-data-3 failed: ECONNREFUSED 10.24.3.18:9200, retry in 5 s"),
    once(
      -15,
      "pipeline",
      "warn",
      "cluster event: node es-data-3 left, reason: disconnected; host reports machine check exception",
    ),
  ],
  tracks: [
    track("http_5xx_ratio", 0.002, "step:0.08", "step:0.07"),
    track('suggest_errors_per_minute{flag="suggest-recency"}', 0.3, "step:130", "step:34"),
    track('suggest_errors_per_minute{flag="off"}', 0.4, "flat", "step:96"),
    track("elasticsearch_nodes", 9, "flat", "set:8", { service: "pipeline" }),
  ],
  spare: ["series", "deploys"],
  flag: { flag: "suggest-recency", change: "0% -> 25%" },
};

export const permissions: readonly Story[] = [guests, flagged];
