import { edit } from "../edit.ts";
import { log, once, py, type Story, track } from "../story.ts";

const empty: Story = {
  name: "search finds nothing",
  service: "search",
  owner: "search",
  wait: "now",
  symptoms: [
    "SearchEmptyResults: share of queries without a hit on search above 60%",
    "Search is empty. I type the title of a page that I have open in the other tab: 0 results.",
    "zero-result rate on search tripled",
  ],
  culprits: [
    {
      subjects: [
        "Build the query in one function",
        "Refactor the query builder",
        "Use term filters for spaces",
      ],
      edits: [
        edit(
          "services/search/src/query/build.ts",
          `
 export const build = (text: string, scope: Scope) => ({
   query: {
     bool: {
       must: [{ multi_match: { query: text, fields: ["title^3", "body"] } }],
-      filter: [
-        { term: { "workspace.keyword": scope.workspace } },
-        { terms: { "space.keyword": scope.spaces } },
-      ],
+      filter: [
+        { term: { workspace: scope.workspace } },
+        { terms: { space: scope.spaces } },
+      ],
     },
   },
 });`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Boost titles a little more", "Refactor the fields of the query", "Name the searched fields"],
    edits: [
      edit(
        "services/search/src/query/build.ts",
        `
+const fields = ["title^3", "body"];
+
 export const build = (text: string, scope: Scope) => ({
   query: {
     bool: {
-      must: [{ multi_match: { query: text, fields: ["title^3", "body"] } }],
+      must: [{ multi_match: { query: text, fields } }],
       filter: [
         { term: { "workspace.keyword": scope.workspace } },
-        { terms: { "space.keyword": scope.spaces } }
+        { terms: { "space.keyword": scope.spaces } },
       ],`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Draw something nicer when search has no results", "Empty state for search"],
      edits: [
        edit(
          "apps/web/src/search/Results.tsx",
          `
 export const Results = ({ hits, text }: Props) => {
-  if (hits.length === 0) return <p>{t("search.none")}</p>;
+  if (hits.length === 0) {
+    return (
+      <Empty picture="telescope" title={t("search.none", { text })} />
+    );
+  }
   return <List items={hits} render={(hit) => <Result key={hit.id} {...hit} />} />;`,
        ),
      ],
    },
    {
      subjects: ["Count queries without a hit", "Log empty searches"],
      edits: [
        edit(
          "services/search/src/query/run.ts",
          `
   const answer = await elastic.search({ index: aliasOf(scope), ...build(text, scope) });
   const hits = answer.hits.hits.map(asHit);
-  metrics.observe("search_hits", hits.length);
+  metrics.observe("search_hits", hits.length, { plan: scope.plan });
+  if (hits.length === 0) {
+    log.debug({ length: text.length, scope: scope.kind }, "no hits");
+  }
   return hits;`,
        ),
      ],
    },
  ],
  guilty: [
    log("search", "info", "query tenant=%tenant% took=%ms%ms shards=24/24 hits=0"),
    log("search", "info", "query tenant=%tenant% took=%n%ms shards=24/24 hits=0"),
    log("web", "info", "search.none shown tenant=%tenant% session=%id%"),
  ],
  twin: [
    once(
      -60,
      "pipeline",
      "error",
      "cluster health red: 11 primary shards unassigned after es-data-2 and es-data-5 lost their disks",
    ),
    log(
      "search",
      "warn",
      "query tenant=%tenant% took=%ms%ms shards=13/24 failed=11 (no_shard_available_action_exception) hits=0",
    ),
    log("search", "warn", "partial answer tenant=%tenant% shards=13/24 hits=%n%"),
  ],
  tracks: [
    track("search_empty_ratio", 0.14, "step:0.93", "step:0.64"),
    track("elasticsearch_unassigned_shards", 0, "flat", "set:22", { service: "pipeline" }),
    track("search_shard_failures_per_minute", 0, "flat", "step:640"),
    track("search_requests_per_minute", 1300, "flat", "flat", { daily: true }),
  ],
  spare: ["deploys", "series"],
};

const mapping: Story = {
  name: "index falls behind",
  service: "pipeline",
  owner: "pipeline",
  wait: "soon",
  symptoms: [
    "IndexLagHigh: documents changed but not searchable for more than 15m (pipeline)",
    "New pages do not show up in search. Old pages do.",
    "pipeline index lag growing, DAG reindex_changed keeps retrying",
  ],
  culprits: [
    {
      subjects: [
        "Index the page's cover",
        "Carry the cover in the search document",
        "Clean up the document shape",
      ],
      edits: [
        edit(
          "pipelines/indexing/shape.py",
          `
 def shape(page):
     return {
         "id": str(page.id),
         "title": page.title,
-        "body": page.text[:LIMIT],
-        "labels": [label.name for label in page.labels],
+        "body": page.text[:LIMIT],
+        "labels": [{"name": label.name, "color": label.color} for label in page.labels],
+        "cover": page.cover_url,
         "workspace": page.workspace_id,
     }`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: [
      "Sort the labels in the search document",
      "Clean up the document shape",
      "Name the body's limit",
    ],
    edits: [
      edit(
        "pipelines/indexing/shape.py",
        `
+LIMIT = 200_000
+
+
 def shape(page):
     return {
         "id": str(page.id),
         "title": page.title,
-        "body": page.text[:200_000],
-        "labels": [label.name for label in page.labels],
+        "body": page.text[:LIMIT],
+        "labels": sorted(label.name for label in page.labels),
         "workspace": page.workspace_id,`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Retry reindex_changed three times", "Index: more retries for reindex_changed"],
      edits: [
        edit(
          "pipelines/dags/reindex_changed.py",
          `
 DEFAULTS = {
     "owner": "search",
-    "retries": 1,
+    "retries": 3,
+    "retry_exponential_backoff": True,
+    "max_retry_delay": timedelta(minutes=10),
     "retry_delay": timedelta(minutes=2),
 }`,
        ),
      ],
    },
    {
      subjects: ["Alert on index lag per workspace", "Measure index lag of documents by plan"],
      edits: [
        edit(
          "pipelines/indexing/lag.py",
          `
 def measure(now):
     oldest = Change.objects.pending().order_by("at").first()
-    LAG.set((now - oldest.at).total_seconds() if oldest else 0)
+    LAG.set(seconds(now, oldest))
+    for plan in PLANS:
+        first = Change.objects.pending().filter(plan=plan).order_by("at").first()
+        LAG_BY_PLAN.labels(plan).set(seconds(now, first))`,
        ),
      ],
    },
  ],
  guilty: [
    log(
      "pipeline",
      "error",
      "task index_batch failed: 500 documents, 412 rejected, many tenants",
      py(
        "elasticsearch.helpers.BulkIndexError: 412 document(s) failed to index: mapper_parsing_exception: failed to parse field [labels] of type [keyword], object mapping tried",
        "pipelines/dags/reindex_changed.py:61 index_batch",
        "pipelines/indexing/bulk.py:34 send",
        "~elasticsearch/helpers/actions.py:304 _process_bulk_chunk",
      ),
    ),
    log("pipeline", "warn", "reindex_changed batch %id% up for retry tenant=%tenant% try=2"),
  ],
  twin: [
    log(
      "pipeline",
      "error",
      "task index_batch failed: 500 documents, 500 rejected, tenant=ws_4471 source=import-api",
      py(
        "elasticsearch.helpers.BulkIndexError: 500 document(s) failed to index: illegal_argument_exception: Limit of total fields [1000] has been exceeded by custom properties of ws_4471",
        "pipelines/dags/reindex_changed.py:61 index_batch",
        "pipelines/indexing/bulk.py:34 send",
        "pipelines/indexing/shape.py:22 shape",
        "~elasticsearch/helpers/actions.py:304 _process_bulk_chunk",
      ),
    ),
    log("documents", "info", "import tenant=ws_4471 accepted pages=%k% custom_properties=1290 job=%id%"),
    log("pipeline", "info", "index_batch ok tenant=%tenant% documents=500 %ms%ms"),
  ],
  tracks: [
    track("index_lag_seconds", 40, "ramp:1400", "ramp:1300"),
    track("bulk_rejected_per_minute", 1, "from:820", "step:900"),
    track('bulk_rejected_per_minute{tenant="ws_4471"}', 0, "from:9", "step:880"),
    track("import_pages_per_minute", 60, "flat", "step:5400", { service: "documents" }),
  ],
  spare: ["series", "deploys"],
};

export const indexes: readonly Story[] = [empty, mapping];
