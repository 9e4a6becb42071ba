import { error, flat, info, ramp, type Story, step, warn } from "../story.ts";

const lag: Story = {
  name: "consumer lag grows",
  service: "ledger",
  symptoms: [
    "[FIRING] KafkaConsumerLag: group ledger-postings lag > 50000 and growing",
    "ledger is behind, finance sees no bookings of the last minutes",
  ],
  culprit: {
    service: "ledger",
    type: "fix",
    titles: [
      "Never lose a posting when the pod stops",
      "Commit each posting",
      "Acknowledge postings one at a time",
    ],
    body: "A stopped pod replayed up to 500 postings.",
    diffs: [
      [
        "src:kafka/ListenerConfig.java",
        `
@@ class ListenerConfig {
     ConcurrentKafkaListenerContainerFactory<String, Posting> postings(ConsumerFactory<String, Posting> consumers) {
         var factory = new ConcurrentKafkaListenerContainerFactory<String, Posting>();
         factory.setConsumerFactory(consumers);
-        factory.setBatchListener(true);
-        factory.getContainerProperties().setAckMode(AckMode.BATCH);
+        factory.getContainerProperties().setAckMode(AckMode.RECORD);
+        factory.getContainerProperties().setSyncCommits(true);
         return factory;
     }
`,
      ],
      [
        "src:kafka/PostingListener.java",
        `
@@ class PostingListener {
-    @KafkaListener(topics = "shop.postings")
-    void on(List<Posting> postings) {
-        entries.insertAll(postings);
-    }
+    @KafkaListener(topics = "shop.postings")
+    void on(Posting posting) {
+        entries.insert(posting);
+    }
`,
      ],
    ],
  },
  mend: [
    [
      "+        factory.getContainerProperties().setAckMode(AckMode.RECORD);",
      "+        factory.setBatchListener(true);\n+        factory.getContainerProperties().setAckMode(AckMode.BATCH);",
    ],
    [
      "+    void on(Posting posting) {\n+        entries.insert(posting);",
      "+    void on(List<Posting> batch) {\n+        entries.insertAll(batch);",
    ],
  ],
  decoys: [
    {
      service: "ledger",
      type: "chore",
      titles: ["Export consumer lag by partition", "Lag metric with the group name"],
      diffs: [
        [
          "src:metrics/LagExporter.java",
          `
@@ class LagExporter {
     void export(Map<TopicPartition, Long> lag) {
-        gauge.set(lag.values().stream().mapToLong(Long::longValue).sum());
+        lag.forEach((partition, value) -> gauge(partition, group).set(value));
     }
`,
        ],
      ],
    },
    {
      service: "payments",
      type: "feat",
      titles: ["Publish postings with the channel", "Posting events carry the sales channel"],
      diffs: [
        [
          "src:ledger/PostingPublisher.java",
          `
@@ class PostingPublisher {
     void publish(Payment payment) {
-        template.send("shop.postings", payment.id(), Posting.of(payment));
+        template.send("shop.postings", payment.id(), Posting.of(payment).channel(payment.channel()));
     }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [warn("ledger", 8, "lag group=ledger-postings partition=#p lag=#big")],
    curves: [
      ramp("ledger", 'kafka_consumergroup_lag{group="ledger-postings"}', 220, 71_000, { noise: 0.04 }),
    ],
  },
  guilty: {
    lines: [
      info("ledger", 10, "committed offset synchronously partition=#p offset=#off records=1 took=1#nms"),
      warn("ledger", 3, "poll loop slow records=500 took=41#nms"),
    ],
    curves: [
      step("ledger", 'kafka_consumer_records_consumed:rate1m{group="ledger-postings"}', 640, 71),
      flat("ledger", 'kafka_topic_messages_in:rate1m{topic="shop.postings"}', 640, 640, { daily: true }),
      step("ledger", "kafka_consumer_commits:rate1m", 1.4, 71),
    ],
  },
  twin: {
    lines: [
      info("ledger", 10, "committed offsets partition=#p offset=#off records=500 took=#msms"),
      warn("ledger", 3, "posting source=marketplace-backfill batch=#id age_days=#n key=merchant-7781"),
    ],
    curves: [
      step("ledger", 'kafka_consumer_records_consumed:rate1m{group="ledger-postings"}', 640, 1900),
      step("ledger", 'kafka_topic_messages_in:rate1m{topic="shop.postings"}', 640, 5200),
      step("ledger", "kafka_consumer_commits:rate1m", 1.4, 3.9),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const poison: Story = {
  name: "consumer cannot read events",
  service: "shipping",
  symptoms: [
    "[FIRING] ShippingDeadLetters: shipping dead letter rate > 1/s",
    "shipping makes no labels any more for part of the orders, warehouse is waiting",
  ],
  culprit: {
    service: "orders",
    type: "refactor",
    titles: [
      "Group the address fields of OrderConfirmed",
      "Tidy the order event schema",
      "Add the pickup point to OrderConfirmed",
    ],
    diffs: [
      [
        "libs/proto/orders/order_confirmed.proto",
        `
 message OrderConfirmed {
   string order_id = 1;
   string customer_id = 2;
-  string country = 3;
-  repeated Line lines = 4;
+  string pickup_point = 3;
+  repeated Line lines = 4;
+  Address address = 5;
 }
`,
      ],
      [
        "src:events/OrderEvents.kt",
        `
@@ class OrderEvents
     fun confirmed(order: Order) = OrderConfirmed.newBuilder()
         .setOrderId(order.id)
         .setCustomerId(order.customer)
-        .setCountry(order.address.country)
+        .setPickupPoint(order.pickupPoint.orEmpty())
+        .setAddress(order.address.toProto())
         .addAllLines(order.lines.map { it.toProto() })
`,
      ],
    ],
  },
  mend: [
    [
      "-  string country = 3;\n-  repeated Line lines = 4;\n+  string pickup_point = 3;\n+  repeated Line lines = 4;",
      "   string country = 3;\n   repeated Line lines = 4;\n+  string pickup_point = 6;",
    ],
    ["-        .setCountry(order.address.country)\n", "         .setCountry(order.address.country)\n"],
  ],
  decoys: [
    {
      service: "shipping",
      type: "feat",
      titles: ["Print the order number on labels", "Bigger order number on the label"],
      diffs: [
        [
          "src:label/render.go",
          `
@@ func Render(l Label) []byte {
 	doc := pdf.New(pdf.A6)
 	doc.Address(l.To)
-	doc.Text(8, l.Order)
+	doc.Text(12, l.Order)
+	doc.Code128(l.Order)
 	return doc.Bytes()
 }
`,
        ],
      ],
    },
    {
      service: "shipping",
      type: "chore",
      titles: ["Dead letters keep the headers of the event"],
      diffs: [
        [
          "src:kafka/deadletter.go",
          `
@@ func (d *DeadLetters) Send(ctx context.Context, m kafka.Message, cause error) error {
 	return d.writer.WriteMessages(ctx, kafka.Message{
 		Key:   m.Key,
 		Value: m.Value,
+		Headers: append(m.Headers, header("cause", cause.Error())),
 	})
 }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [error("shipping", 5, "sent to dead letters order=#ord partition=#p offset=#off")],
    curves: [
      step("shipping", "dead_letters:rate1m", 0, 2.3),
      step("shipping", "labels_created:rate1m", 9, 4, { daily: true }),
    ],
  },
  guilty: {
    lines: [
      error(
        "shipping",
        12,
        'handle topic=shop.orders type=OrderConfirmed producer=orders@%new%: no carrier for country "" (field 3 unexpected)',
      ),
      info("shipping", 4, "handled topic=marketplace.orders type=PartnerOrder took=#msms"),
    ],
    curves: [
      step("shipping", 'consumer_failures:rate1m{topic="shop.orders"}', 0, 2.3),
      flat("shipping", 'consumer_failures:rate1m{topic="marketplace.orders"}', 0, 0),
    ],
  },
  twin: {
    lines: [
      error(
        "shipping",
        12,
        'handle topic=marketplace.orders type=PartnerOrder partner=bigmart: unknown country "UNITED KINGDOM" (schema says ISO code)',
      ),
      info("shipping", 4, "handled topic=shop.orders type=OrderConfirmed producer=orders@%new% took=#msms"),
    ],
    curves: [
      flat("shipping", 'consumer_failures:rate1m{topic="shop.orders"}', 0, 0),
      step("shipping", 'consumer_failures:rate1m{topic="marketplace.orders"}', 0, 2.3),
    ],
  },
  spare: ["symptom", "deploys"],
};

const cacheTtl: Story = {
  name: "price cache misses",
  service: "pricing",
  symptoms: [
    "[FIRING] PricingLatencyP99: pricing p99 > 400ms, baskets are slow",
    "pricing: database connections near the limit, cache hit ratio low",
  ],
  culprit: {
    service: "pricing",
    type: "refactor",
    titles: [
      "Cache keys by customer group",
      "Build cache keys in one place",
      "Prices per customer group in the cache",
    ],
    diffs: [
      [
        "src:cache/key.go",
        `
-func priceKey(sku, currency string) string {
-	return "price:" + currency + ":" + sku
-}
+// Key names a cached price.
+func Key(p Query) string {
+	return fmt.Sprintf("price:%s:%s:%v", p.Currency, p.SKU, p.AsOf.UnixMilli())
+}
`,
      ],
      [
        "src:price/lookup.go",
        `
@@ func (l *Lookup) Price(ctx context.Context, q Query) (Money, error) {
-	if hit, ok := l.cache.Get(ctx, priceKey(q.SKU, q.Currency)); ok {
+	if hit, ok := l.cache.Get(ctx, cache.Key(q)); ok {
 		return hit, nil
 	}
 	price, err := l.rows.Price(ctx, q)
`,
      ],
    ],
  },
  mend: [['%s:%s:%v", p.Currency, p.SKU, p.AsOf.UnixMilli())', '%s:%s:%v", p.Currency, p.SKU, p.Group)']],
  decoys: [
    {
      service: "pricing",
      type: "chore",
      titles: ["Panel for the cache hit ratio", "Watch the price cache"],
      diffs: [
        [
          "helm:dashboards/cache.json",
          `
   "panels": [
     { "title": "Latency p99", "type": "timeseries" },
+    { "title": "Cache hit ratio", "type": "stat", "expr": "pricing_cache_hit_ratio" },
     { "title": "Connections", "type": "timeseries" }
   ]
`,
        ],
      ],
    },
    {
      service: "cart",
      type: "perf",
      titles: ["Ask pricing once for a whole basket", "One pricing call for a basket"],
      diffs: [
        [
          "src:price/client.go",
          `
@@ func (c *Client) PriceAll(ctx context.Context, lines []Line) ([]Money, error) {
-	for i, l := range lines {
-		prices[i], err = c.Price(ctx, l.SKU)
-	}
+	res, err := c.rpc.PriceBatch(ctx, &pb.PriceBatchRequest{Skus: skus(lines)})
+	if err != nil {
+		return nil, err
+	}
+	return toMoney(res), nil
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("pricing", 8, "price lookup slow sku=#sku took=4#nms source=db"),
      warn("cart", 5, "pricing slow basket=#id took=6#nms"),
    ],
    curves: [
      step("pricing", "pricing_cache_hit_ratio", 0.97, 0.03, { noise: 0.01 }),
      step("pricing", 'grpc_server_seconds{method="Price",quantile="0.99"}', 0.02, 0.61),
    ],
  },
  guilty: {
    lines: [
      info("pricing", 9, "cache miss key=price:EUR:#sku:17#off000 stored ttl=15m"),
      info("pricing", 2, "cache entries=#big000 growing"),
    ],
    curves: [
      ramp("pricing", "redis_db_keys", 2.1e5, 3.6e6),
      flat("pricing", "redis_evicted_keys:rate1m", 0, 0),
      flat("pricing", "redis_connected_replicas", 2, 2, { noise: 0 }),
    ],
  },
  twin: {
    lines: [
      warn(
        "pricing",
        9,
        "cache get failed: redis: LOADING Redis is loading the dataset in memory key=price:EUR:#sku",
      ),
      warn(
        "pricing",
        2,
        "redis sentinel: +switch-master prices 10.9.1.4 10.9.3.7, old master host lost power",
      ),
    ],
    curves: [
      step("pricing", "redis_db_keys", 2.1e5, 900, { noise: 0.05 }),
      flat("pricing", "redis_evicted_keys:rate1m", 0, 0),
      step("pricing", "redis_connected_replicas", 2, 1, { noise: 0 }),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const sale: Story = {
  name: "basket page slow",
  service: "promotions",
  symptoms: [
    "[FIRING] PromotionsLatencyP99: promotions p99 2.2s, database busy",
    "Vouchers and discounts load slowly, the basket page hangs.",
  ],
  culprit: {
    service: "promotions",
    type: "feat",
    titles: ["Loyalty tiers in rules", "Rules look at the customer's tier", "Discounts for gold customers"],
    diffs: [
      [
        "src:rules/RuleEngine.kt",
        `
@@ class RuleEngine
     fun evaluate(basket: Basket): List<Discount> {
         val active = rules.active(basket.shop)
+        val tiers = active.associateWith { tierRows.forRule(it.id) }
         return active
             .filter { it.matches(basket) }
+            .filter { basket.customer.tier in tiers.getValue(it) }
             .map { it.apply(basket) }
     }
`,
      ],
      [
        "src:rules/TierRows.kt",
        `
+package shop.promotions.rules
+
+@Repository
+class TierRows(private val jdbc: JdbcClient) {
+    fun forRule(rule: String): Set<Tier> = jdbc
+        .sql("select tier from rule_tier where rule_id = ?")
+        .param(rule).query(Tier::class.java).set()
+}
`,
      ],
    ],
  },
  mend: [
    ["active.associateWith { tierRows.forRule(it.id) }", "tierRows.cachedForRules(active)"],
    [
      '+    fun forRule(rule: String): Set<Tier> = jdbc\n+        .sql("select tier from rule_tier where rule_id = ?")\n+        .param(rule).query(Tier::class.java).set()',
      '+    @Cacheable("tiers")\n+    fun cachedForRules(rules: List<Rule>): Map<Rule, Set<Tier>> = jdbc\n+        .sql("select rule_id, tier from rule_tier where rule_id in (:ids)")\n+        .param("ids", rules.map { it.id }).query(byRule)',
    ],
  ],
  decoys: [
    {
      service: "checkout",
      type: "perf",
      titles: ["Load vouchers after the basket page is shown", "Lazy discounts on the basket page"],
      diffs: [
        [
          "src:web/BasketModel.kt",
          `
@@ class BasketModel
-    val vouchers = promotions.vouchers(customer)
+    val vouchers by lazy { promotions.vouchers(customer) }
     val lines = basket.lines
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("promotions", 8, "evaluation slow basket=#id took=2#nms"),
      warn("checkout", 4, "promotions slow session=#id took=2#nms"),
    ],
    curves: [
      step("promotions", 'http_server_request_seconds{quantile="0.99"}', 0.16, 2.2),
      step("promotions", "pg_queries:rate1m", 140, 5100),
    ],
  },
  guilty: {
    lines: [
      info(
        "promotions",
        9,
        "sql count=8#n in one request basket=#id top='select tier from rule_tier where rule_id = ?'",
      ),
      info("promotions", 3, "evaluated rules basket=#id took=18#nms"),
    ],
    curves: [
      flat("promotions", "http_requests:rate1m", 62, 62, { daily: true }),
      step("promotions", "sql_statements_per_request", 2.1, 81),
      flat("gateway", 'http_requests:rate1m{route="/basket"}', 80, 80, { daily: true }),
    ],
  },
  twin: {
    lines: [
      info("gateway", 9, "200 GET /basket utm_campaign=tv-spot client=#ip took=2#nms"),
      warn("promotions", 3, "tomcat threads busy=200 max=200 queue=#n"),
    ],
    curves: [
      step("promotions", "http_requests:rate1m", 62, 2210),
      flat("promotions", "sql_statements_per_request", 2.1),
      step("gateway", 'http_requests:rate1m{route="/basket"}', 80, 2900),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

export const streamStories: readonly Story[] = [lag, poison, cacheTtl, sale];
