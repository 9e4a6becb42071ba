import { error, flat, info, leak, type Story, step, traced, warn } from "../story.ts";

const addressForm: Story = {
  name: "flagged address form fails",
  service: "storefront",
  symptoms: [
    "[FIRING] StorefrontErrorRatio: storefront 5xx above 3% on /account/address",
    "Customers cannot save a new address, they get the error page.",
  ],
  flag: "new-address-form",
  culprit: {
    service: "storefront",
    type: "feat",
    titles: [
      "Address form in two steps behind a flag",
      "New address form, switched off",
      "Prepare the new address form",
    ],
    diffs: [
      [
        "src:address/AddressForms.kt",
        `
@@ class AddressForms
     fun form(customer: Customer): Form =
-        classic.form(customer)
+        if (flags.on("new-address-form", customer)) twoSteps.form(customer) else classic.form(customer)
 }
`,
      ],
      [
        "src:address/TwoStepForm.kt",
        `
+package shop.storefront.address
+
+class TwoStepForm(private val countries: Map<String, CountryRules>) {
+    fun form(customer: Customer): Form {
+        val rules = countries.getValue(customer.locale.country)
+        return Form(rules.fields, next = "/account/address/confirm")
+    }
+}
`,
      ],
    ],
  },
  mend: [
    [
      "countries.getValue(customer.locale.country)",
      "countries[customer.locale.country] ?: CountryRules.DEFAULT",
    ],
  ],
  decoys: [
    {
      service: "customers",
      type: "fix",
      titles: ["Save the address with the phone number", "Addresses keep the phone number"],
      diffs: [
        [
          "src:address/AddressWriter.java",
          `
@@ class AddressWriter {
     void save(Address address) {
         jdbc.sql(insert)
             .param("street", address.street())
+            .param("phone", address.phone())
             .param("zip", address.zip())
             .update();
     }
`,
        ],
      ],
    },
    {
      service: "storefront",
      type: "feat",
      titles: ["Error page links to the account", "Better error page for accounts"],
      diffs: [
        [
          "src:error/ErrorPage.kt",
          `
@@ class ErrorPage
     fun links(session: Session) = listOfNotNull(
         Link("/", "Home"),
+        Link("/account", "Your account").takeIf { session.loggedIn },
     )
`,
        ],
      ],
    },
  ],
  delay: "hours",
  both: {
    lines: [
      info("storefront", 1, "flag changed new-address-form=100%", "onset"),
      warn("gateway", 5, "500 /account/address upstream=storefront client=#ip"),
    ],
    curves: [step("storefront", 'http_server_errors:ratio1m{route="/account/address"}', 0.002, 0.34)],
  },
  guilty: {
    lines: [
      traced(
        "storefront",
        11,
        "unhandled exception path=/account/address variant=two-steps",
        `
java.util.NoSuchElementException: Key AT is missing in the map.
	at kotlin.collections.MapsKt__MapWithDefaultKt.getOrImplicitDefaultNullable(MapWithDefault.kt:24)
	at shop.storefront.address.TwoStepForm.form(TwoStepForm.kt:5)
	at shop.storefront.address.AddressForms.form(AddressForms.kt:14)`,
      ),
    ],
    curves: [
      step("storefront", 'exceptions:rate1m{class="NoSuchElementException"}', 0, 1.3),
      flat("customers", 'http_server_errors:ratio1m{route="/addresses"}', 0.001, 0.001, { noise: 0.3 }),
      flat("customers", "geocoder_timeouts:rate1m", 0.02, 0.02, { noise: 0.4 }),
    ],
  },
  twin: {
    lines: [
      traced(
        "storefront",
        11,
        "save address failed path=/account/address status=502 upstream=customers",
        `
shop.storefront.clients.UpstreamException: customers answered 502: geocoder api.mapco.example timed out after 5s
	at shop.storefront.clients.CustomersClient.saveAddress(CustomersClient.kt:48)
	at shop.storefront.address.AddressController.save(AddressController.kt:37)`,
      ),
    ],
    curves: [
      flat("storefront", 'exceptions:rate1m{class="NoSuchElementException"}', 0, 0),
      step("customers", 'http_server_errors:ratio1m{route="/addresses"}', 0.001, 0.36),
      step("customers", "geocoder_timeouts:rate1m", 0.02, 4.1),
    ],
  },
  spare: ["symptom", "deploys"],
};

