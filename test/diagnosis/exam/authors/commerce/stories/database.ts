import { error, flat, info, type Story, step, traced, warn } from "../story.ts";

const poolHeld: Story = {
  name: "connection pool runs dry",
  lazy: true,
  service: "orders",
  symptoms: [
    "[FIRING] OrdersLatencyP99: orders p99 above 5s (POST /v1/orders)",
    "orders: HikariPool timeouts, error ratio 22%, checkout is affected",
    "Order placement hangs for many customers and then fails.",
  ],
  culprit: {
    service: "orders",
    type: "fix",
    titles: [
      "Reserve stock and store the order together",
      "No order without a reservation",
      "Make placing an order atomic",
    ],
    body: "An order could be stored although the reservation had failed.",
    diffs: [
      [
        "src:place/PlaceOrder.kt",
        `
@@ class PlaceOrder
-    fun place(command: Place): Order {
-        val reservation = inventory.reserve(command.lines)
-        return tx.execute { orders.insert(command.toOrder(reservation)) }!!
-    }
+    @Transactional
+    fun place(command: Place): Order {
+        val order = orders.insert(command.toOrder())
+        val reservation = inventory.reserve(command.lines)
+        return orders.attach(order.id, reservation)
+    }
`,
      ],
      [
        "src:place/OrderRows.kt",
        `
@@ class OrderRows
     fun insert(order: Order): Order = jdbc.insert(order)
 
+    fun attach(id: UUID, reservation: Reservation): Order =
+        jdbc.update("update orders set reservation = ? where id = ?", reservation.id, id).let { get(id) }
+
     fun get(id: UUID): Order = jdbc.one("select * from orders where id = ?", id)
`,
      ],
    ],
  },
  mend: [
    ["+    @Transactional\n", ""],
    [
      "+        val order = orders.insert(command.toOrder())\n+        val reservation = inventory.reserve(command.lines)",
      "+        val reservation = inventory.reserve(command.lines)\n+        val order = orders.insert(command.toOrder())",
    ],
  ],
  decoys: [
    {
      service: "orders",
      type: "chore",
      titles: ["Name the Hikari pool", "Pool name in metrics"],
      diffs: [
        [
          "res:application.yaml",
          `
 spring:
   datasource:
     hikari:
       maximum-pool-size: 30
+      pool-name: orders
       connection-timeout: 5000
`,
        ],
      ],
    },
    {
      service: "inventory",
      type: "chore",
      titles: ["Log reserved lines", "Reservations are logged with the order"],
      diffs: [
        [
          "src:reserve/log.go",
          `
@@ func logReserved(order string, lines []Line) {
-	slog.Debug("reserved", "order", order)
+	slog.Debug("reserved", "order", order, "lines", len(lines))
 }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      error(
        "orders",
        12,
        "orders - Connection is not available, request timed out after 5000ms (total=30, active=30, idle=0, waiting=#n)",
      ),
      error("checkout", 6, "place order failed upstream=orders status=503 session=#id"),
    ],
    curves: [
      step("orders", 'hikaricp_connections_active{pool="orders"}', 6, 30, { noise: 0.05 }),
      step("orders", 'http_server_request_seconds{quantile="0.99"}', 2.2, 6.1),
      flat("inventory", 'grpc_server_seconds{method="Reserve",quantile="0.99"}', 1.9),
    ],
  },
  guilty: {
    lines: [
      warn(
        "orders",
        6,
        "connection held 2.#ps across call to inventory.reserve thread=http-nio-#n leak detection threshold exceeded",
      ),
      traced(
        "orders",
        4,
        "leak detection: connection acquired and not returned for 2000 ms",
        `
java.lang.Exception: Apparent connection leak detected
	at com.zaxxer.hikari.HikariDataSource.getConnection(HikariDataSource.java:128)
	at org.springframework.transaction.interceptor.TransactionInterceptor.invoke(TransactionInterceptor.java:119)
	at shop.inventory.client.InventoryClient.reserve(InventoryClient.kt:44)
	at shop.orders.place.PlaceOrder.place(PlaceOrder.kt:31)`,
      ),
    ],
    curves: [
      flat("orders", 'pg_stat_activity_count{state="active",app="orders"}', 4),
      step("orders", 'pg_stat_activity_count{state="idle in transaction",app="orders"}', 0.4, 26),
    ],
  },
  twin: {
    lines: [
      warn(
        "orders",
        6,
        "slow statement took=48#nms sql='update orders set state' waiting for AccessExclusiveLock holder pid=31877",
      ),
      traced(
        "orders",
        4,
        "statement cancelled: lock wait, blocked by pid=31877 application_name=psql user=j.admin query='alter table orders add column note text'",
        `
org.postgresql.util.PSQLException: ERROR: canceling statement due to lock timeout
	at org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)
	at shop.orders.place.OrderRows.get(OrderRows.kt:63)
	at shop.orders.web.OrderController.show(OrderController.kt:28)`,
      ),
    ],
    curves: [
      step("orders", 'pg_stat_activity_count{state="active",app="orders"}', 4, 29),
      step("orders", 'pg_locks_waiting{mode="AccessExclusiveLock",holder_app="psql"}', 0, 29),
    ],
  },
  spare: ["symptom", "deploys"],
};

const lostIndex: Story = {
  name: "catalog queries slow down",
  service: "catalog",
  symptoms: [
    "[FIRING] CatalogLatencyP99: catalog p99 2.8s > 800ms for 5m",
    "Product pages take for ever. Home page too.",
    "catalog saturation: database CPU 98%",
  ],
  words: { cpu: ["db-catalog-1", "pg-catalog-0"] },
  culprit: {
    service: "catalog",
    type: "fix",
    titles: [
      "Find products whatever the case of the slug",
      "Case-insensitive slugs",
      "Slug lookup ignores case",
    ],
    diffs: [
      [
        "src:product/ProductRepository.java",
        `
 interface ProductRepository extends Repository<ProductRow, Long> {
-    @Query("select * from product where slug = :slug and shop_id = :shop")
+    @Query("select * from product where lower(slug) = lower(:slug) and shop_id = :shop")
     Optional<ProductRow> bySlug(String slug, int shop);
 
     @Query("select * from product where id = :id")
     Optional<ProductRow> byId(long id);
`,
      ],
    ],
  },
  mend: [["where lower(slug) = lower(:slug)", "where slug = lower(:slug)"]],
  decoys: [
    {
      service: "catalog",
      type: "perf",
      titles: ["Index products by brand", "Faster brand pages"],
      diffs: [
        [
          "res:db/migration/V212__brand_index.sql",
          `
+create index concurrently if not exists product_brand_idx
+    on product (brand_id, shop_id);
`,
        ],
      ],
    },
    {
      service: "catalog",
      type: "feat",
      titles: ["Measure p99 of product pages by template"],
      diffs: [
        [
          "src:web/PageTimer.java",
          `
@@ class PageTimer {
     Timer timer(String template) {
         return Timer.builder("page")
+            .tag("template", template)
             .publishPercentiles(0.5, 0.99)
             .register(registry);
     }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("storefront", 7, "catalog call slow route=/product took=2#nms trace=#trace"),
      error("catalog", 6, "request timed out path=/v2/products/slug-#id took=3000ms"),
    ],
    curves: [step("catalog", 'http_server_request_seconds{route="/v2/products",quantile="0.99"}', 0.12, 2.8)],
  },
  guilty: {
    lines: [
      warn(
        "catalog",
        10,
        "slow query took=9#nms sql='select * from product where lower(slug) = lower($1) and shop_id = $2' rows=1",
      ),
      warn("catalog", 2, "plan: Seq Scan on product (rows removed by filter: 2118#n)"),
    ],
    curves: [
      step("catalog", 'pg_seq_tup_read:rate1m{table="product"}', 900, 4.1e7),
      step("catalog", 'node_cpu_utilization{instance="%cpu%"}', 0.31, 0.98, { noise: 0.02 }),
      flat("catalog", 'node_disk_read_latency_seconds{instance="%cpu%"}', 0.0009, 0.0009, { noise: 0.2 }),
    ],
  },
  twin: {
    lines: [
      warn(
        "catalog",
        10,
        "slow query took=8#nms sql='select * from product_price where id = $1' rows=1 io_wait=high",
      ),
      warn("catalog", 2, "%cpu%: volume io burst balance 0%, volume degraded by the provider"),
    ],
    curves: [
      flat("catalog", 'pg_seq_tup_read:rate1m{table="product"}', 900),
      flat("catalog", 'node_cpu_utilization{instance="%cpu%"}', 0.31),
      step("catalog", 'node_disk_read_latency_seconds{instance="%cpu%"}', 0.0009, 0.19, { noise: 0.2 }),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const lockOrder: Story = {
  name: "inventory deadlocks",
  lazy: true,
  service: "inventory",
  symptoms: [
    "[FIRING] InventoryReserveErrors: inventory reserve errors above 5%",
    "inventory deadlocks in Postgres, orders fail with 'out of stock' although there is stock",
  ],
  culprit: {
    service: "inventory",
    type: "perf",
    titles: [
      "Keep the basket order when reserving",
      "Do not sort reservation lines",
      "Reserve without copying the lines",
    ],
    diffs: [
      [
        "src:reserve/reserve.go",
        `
@@ func (s *Store) Reserve(ctx context.Context, lines []Line) (string, error) {
 	tx, err := s.db.Begin(ctx)
 	if err != nil {
 		return "", err
 	}
 	defer tx.Rollback(ctx)
-	ordered := slices.Clone(lines)
-	slices.SortFunc(ordered, bySKU)
-	for _, l := range ordered {
+	for _, l := range lines {
 		if _, err := tx.Exec(ctx, lockStock, l.SKU); err != nil {
 			return "", fmt.Errorf("lock %s: %w", l.SKU, err)
 		}
 	}
`,
      ],
    ],
  },
  mend: [["+	for _, l := range lines {", "+	slices.SortFunc(lines, bySKU)\n+	for _, l := range lines {"]],
  decoys: [
    {
      service: "orders",
      type: "fix",
      titles: ["Say 'out of stock' with the name of the item", "Better text when stock is gone"],
      diffs: [
        [
          "src:place/Refusal.kt",
          `
@@ object Refusal
     fun text(cause: Cause): String = when (cause) {
-        Cause.STOCK -> "Out of stock"
+        Cause.STOCK -> "Sorry, this item is out of stock"
         Cause.PAYMENT -> "Payment failed"
     }
`,
        ],
      ],
    },
    {
      service: "inventory",
      type: "chore",
      titles: ["Count reserve errors by cause"],
      diffs: [
        [
          "src:metrics/reserve.go",
          `
@@ func countReserve(err error) {
-	reserveErrors.Inc()
+	reserveErrors.WithLabelValues(causeOf(err)).Inc()
 }
+
+func causeOf(err error) string {
+	if errors.Is(err, ErrOutOfStock) {
+		return "stock"
+	}
+	return "other"
+}
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [error("orders", 8, "reservation failed order=#ord upstream=inventory code=ABORTED")],
    curves: [
      step("inventory", 'grpc_server_handled:rate1m{method="Reserve",code="Aborted"}', 0.02, 3.4),
      step("inventory", "pg_locks_wait_seconds_p99", 0.004, 1.1),
    ],
  },
  guilty: {
    lines: [
      error(
        "inventory",
        11,
        "reserve: lock #sku: ERROR: deadlock detected (SQLSTATE 40P01) Process 41#n waits for ShareLock; blocked by process 42#n; both application_name=inventory method=Reserve",
      ),
      info("inventory", 3, "reserve retried attempt=2 order=#ord"),
    ],
    curves: [
      step("inventory", "pg_stat_database_deadlocks:rate1m", 0, 3.1),
      flat("inventory", 'pg_stat_activity_count{app="wms-sync"}', 1, 1, { noise: 0 }),
    ],
  },
  twin: {
    lines: [
      error(
        "inventory",
        11,
        "reserve: lock #sku: ERROR: canceling statement due to lock timeout (SQLSTATE 55P03) blocked by process 977 application_name=wms-sync query='update stock set qty'",
      ),
      info("inventory", 3, "wms-sync full stocktake running warehouse=RTM rows=412000 started_by=warehouse"),
    ],
    curves: [
      flat("inventory", "pg_stat_database_deadlocks:rate1m", 0, 0, { noise: 0 }),
      step("inventory", 'pg_stat_activity_count{app="wms-sync"}', 1, 16, { noise: 0.02 }),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

export const databaseStories: readonly Story[] = [poolHeld, lostIndex, lockOrder];
