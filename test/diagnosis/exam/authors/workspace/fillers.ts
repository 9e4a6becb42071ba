import type { Dice } from "./dice.ts";
import { edit } from "./edit.ts";
import { type ServiceName, services } from "./services.ts";
import type { Change } from "./story.ts";
import { fillerOf } from "./words.ts";

type Template = { language: "py" | "ts"; subjects: string[]; path: string; text: string; bot?: boolean };

const templates: Template[] = [
  {
    language: "py",
    subjects: [
      "Add %noun% to the %svc% API",
      "Return the %noun% with each %other%",
      "Refactor %other% serializer",
    ],
    path: "%svc%/%other%_api.py",
    text: `
 class %Other%Serializer(ModelSerializer):
     class Meta:
         model = %Other%
-        fields = ["id", "name", "created_at"]
+        fields = ["id", "name", "%noun%", "created_at"]
+        read_only_fields = ["%noun%"]

+    def validate_name(self, value):
+        return value.strip()
+
     def to_representation(self, row):`,
  },
  {
    language: "py",
    subjects: ["Extract %noun% rules", "Refactor %noun% rules", "Simplify the rules of a %noun%"],
    path: "%svc%/%noun%_rules.py",
    text: `
 def allowed(user, %noun%):
-    if user.is_admin:
-        return True
-    if %noun%.owner_id == user.id:
-        return True
-    return False
+    return user.is_admin or %noun%.owner_id == user.id


 def limit_of(plan):
-    return LIMITS[plan]
+    return LIMITS.get(plan, DEFAULT_LIMIT)`,
  },
  {
    language: "py",
    subjects: [
      "Retry %noun% tasks with a longer wait",
      "Celery: back off for %noun% tasks",
      "Fix retries of %noun% sync",
    ],
    path: "%svc%/%noun%_tasks.py",
    text: `
-@app.task(bind=True, max_retries=3, default_retry_delay=10)
+@app.task(bind=True, max_retries=5, retry_backoff=True, retry_jitter=True)
 def sync_%noun%(self, %noun%_id):
     row = %Noun%.objects.get(pk=%noun%_id)
     try:
         remote.put(row)
-    except RemoteError as error:
-        raise self.retry(exc=error)
+    except (RemoteError, TimeoutError) as error:
+        log.info("sync of %s failed, attempt %d", %noun%_id, self.request.retries)
+        raise self.retry(exc=error)`,
  },
  {
    language: "py",
    subjects: ["Gate %noun% list behind %flag%", "%Noun% list v2 (off)", "Prepare %flag%"],
    path: "%svc%/%noun%_list.py",
    text: `
 def %noun%_list(request):
     rows = %Noun%.objects.for_user(request.user)
-    return paginate(rows, request)
+    if flags.enabled("%flag%", request.user):
+        rows = rows.order_by("-pinned", "position")
+    return paginate(rows, request, size=50)


 def %noun%_count(request):
     return %Noun%.objects.for_user(request.user).count()`,
  },
  {
    language: "py",
    subjects: ["Speed up counting of %noun%s", "Count %noun%s in one query", "Cache the %noun% count"],
    path: "%svc%/%noun%_counts.py",
    text: `
 def counts(workspaces):
-    result = {}
-    for workspace in workspaces:
-        result[workspace.id] = workspace.%noun%s.count()
-    return result
+    rows = (
+        %Noun%.objects.filter(workspace__in=workspaces)
+        .values("workspace_id")
+        .annotate(n=Count("id"))
+    )
+    return {row["workspace_id"]: row["n"] for row in rows}`,
  },
  {
    language: "py",
    subjects: ["Type %noun% helpers", "Refactor: typed %noun% helpers", "mypy for %noun%"],
    path: "%svc%/%noun%_helpers.py",
    text: `
-def by_name(rows, name):
+def by_name(rows: Iterable[%Noun%], name: str) -> %Noun% | None:
     for row in rows:
         if row.name == name:
             return row
     return None


-def names(rows):
-    return sorted(set(row.name for row in rows))
+def names(rows: Iterable[%Noun%]) -> list[str]:
+    return sorted({row.name for row in rows})`,
  },
  {
    language: "py",
    subjects: [
      "Timeout for the %noun% client",
      "Fix hanging %noun% calls",
      "Set timeouts on %noun% requests",
    ],
    path: "%svc%/clients/%noun%.py",
    text: `
 class %Noun%Client:
+    timeout = (2, %n%)
+
     def __init__(self, base, session=None):
         self.base = base
         self.session = session or requests.Session()

     def get(self, key):
-        answer = self.session.get(f"{self.base}/{key}")
+        answer = self.session.get(f"{self.base}/{key}", timeout=self.timeout)
         answer.raise_for_status()
         return answer.json()`,
  },
  {
    language: "ts",
    subjects: ["%Noun% menu in %svc%", "Show the %noun% next to the %other%", "Refactor %Noun% into hooks"],
    path: "src/%noun%/%Noun%.ts",
    text: `
-export const %noun%Of = (%other%: %Other%) => {
-  return %other%.%noun%s.find((each) => each.active);
-};
+export const %noun%Of = (%other%: %Other%, at: number) => {
+  const active = %other%.%noun%s.filter((each) => each.active && each.until > at);
+  return active.toSorted((a, b) => b.until - a.until)[0];
+};

 export const label = (%noun%: %Noun%) => %noun%.name ?? "-";
+
+export const isOld = (%noun%: %Noun%, at: number) => %noun%.until <= at;`,
  },
  {
    language: "ts",
    subjects: ["Cache %noun% lookups for a minute", "Fewer calls for the %noun%", "Extract %noun% cache"],
    path: "src/%noun%/cache.ts",
    text: `
-const known = new Map<string, %Noun%>();
+const known = new LRUCache<string, %Noun%>({ max: 5000, ttl: 60_000 });

 export const %noun%By = async (id: string, load: Load<%Noun%>) => {
   const found = known.get(id);
   if (found) return found;
-  const fresh = await load(id);
-  known.set(id, fresh);
-  return fresh;
+  const fresh = await load(id);
+  if (fresh.stable) known.set(id, fresh);
+  return fresh;
 };`,
  },
  {
    language: "ts",
    subjects: ["Turn on %flag% for new workspaces", "Read %flag% once", "%Noun% behind %flag%"],
    path: "src/%noun%/options.ts",
    text: `
 export const options = async (context: Context) => {
   const plan = await context.plan();
-  return { plan, %noun%: true };
+  const fresh = await context.flags.on("%flag%");
+  return {
+    plan,
+    %noun%: true,
+    %other%: fresh && plan !== "free",
+  };
 };`,
  },
  {
    language: "ts",
    subjects: ["Validate %noun% input", "Reject a %noun% without a name", "Refactor %noun% schema"],
    path: "src/%noun%/schema.ts",
    text: `
 export const %noun%Schema = z.object({
   id: z.string().uuid(),
-  name: z.string(),
-  position: z.number(),
+  name: z.string().trim().max(200),
+  position: z.number().int().nonnegative(),
+  %other%: z.string().uuid().nullable().default(null),
 });

 export type %Noun% = z.infer<typeof %noun%Schema>;`,
  },
  {
    language: "ts",
    subjects: [
      "Log %noun% requests with their tenant",
      "Structured logs for %noun%",
      "Trace %noun% handlers",
    ],
    path: "src/%noun%/handler.ts",
    text: `
 export const %noun%Handler = async (request: Request, reply: Reply) => {
   const { id } = request.params;
+  const started = performance.now();
   const row = await store.get(id);
   if (!row) return reply.code(404).send({ code: "no_%noun%" });
-  return reply.send(row);
+  request.log.info({ tenant: row.workspace, ms: performance.now() - started }, "%noun%");
+  return reply.header("cache-control", "private, max-age=5").send(row);
 };`,
  },
  {
    language: "ts",
    subjects: ["Bump dev dependencies of %svc%", "Update types in %svc%"],
    path: "package.json",
    bot: true,
    text: `
   "devDependencies": {
-    "@types/node": "22.7.%n%",
-    "typescript": "5.6.2",
-    "vitest": "2.1.1"
+    "@types/node": "22.9.%n%",
+    "typescript": "5.6.3",
+    "vitest": "2.1.4"
   }`,
  },
  {
    language: "py",
    subjects: ["Bump test requirements of %svc%", "Update ruff and pytest in %svc%"],
    path: "requirements-dev.txt",
    bot: true,
    text: `
 factory-boy==3.3.1
-pytest==8.3.2
-pytest-django==4.8.0
-ruff==0.6.%n%
+pytest==8.3.3
+pytest-django==4.9.0
+ruff==0.7.%n%
 time-machine==2.15.0`,
  },
];

const tidying = [
  "Refactor %noun% of %svc%",
  "Refactor %noun% handling",
  "Tidy %noun% code",
  "Simplify the %noun% flow",
  "Clean up %noun% names",
  "Extract %noun% from %other%",
];

/** A harmless commit of `service` that has nothing to do with any trouble. */
export const routineChange = (service: ServiceName, dice: Dice): Change & { bot: boolean } => {
  const { language, root } = services[service];
  const template = dice.pick(templates.filter((each) => each.language === language));
  const fill = fillerOf(dice, { svc: service });
  const made = edit(`${root}/${fill(template.path)}`, fill(template.text));
  const tidy = !template.bot && dice.chance(0.24) ? dice.pick(tidying) : dice.pick(template.subjects);
  return { subjects: [fill(tidy)], edits: [made], bot: template.bot ?? false };
};