const stockExport: Story = {
  name: "nightly stock export fails",
  service: "inventory",
  symptoms: [
    "[FIRING] JobFailed: inventory stock-export failed",
    "inventory: the marketplace did not get the stock file tonight",
  ],
  culprit: {
    service: "inventory",
    type: "feat",
    titles: ["Several warehouses for one item", "Stock by warehouse", "Items may lie in two warehouses"],
    diffs: [
      [
        "src:stock/rows.go",
        `
-const allStock = "select sku, qty from stock order by sku"
+const allStock = "select sku, warehouse, sum(qty) from stock group by sku, warehouse order by sku"
@@ func (s *Store) All(ctx context.Context, yield func(Row) error) error {
 	for rows.Next() {
 		var r Row
-		if err := rows.Scan(&r.SKU, &r.Qty); err != nil {
+		if err := rows.Scan(&r.SKU, &r.Warehouse, &r.Qty); err != nil {
 			return err
 		}
 		if err := yield(r); err != nil {
`,
      ],
      [
        "src:stock/row.go",
        `
 type Row struct {
 	SKU string
-	Qty int64
+	Warehouse string
+	Qty int64
 }
`,
      ],
    ],
  },
  mend: [
    [
      '-const allStock = "select sku, qty from stock order by sku"\n+const allStock =',
      ' const allStock = "select sku, qty from stock order by sku"\n+const byWarehouse =',
    ],
    [
      "-		if err := rows.Scan(&r.SKU, &r.Qty); err != nil {\n+		if err := rows.Scan(&r.SKU, &r.Warehouse, &r.Qty); err != nil {",
      " 		if err := rows.Scan(&r.SKU, &r.Qty); err != nil {",
    ],
  ],
  decoys: [
    {
      service: "inventory",
      type: "fix",
      titles: ["Name the stock file after the day", "Stock export file gets a date"],
      diffs: [
        [
          "src:export/name.go",
          `
@@ func fileName(day time.Time) string {
-	return "stock.csv"
+	return "stock-" + day.Format(time.DateOnly) + ".csv"
 }
`,
        ],
      ],
    },
    {
      service: "catalog",
      type: "feat",
      titles: ["Marketplace flag for products", "Choose products for the marketplace"],
      diffs: [
        [
          "src:marketplace/Selection.java",
          `
@@ class Selection {
     boolean offered(Product product) {
-        return product.active();
+        return product.active() && product.marketplace();
     }
`,
        ],
      ],
    },
  ],
  delay: "night",
  both: {
    lines: [
      info("inventory", 1, "stock-export started schedule=02:00", "lead"),
      error("inventory", 2, "stock-export failed, attempt #p of 3", "onset"),
    ],
    curves: [
      step("inventory", 'job_last_exit_code{job="stock-export"}', 0, 1, { noise: 0 }),
      flat("inventory", "reservations:rate1m", 4, 4, { daily: true, noise: 0.2 }),
    ],
  },
  guilty: {
    lines: [
      error(
        "inventory",
        6,
        "stock-export: duplicate sku #sku in row #big, previous row has the same sku: file must be unique by sku",
      ),
      info("inventory", 3, "stock-export wrote part=#n rows=#big"),
    ],
    curves: [
      step("inventory", "stock_export_rows", 212_400, 371_900, { noise: 0 }),
      flat("inventory", "sftp_connect_failures:rate5m", 0, 0),
    ],
  },
  twin: {
    lines: [
      error(
        "inventory",
        6,
        "stock-export: upload sftp.marketplace.example:22: ssh: handshake failed: host key mismatch",
      ),
      info("inventory", 3, "stock-export wrote part=#n rows=#big checks=ok"),
    ],
    curves: [
      flat("inventory", "stock_export_rows", 212_400, 212_400, { noise: 0 }),
      step("inventory", "sftp_connect_failures:rate5m", 0, 3),
    ],
  },
  spare: ["symptom", "deploys"],
};

