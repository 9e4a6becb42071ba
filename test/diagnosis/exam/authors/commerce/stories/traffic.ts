import { climb, error, flat, info, type Story, step, traced, warn } from "../story.ts";

const natPorts: Story = {
  name: "outgoing connections fail",
  service: "shipping",
  symptoms: [
    "[FIRING] CarrierErrors: shipping carrier call failures above 10%",
    "shipping quotes fail now and then, checkout shows the standard fee",
  ],
  culprit: {
    service: "shipping",
    type: "refactor",
    titles: [
      "Build the carrier client in the adapter",
      "A client for each carrier call",
      "Carrier adapters own their client",
    ],
    diffs: [
      [
        "src:carrier/adapter.go",
        `
@@ func (a *Adapter) Quote(ctx context.Context, p Parcel) (Quote, error) {
-	res, err := a.client.Do(a.request(ctx, p))
+	client := &http.Client{Transport: newTransport(a.cfg), Timeout: a.cfg.Timeout}
+	res, err := client.Do(a.request(ctx, p))
 	if err != nil {
 		return Quote{}, fmt.Errorf("quote: %w", err)
 	}
 	defer res.Body.Close()
@@ func NewAdapter(cfg Config) *Adapter {
-	return &Adapter{cfg: cfg, client: http.DefaultClient}
+	return &Adapter{cfg: cfg}
 }
`,
      ],
    ],
  },
  mend: [
    [
      "+	client := &http.Client{Transport: newTransport(a.cfg), Timeout: a.cfg.Timeout}\n+	res, err := client.Do",
      "+	res, err := a.http.Do",
    ],
    [
      "+	return &Adapter{cfg: cfg}",
      "+	return &Adapter{cfg: cfg, http: &http.Client{Transport: newTransport(cfg), Timeout: cfg.Timeout}}",
    ],
  ],
  decoys: [
    {
      service: "checkout",
      type: "feat",
      titles: ["Standard fee when the carrier quote fails", "Fall back to the standard shipping fee"],
      diffs: [
        [
          "src:shipping/Fees.kt",
          `
@@ class Fees
     fun of(basket: Basket): Money =
-        quotes.quote(basket) ?: throw NoQuote(basket.id)
+        quotes.quote(basket) ?: standard.getValue(basket.country)
`,
        ],
      ],
    },
    {
      service: "shipping",
      type: "chore",
      titles: ["Count carrier call failures by carrier"],
      diffs: [
        [
          "src:carrier/metrics.go",
          `
@@ func observe(carrier string, err error) {
-	carrierFailures.Inc()
+	if err != nil {
+		carrierFailures.WithLabelValues(carrier).Inc()
+	}
 }
`,
        ],
      ],
    },
  ],
  delay: "hours",
  both: {
    lines: [info("checkout", 4, "standard shipping fee used session=#id reason=no_quote")],
    curves: [step("shipping", "carrier_failures:ratio5m", 0.004, 0.19)],
  },
  guilty: {
    lines: [
      warn(
        "shipping",
        5,
        "conntrack: entries=#big pod=shipping-%rsnew%-#pod state=ESTABLISHED idle, none reused",
      ),
      error(
        "shipping",
        10,
        "quote: Post https://api.nordpost.example/quotes: dial tcp: connect: cannot assign requested address",
      ),
    ],
    curves: [
      climb("shipping", 'process_open_fds{app="shipping"}', 70, 27_000, { since: "deploy", noise: 0.02 }),
      climb("shipping", 'tcp_established_connections{app="shipping"}', 40, 26_800, {
        since: "deploy",
        noise: 0.02,
      }),
      flat("notifications", "smtp_connect_failures:rate1m", 0.01, 0.01, { noise: 0.4 }),
    ],
  },
  twin: {
    lines: [
      warn("notifications", 5, "smtp.relay.example connect failed: i/o timeout nat=eu-1a"),
      error("shipping", 10, "quote: Post https://api.parcelgo.example/quotes: dial tcp: i/o timeout"),
      error("payments", 3, "psp connect timed out psp=adypay nat=eu-1a pods in zone eu-1a only"),
    ],
    curves: [
      flat("shipping", 'process_open_fds{app="shipping"}', 70, 70, { noise: 0.05 }),
      flat("shipping", 'tcp_established_connections{app="shipping"}', 40, 40, { noise: 0.1 }),
      step("notifications", "smtp_connect_failures:rate1m", 0.01, 3.3),
    ],
  },
  spare: ["symptom", "deploys", "logs"],
};

