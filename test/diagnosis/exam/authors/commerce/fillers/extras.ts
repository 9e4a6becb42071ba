import type { Diff } from "../change.ts";
import type { Dice } from "../dice.ts";
import type { Language } from "../world.ts";

const goExtras: readonly Diff[] = [
  [
    "test:api/handler_test.go",
    `
@@ func TestHandler(t *testing.T) {
 	srv := newTestServer(t)
 	defer srv.Close()
 
-	res := srv.get("/v1/status")
+	res := srv.get(t, "/v1/status")
 	if res.Code != http.StatusOK {
-		t.Fatal("status")
+		t.Fatalf("status: got %d", res.Code)
 	}
`,
  ],
  [
    "top:README.md",
    `
 ## Run it locally
 
-    make run
+    make up run
 
+The first start pulls the images and takes a while.
 Metrics are on port 9102.
`,
  ],
  [
    "test:testutil/clock.go",
    `
 type FakeClock struct {
 	mu  sync.Mutex
 	now time.Time
 }
 
+func (c *FakeClock) Advance(d time.Duration) {
+	c.mu.Lock()
+	defer c.mu.Unlock()
+	c.now = c.now.Add(d)
+}
+
 func (c *FakeClock) Now() time.Time {
`,
  ],
  [
    "top:CHANGELOG.md",
    `
 # Changes
 
+- Small clean-ups in tests and notes.
 - The status page names the build.
`,
  ],
];

const jvmExtras: readonly Diff[] = [
  [
    "top:README.md",
    `
 ## Tests
 
-    ./gradlew test
+    ./gradlew test integrationTest
 
+Integration tests start Postgres and Kafka in containers.
 Reports land in build/reports.
`,
  ],
  [
    "ktt:support/Fixtures.kt",
    `
@@ object Fixtures {
     fun customer(id: String = "c-1") = Customer(id, "Ada", Locale.GERMANY)
 
+    fun guest() = Customer("guest", "Guest", Locale.GERMANY)
+
     fun money(amount: String) = Money(BigDecimal(amount), "EUR")
 }
`,
  ],
  [
    "ktt:support/ContainerTest.kt",
    `
 @Testcontainers
 abstract class ContainerTest {
     companion object {
         @Container
-        val postgres = PostgreSQLContainer("postgres:15")
+        val postgres = PostgreSQLContainer("postgres:15").withReuse(true)
     }
 }
`,
  ],
  [
    "top:CHANGELOG.md",
    `
 # Changes
 
+- Fixtures for guests; containers are reused in tests.
 - The build prints slow tests.
`,
  ],
];

/** Files that accompany a change of any kind: tests, notes. */
export const extrasOf = (language: Language, count: number, roll: Dice): Diff[] =>
  roll.shuffle(language === "go" ? goExtras : jvmExtras).slice(0, count);