const unbounded: Story = {
  name: "cart is killed for memory",
  service: "cart",
  symptoms: [
    "[FIRING] PodsRestarting: cart container OOMKilled 5 times in 15m",
    "cart pods restart again and again since a while, baskets get lost in between",
  ],
  culprit: {
    service: "cart",
    type: "perf",
    titles: [
      "Remember sellable items",
      "Ask inventory less often",
      "Keep availability answers in the process",
    ],
    diffs: [
      [
        "src:availability/client.go",
        `
 type Client struct {
 	rpc pb.InventoryClient
+	mu   sync.RWMutex
+	seen map[string]Answer
 }
@@ func (c *Client) Available(ctx context.Context, basket, sku string) (Answer, error) {
+	key := basket + "/" + sku
+	c.mu.RLock()
+	got, ok := c.seen[key]
+	c.mu.RUnlock()
+	if ok && time.Since(got.At) < ttl {
+		return got, nil
+	}
 	res, err := c.rpc.Available(ctx, &pb.AvailableRequest{Sku: sku})
 	if err != nil {
 		return Answer{}, err
 	}
+	c.mu.Lock()
+	c.seen[key] = Answer{Qty: res.Qty, At: time.Now()}
+	c.mu.Unlock()
`,
      ],
    ],
  },
  mend: [
    ["+	c.mu.Lock()\n", "+	c.mu.Lock()\n+	if len(c.seen) >= maxSeen {\n+		clear(c.seen)\n+	}\n"],
    ['+	key := basket + "/" + sku', "+	key := sku"],
  ],
  decoys: [
    {
      service: "cart",
      type: "fix",
      titles: ["Baskets survive a restart of the pod", "Flush baskets before the pod stops"],
      diffs: [
        [
          "top:cmd/cart/main.go",
          `
 func main() {
 	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
 	defer stop()
 	srv := api.New(cfg)
 	<-ctx.Done()
-	srv.Close()
+	shutdown, cancel := context.WithTimeout(context.Background(), 10*time.Second)
+	defer cancel()
+	srv.Shutdown(shutdown)
 }
`,
        ],
      ],
    },
    {
      service: "cart",
      type: "chore",
      titles: ["Export Go memory statistics", "Memory panel for cart containers"],
      diffs: [
        [
          "src:metrics/runtime.go",
          `
 func init() {
-	prometheus.MustRegister(collectors.NewGoCollector())
+	prometheus.MustRegister(collectors.NewGoCollector(
+		collectors.WithGoCollectorMemStatsMetricsDisabled(),
+	))
 }
`,
        ],
      ],
    },
  ],
  delay: "hours",
  both: {
    lines: [
      warn("cart", 5, "container cart restarted pod=cart-%rsnew%-#pod reason=OOMKilled exit_code=137"),
      warn("storefront", 5, "basket unavailable session=#id upstream=cart"),
    ],
    curves: [step("cart", "kube_pod_container_restarts:rate15m", 0, 5)],
  },
  guilty: {
    lines: [
      info(
        "cart",
        6,
        "gc cycle took=#msms map availability.seen entries=#big00 pod=cart-%rsnew%-#pod",
        "all",
      ),
      warn("cart", 3, "memory working set above 90% of limit pod=cart-%rsnew%-#pod", "lead"),
    ],
    curves: [
      leak("cart", 'container_memory_working_set_bytes{pod="cart-%rsnew%-x7k2p"}', 9e7, 5.1e8, {
        life: "new",
        since: "deploy",
        noise: 0.02,
      }),
      leak("cart", 'go_memstats_heap_objects{pod="cart-%rsnew%-x7k2p"}', 4e5, 6.1e6, {
        life: "new",
        since: "deploy",
        noise: 0.02,
      }),
      flat("cart", 'node_memory_utilization{node="ip-10-12-4-81"}', 0.61, 0.61, { noise: 0.03 }),
    ],
  },
  twin: {
    lines: [
      info("cart", 6, "gc cycle took=#msms map availability.seen entries=#n00 pod=cart-%rsnew%-#pod", "all"),
      warn(
        "cart",
        3,
        "kernel oom-killer on node ip-10-12-4-81: invoked by spark-executor, killed cart, catalog, promotions",
        "onset",
      ),
    ],
    curves: [
      flat("cart", 'container_memory_working_set_bytes{pod="cart-%rsnew%-x7k2p"}', 9e7, 9e7, {
        life: "new",
        noise: 0.03,
      }),
      flat("cart", 'go_memstats_heap_objects{pod="cart-%rsnew%-x7k2p"}', 4e5, 4e5, {
        life: "new",
        noise: 0.04,
      }),
      step("cart", 'node_memory_utilization{node="ip-10-12-4-81"}', 0.61, 0.995, { noise: 0.005 }),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

export const shopfrontStories: readonly Story[] = [addressForm, stockExport, unbounded];
