import { edit } from "../edit.ts";
import { log, once, type Story, track } from "../story.ts";

const cache: Story = {
  name: "cache empties",
  service: "documents",
  owner: "documents",
  wait: "soon",
  symptoms: [
    "DocumentsLatencyP95: page load on documents above 1.5s",
    "Pages open slowly since about half an hour, slower and slower. MySQL is busy.",
    "documents p95 latency climbing",
  ],
  culprits: [
    {
      subjects: ["Name cache keys by revision", "Refactor cache keys", "Fix stale titles in the page tree"],
      body: "Titles stayed old for an hour after a rename.",
      edits: [
        edit(
          "services/documents/documents/tree_cache.py",
          `
-def key_of(space):
-    return f"tree:{space.id}:{space.tree_revision}"
+def key_of(space, viewer):
+    return f"tree:{space.id}:{viewer.id}:{viewer.last_seen:%H%M}"


 def tree_of(space, viewer):
-    found = cache.get(key_of(space))
+    found = cache.get(key_of(space, viewer))
     if found is None:
         found = build_tree(space)
-        cache.set(key_of(space), found, timeout=3600)
+        cache.set(key_of(space, viewer), found, timeout=3600)
     return prune(found, viewer)`,
        ),
      ],
    },
    {
      subjects: ["Shorten how long trees are kept", "Tune cache times", "Extract cache times into settings"],
      edits: [
        edit(
          "services/documents/documents/tree_cache.py",
          `
+KEEP = timedelta(seconds=3)
+
+
 def tree_of(space, viewer):
     found = cache.get(key_of(space))
     if found is None:
         found = build_tree(space)
-        cache.set(key_of(space), found, timeout=3600)
+        cache.set(key_of(space), found, timeout=KEEP.total_seconds())
     return prune(found, viewer)


-def forget(space):
-    cache.delete(key_of(space))
+def forget(space_id):
+    cache.delete(f"tree:{space_id}")`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor cache keys", "Extract cache times into settings", "Fix a typo in the tree cache"],
    edits: [
      edit(
        "services/documents/documents/tree_cache.py",
        `
+KEEP_SECONDS = 3600
+
+
 def tree_of(space, viewer):
     found = cache.get(key_of(space))
     if found is None:
         found = build_tree(space)
-        cache.set(key_of(space), found, timeout=3600)
+        cache.set(key_of(space), found, timeout=KEEP_SECONDS)
     return prune(found, viewer)


-# forget the tre of a space
+# Called after a page is moved or renamed.
 def forget(space):`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Load the page tree lazily", "Page load: fetch the tree after the page"],
      edits: [
        edit(
          "apps/web/src/pages/page.tsx",
          `
 export const Page = ({ id }: Props) => {
   const page = usePage(id);
-  const tree = useTree(page.data?.space);
+  const tree = useTree(page.data?.space, { enabled: page.isSuccess });
   return (
     <Frame
-      side={<Tree items={tree.data} />}
+      side={tree.data ? <Tree items={tree.data} /> : <TreeSkeleton />}
       main={<Editor page={page.data} />}`,
        ),
      ],
    },
    {
      subjects: ["Record latency of documents by route", "Latency buckets for page load"],
      edits: [
        edit(
          "services/documents/documents/middleware.py",
          `
 LATENCY = Histogram(
     "documents_latency_seconds",
     "Latency by route",
     ["route"],
-    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5),
+    buckets=(0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2.5, 5),
 )
+
+SKIP = {"/healthz", "/metrics"}`,
        ),
      ],
    },
  ],
  guilty: [
    log("documents", "info", "tree of space %k% built in %slow%ms pages=%k% cache=miss"),
    log("documents", "warn", "slow request GET /spaces/%k%/tree %slow%ms queries=212 cache=miss"),
  ],
  twin: [
    once(
      -20,
      "documents",
      "warn",
      "redis sentinel: +switch-master documents-cache 10.24.1.5 -> 10.24.1.8, replica was empty",
    ),
    log("documents", "info", "tree of space %k% built in %slow%ms pages=%k% cache=miss"),
    log("identity", "warn", "session cache miss, read from MySQL %ms%ms"),
    log("documents", "warn", "redis: LOADING Redis is loading the dataset in memory host=10.24.1.8"),
  ],
  tracks: [
    track("latency_p95_seconds", 0.35, "ramp:2.3", "step:2.1"),
    track('cache_hit_ratio{cache="tree"}', 0.94, "sink:0.11", "step:0.08"),
    track('cache_hit_ratio{cache="session"}', 0.98, "flat", "step:0.2", { service: "identity" }),
    track('redis_keys{node="10.24.1.5"}', 810000, "flat", "step:0"),
    track("mysql_rows_read_per_second", 42000, "ramp:390000", "step:360000"),
  ],
  spare: ["deploys", "logs"],
};

const query: Story = {
  name: "a page asks too many queries",
  service: "documents",
  owner: "documents",
  wait: "now",
  symptoms: [
    "DocumentsLatencyP95: GET /pages on documents above 2s for 5m",
    "Opening a page takes ages, database looks hot",
    "documents slow; MySQL CPU / waits up",
  ],
  culprits: [
    {
      subjects: [
        "Move page serialization to its own module",
        "Refactor PageSerializer",
        "Show who mentioned whom",
      ],
      edits: [
        edit(
          "services/documents/documents/pages.py",
          `
 class PageView(RetrieveAPIView):
     serializer_class = PageSerializer
-    queryset = Page.objects.select_related("space", "owner").prefetch_related(
-        "blocks__author", "blocks__mentions"
-    )
+    queryset = Page.objects.all()

     def get_object(self):
         page = super().get_object()
         access.require(self.request.user, page)
         return page`,
        ),
        edit(
          "services/documents/documents/serializers.py",
          `
 class BlockSerializer(ModelSerializer):
     author = UserSerializer()
-    mentions = MentionSerializer(many=True)
+    mentions = SerializerMethodField()
+
+    def get_mentions(self, block):
+        return [m.user.display_name for m in block.mentions.order_by("position")]`,
        ),
      ],
    },
  ],
  harmless: {
    subjects: ["Refactor PageSerializer", "Move the page view's docs", "Order fields of PageSerializer"],
    edits: [
      edit(
        "services/documents/documents/serializers.py",
        `
 class PageSerializer(ModelSerializer):
     class Meta:
         model = Page
-        fields = ["id", "title", "space", "owner", "blocks", "updated_at"]
+        fields = [
+            "id",
+            "title",
+            "space",
+            "owner",
+            "blocks",
+            "updated_at",
+        ]`,
      ),
    ],
  },
  decoys: [
    {
      subjects: ["Add an index for pages by update time", "Speed up 'recently updated' pages"],
      edits: [
        edit(
          "services/documents/documents/recent.py",
          `
 def recent(user, limit=20):
-    pages = visible_to(user, Page.objects.all())
-    return sorted(pages, key=lambda p: p.updated_at, reverse=True)[:limit]
+    pages = visible_to(user, Page.objects.all())
+    return pages.order_by("-updated_at").only("id", "title")[:limit]


 def recent_titles(user):
-    return [page.title for page in recent(user, limit=50)]
+    return list(recent(user, limit=50).values_list("title", flat=True))`,
        ),
      ],
    },
    {
      subjects: ["Open pages with the keyboard", "Opening a page: shortcut"],
      edits: [
        edit(
          "apps/web/src/tree/Tree.tsx",
          `
   const onKey = (event: KeyboardEvent) => {
-    if (event.key === "Enter") open(active);
+    switch (event.key) {
+      case "Enter":
+        return open(active);
+      case "ArrowRight":
+        return expand(active);
+    }
   };`,
        ),
      ],
    },
  ],
  guilty: [
    log("documents", "warn", "slow request GET /pages/%id% %slow%ms queries=486 db=%slow%ms"),
    log("documents", "warn", "slow request GET /pages/%id% %slow%ms queries=1203 db=%slow%ms"),
    log(
      "documents",
      "debug",
      "SELECT blocks_mention.* WHERE block_id = %k% ORDER BY position (repeated 311 times)",
    ),
  ],
  twin: [
    once(
      -30,
      "documents",
      "warn",
      "mysql-primary volume vol-0c: burst balance 0%, IOPS limited to 3000 by the provider",
    ),
    log("documents", "warn", "slow request GET /pages/%id% %slow%ms queries=9 db=%slow%ms"),
    log("billing", "warn", "slow query UPDATE seats SET … %slow%ms (usually 4ms) host=mysql-primary"),
    log("documents", "warn", "slow request POST /comments %slow%ms queries=4 db=%slow%ms"),
  ],
  tracks: [
    track('latency_p95_seconds{route="/pages"}', 0.3, "step:3.4", "step:2.9"),
    track('latency_p95_seconds{route="/comments"}', 0.15, "flat", "step:2.6"),
    track("sql_queries_per_request", 9, "step:340", "flat"),
    track("mysql_io_latency_ms", 1.4, "flat", "step:48"),
    track("volume_burst_balance_percent", 84, "flat", "slide:0"),
  ],
  spare: ["logs", "deploys", "series"],
};

export const pageLoads: readonly Story[] = [cache, query];