const deliveryDate: Story = {
  name: "delivery dates cannot be parsed",
  lazy: true,
  service: "checkout",
  symptoms: [
    "[FIRING] CheckoutExceptions: checkout DateTimeParseException rate > 0.5/s",
    "checkout: delivery step broken for express orders",
  ],
  culprit: {
    service: "shipping",
    type: "feat",
    titles: ["Pickup windows in quotes", "Tell the hour of express delivery", "Quotes carry a window"],
    diffs: [
      [
        "src:quote/dto.go",
        `
 type QuoteDTO struct {
 	Carrier  string \`json:"carrier"\`
 	Price    string \`json:"price"\`
-	Delivery string \`json:"delivery"\`
+	Delivery string \`json:"delivery"\`
+	Express  bool   \`json:"express"\`
 }
@@ func toDTO(q Quote) QuoteDTO {
-	return QuoteDTO{Carrier: q.Carrier, Price: q.Price.String(), Delivery: q.Day.Format(time.DateOnly)}
+	dto := QuoteDTO{Carrier: q.Carrier, Price: q.Price.String(), Delivery: q.Day.Format(time.DateOnly)}
+	if q.Express {
+		dto.Express = true
+		dto.Delivery = q.From.Format("2006-01-02 15:04") + "/" + q.To.Format("15:04")
+	}
+	return dto
 }
`,
      ],
    ],
  },
  mend: [
    ["+		dto.Delivery = q.From", "+		dto.Window = q.From"],
    ["+	Express  bool ", '+	Window   string `json:"window,omitempty"`\n+	Express  bool '],
  ],
  decoys: [
    {
      service: "checkout",
      type: "feat",
      titles: ["Express badge in the delivery step", "Mark express orders"],
      diffs: [
        [
          "src:delivery/DeliveryView.kt",
          `
 data class DeliveryView(
     val carrier: String,
     val day: String,
+    val badge: String? = null,
 )
@@ fun view(option: Option) = DeliveryView(
     carrier = option.carrier,
     day = option.day.format(short),
+    badge = if (option.price > threshold) "Express" else null,
 )
`,
        ],
      ],
    },
    {
      service: "checkout",
      type: "refactor",
      titles: ["Format delivery dates in one place"],
      diffs: [
        [
          "src:delivery/Dates.kt",
          `
+package shop.checkout.delivery
+
+val short: DateTimeFormatter = DateTimeFormatter.ofPattern("EEE d MMM")
+
+fun LocalDate.shortText(locale: Locale): String = format(short.withLocale(locale))
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [warn("storefront", 5, "delivery step answered 500 session=#id")],
    curves: [
      step("checkout", 'exceptions:rate1m{class="DateTimeParseException"}', 0, 1.4),
      flat("shipping", 'http_server_request_seconds{quantile="0.99"}', 0.2),
    ],
  },
  words: { text: ["2026-06-11 10:00/12:00", "2026-09-02 14:00/16:00"] },
  guilty: {
    lines: [
      traced(
        "checkout",
        10,
        "delivery options failed session=#id cause=DateTimeParseException: Text '%text%' could not be parsed at index 10 express=true",
        `
java.time.format.DateTimeParseException: Text could not be parsed at index 10
	at java.base/java.time.LocalDate.parse(LocalDate.java:432)
	at shop.checkout.delivery.QuoteReader.read(QuoteReader.kt:27)
	at shop.checkout.delivery.DeliveryStep.options(DeliveryStep.kt:40)`,
      ),
      info("shipping", 6, "quote answered carrier=#p express=true took=#msms pod=shipping-%rsnew%-#pod"),
    ],
    curves: [
      step("checkout", 'delivery_parse_errors:rate1m{carrier="parcelgo"}', 0, 0.8),
      step("checkout", 'delivery_parse_errors:rate1m{carrier="nordpost"}', 0, 0.6),
    ],
  },
  twin: {
    lines: [
      traced(
        "checkout",
        10,
        "delivery options failed session=#id cause=DateTimeParseException: Text '%text%' could not be parsed at index 10 source=parcelgo-feed",
        `
java.time.format.DateTimeParseException: Text could not be parsed at index 10
	at java.base/java.time.LocalDate.parse(LocalDate.java:432)
	at shop.checkout.pickup.ParcelgoFeed.read(ParcelgoFeed.kt:33)
	at shop.checkout.delivery.DeliveryStep.options(DeliveryStep.kt:40)`,
      ),
      info(
        "checkout",
        6,
        "fetched https://feeds.parcelgo.example/pickup.json schema=2026-06 (was 2025-11) entries=#big",
      ),
    ],
    curves: [
      step("checkout", 'delivery_parse_errors:rate1m{carrier="parcelgo"}', 0, 1.4),
      flat("checkout", 'delivery_parse_errors:rate1m{carrier="nordpost"}', 0, 0),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

const nullCountry: Story = {
  name: "checkout throws on some baskets",
  lazy: true,
  canary: true,
  service: "checkout",
  symptoms: [
    "[FIRING] CheckoutErrorRatio: checkout 5xx ratio 6% > 1%",
    "A part of the customers cannot check out. Others can. No pattern yet.",
  ],
  culprit: {
    service: "checkout",
    type: "feat",
    titles: ["Delivery time on the summary page", "Estimate delivery per line", "Show delivery promise"],
    diffs: [
      [
        "src:summary/DeliveryEstimate.kt",
        `
+package shop.checkout.summary
+
+class DeliveryEstimate(private val lanes: Lanes) {
+    fun of(line: Line, to: Country): Days {
+        val origin = line.supplier!!.country
+        return lanes.between(origin, to)
+    }
+}
`,
      ],
      [
        "src:summary/SummaryView.kt",
        `
@@ class SummaryAssembler
     fun assemble(basket: Basket, to: Country) = SummaryView(
         lines = basket.lines.map { LineView(it.title, it.price) },
         total = basket.total,
+        delivery = basket.lines.maxOf { estimate.of(it, to) },
     )
`,
      ],
    ],
  },
  mend: [
    ["line.supplier!!.country", "line.supplier?.country ?: return Days.UNKNOWN"],
    ["basket.lines.maxOf {", "basket.lines.maxOfOrNull {"],
  ],
  decoys: [
    {
      service: "checkout",
      type: "refactor",
      titles: ["Baskets know their lines", "Sum basket lines in one place"],
      diffs: [
        [
          "src:basket/Basket.kt",
          `
 data class Basket(val id: String, val lines: List<Line>) {
-    val total: Money get() = lines.map { it.price }.reduce(Money::plus)
+    val total: Money get() = lines.fold(Money.ZERO) { sum, line -> sum + line.price }
 }
`,
        ],
      ],
    },
    {
      service: "checkout",
      type: "feat",
      titles: ["Error page of checkout shows a reference"],
      diffs: [
        [
          "src:web/ErrorPage.kt",
          `
@@ class ErrorPage
     fun render(request: Request) = page(
         title = texts["error.title"],
+        reference = request.traceId,
         retry = "/checkout",
     )
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [
      warn("storefront", 5, "checkout answered 500 session=#id"),
      info("checkout", 4, "order placed order=#ord lines=#n"),
    ],
    curves: [flat("checkout", 'http_server_request_seconds{quantile="0.99"}', 0.41)],
  },
  guilty: {
    lines: [
      traced(
        "checkout",
        12,
        "unhandled exception path=/checkout/summary supplier=null sku=#sku",
        `
java.lang.NullPointerException: null
	at shop.checkout.summary.DeliveryEstimate.of(DeliveryEstimate.kt:5)
	at shop.checkout.summary.SummaryAssembler.assemble(SummaryView.kt:22)
	at shop.checkout.web.SummaryController.show(SummaryController.kt:34)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)`,
      ),
    ],
    curves: [
      step("checkout", 'http_server_errors:ratio1m{version="%new%"}', 0.002, 0.14, { life: "new" }),
      flat("checkout", 'http_server_errors:ratio1m{version="%old%"}', 0.002, 0.002, { life: "old" }),
      step("checkout", 'exceptions:rate1m{class="NullPointerException"}', 0, 1.9),
      flat("catalog", "catalog_import_rows:rate1m", 3, 3, { noise: 0.3 }),
    ],
  },
  twin: {
    lines: [
      traced(
        "checkout",
        11,
        "unhandled exception path=/checkout/address tax category null sku=SKU-770#n supplier=S-118",
        `
java.lang.NullPointerException: null
	at shop.checkout.tax.TaxTable.rate(TaxTable.kt:19)
	at shop.checkout.web.AddressController.save(AddressController.kt:51)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885)`,
      ),
      {
        ...info(
          "catalog",
          1,
          "bulk import finished supplier=S-118 rows=9120 tax_category empty=9120 user=buyer.k",
        ),
        when: "lead",
      },
    ],
    curves: [
      step("checkout", 'http_server_errors:ratio1m{version="%new%"}', 0.002, 0.064, { life: "new" }),
      step("checkout", 'http_server_errors:ratio1m{version="%old%"}', 0.002, 0.061, { life: "old" }),
      step("checkout", 'exceptions:rate1m{class="NullPointerException"}', 0, 1.8),
      { ...step("catalog", "catalog_import_rows:rate1m", 3, 800, { noise: 0.2 }), since: "lead" },
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

export const trafficStories: readonly Story[] = [natPorts, deliveryDate, nullCountry];
