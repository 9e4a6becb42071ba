import type { Change } from "../change.ts";

type Filler = Omit<Change, "service">;

export const jvmFillers: readonly Filler[] = [
  {
    type: "feat",
    titles: ["Expose the %noun% in the support API", "Support staff see the %noun%"],
    diffs: [
      [
        "kt:support/%Noun%View.kt",
        `
+package shop.%pkg%.support
+
+/** Read model for the support desk. */
+data class %Noun%View(val id: String, val state: String, val note: String?)
`,
      ],
      [
        "kt:support/SupportController.kt",
        `
 @RestController
 @RequestMapping("/support")
 class SupportController(private val views: Views) {
     @GetMapping("/ping")
     fun ping() = "ok"
 
+    @GetMapping("/%nouns%/{id}")
+    fun %noun%(@PathVariable id: String) = views.%noun%(id)
+
`,
      ],
    ],
  },
  {
    type: "fix",
    titles: ["Wording of the %noun% mail", "Correct the %noun% text in Dutch"],
    diffs: [
      [
        "res:messages_nl.properties",
        `
 %noun%.title=Uw %noun%
-%noun%.body=Wij hebben uw %noun% gekregen
+%noun%.body=Wij hebben uw %noun% ontvangen
 footer.contact=Vragen? Mail ons.
`,
      ],
    ],
  },
  {
    type: "refactor",
    titles: ["Make %Noun% a record", "Immutable %Noun%"],
    diffs: [
      [
        "jv:model/%Noun%.java",
        `
-public class %Noun% {
-    private final String id;
-    private final String label;
-
-    public %Noun%(String id, String label) {
-        this.id = id;
-        this.label = label;
-    }
-    public String id() { return id; }
-    public String label() { return label; }
-}
+public record %Noun%(String id, String label) {}
`,
      ],
    ],
  },
  {
    type: "refactor",
    titles: ["Move %noun% mapping out of the controller", "Extract a %Noun%Mapper"],
    diffs: [
      [
        "kt:web/%Noun%Controller.kt",
        `
@@ class %Noun%Controller
     @GetMapping("/v2/%nouns%/{id}")
     fun get(@PathVariable id: String): %Noun%Response {
         val found = service.find(id) ?: throw NotFound(id)
-        return %Noun%Response(found.id, found.label, found.updatedAt)
+        return mapper.toResponse(found)
     }
 }
`,
      ],
      [
        "kt:web/%Noun%Mapper.kt",
        `
+package shop.%pkg%.web
+
+@Component
+class %Noun%Mapper {
+    fun toResponse(from: %Noun%) = %Noun%Response(from.id, from.label, from.updatedAt)
+}
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Bump assertj from 3.25.3 to 3.26.0", "Update test libraries"],
    bot: true,
    diffs: [
      [
        "top:build.gradle.kts",
        `
@@ dependencies {
     implementation("org.springframework.boot:spring-boot-starter-web")
     implementation("org.springframework.kafka:spring-kafka")
-    testImplementation("org.assertj:assertj-core:3.25.3")
+    testImplementation("org.assertj:assertj-core:3.26.0")
     testImplementation("org.testcontainers:postgresql:1.19.8")
 }
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Time %noun% handling", "Micrometer timer for %nouns%"],
    diffs: [
      [
        "kt:service/%Noun%Service.kt",
        `
@@ class %Noun%Service
+    private val timer = registry.timer("%pkg%.%noun%")
+
     fun handle(command: %Noun%Command): %Noun% {
-        return rules.apply(command)
+        return timer.recordCallable { rules.apply(command) }!!
     }
`,
      ],
    ],
  },
  {
    type: "fix",
    titles: ["Reject a %noun% without a name", "Validate the %noun% form"],
    diffs: [
      [
        "kt:web/%Noun%Form.kt",
        `
 data class %Noun%Form(
+    @field:NotBlank(message = "{%noun%.name.missing}")
     val name: String?,
     @field:Size(max = %N%)
     val comment: String?,
 )
`,
      ],
      [
        "res:messages.properties",
        `
 form.required=Please fill in this field
+%noun%.name.missing=Please give the %noun% a name
 form.tooLong=Too long
`,
      ],
    ],
  },
  {
    type: "test",
    titles: ["Cover %noun% cancellation", "More tests for %nouns%"],
    diffs: [
      [
        "ktt:service/%Noun%ServiceTest.kt",
        `
@@ class %Noun%ServiceTest
     @Test
     fun \`keeps the label\`() {
         assertThat(service.handle(command("a")).label).isEqualTo("a")
     }
 
+    @Test
+    fun \`a cancelled %noun% stays cancelled\`() {
+        val first = service.cancel("a")
+        assertThat(service.cancel("a")).isEqualTo(first)
+    }
 }
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Column for the %noun% comment", "Store a comment with the %noun%"],
    diffs: [
      [
        "res:db/migration/V%N%%n%__%noun%_comment.sql",
        `
+alter table %noun% add column if not exists comment text;
+comment on column %noun%.comment is 'free text of the support desk';
`,
      ],
      [
        "kt:model/%Noun%Row.kt",
        `
 data class %Noun%Row(
     val id: UUID,
     val state: String,
+    val comment: String? = null,
 )
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Remove the old %noun% export", "Delete the CSV export of %nouns%"],
    diffs: [
      [
        "kt:export/%Noun%Export.kt",
        `
-package shop.%pkg%.export
-
-@Component
-class %Noun%Export(private val rows: %Noun%Rows) {
-    fun csv(): String = rows.all().joinToString("\\n") { it.id.toString() }
-}
`,
      ],
      [
        "kt:export/ExportController.kt",
        `
@@ class ExportController
     @GetMapping("/export/daily")
     fun daily() = daily.csv()
-
-    @GetMapping("/export/%nouns%")
-    fun %nouns%() = %noun%Export.csv()
 }
`,
      ],
    ],
  },
  {
    type: "chore",
    titles: ["Log %nouns% at debug level", "Less chatty %noun% logging"],
    diffs: [
      [
        "kt:service/%Noun%Listener.kt",
        `
@@ class %Noun%Listener
     fun on(event: %Noun%Changed) {
-        log.info("%noun% changed id={} state={}", event.id, event.state)
+        log.debug("%noun% changed id={} state={}", event.id, event.state)
         views.refresh(event.id)
     }
`,
      ],
    ],
  },
  {
    type: "feat",
    titles: ["Sort %nouns% by date in the account page", "Newest %nouns% first"],
    diffs: [
      [
        "kt:account/AccountPage.kt",
        `
@@ class AccountPage
     fun render(customer: Customer): Page {
         val recent = %nouns%.of(customer.id).take(%n%)
-        return Page(customer.name, recent)
+        return Page(customer.name, recent.sortedByDescending { it.updatedAt })
     }
`,
      ],
    ],
  },
];
