import { error, flat, info, type Story, step, warn } from "../story.ts";

const cardTesting: Story = {
  name: "declines rise",
  service: "fraud",
  symptoms: [
    "[FIRING] FraudDenyRatioHigh: fraud denies 30% of orders (normally 2%)",
    "Support: many customers say that their order was refused without a reason.",
  ],
  culprit: {
    service: "fraud",
    type: "feat",
    titles: [
      "Weigh the velocity of the device",
      "Score with the velocity feature",
      "Use hourly velocity windows",
    ],
    diffs: [
      [
        "src:rules/VelocityRule.java",
        `
@@ class VelocityRule implements Rule {
     public double score(Attempt attempt) {
-        long recent = window.count(attempt.cardHash(), Duration.ofHours(1));
+        long recent = window.count(attempt.shopId(), Duration.ofHours(1));
         if (recent <= limits.free()) return 0;
-        return Math.min(0.9, recent * 0.06);
+        return Math.min(0.9, (recent - limits.free()) * 0.06);
     }
`,
      ],
      [
        "res:rules.yaml",
        `
 velocity:
-  free: 2
+  free: 3
   window: 1h
 country:
   mismatch: 0.2
`,
      ],
    ],
  },
  mend: [["attempt.shopId()", "attempt.cardHash()"]],
  decoys: [
    {
      service: "fraud",
      type: "feat",
      titles: ["Tell support the reason of a refused order", "Name the rule that denied an order"],
      diffs: [
        [
          "src:web/DecisionView.java",
          `
@@ record DecisionView
     static DecisionView of(Decision decision) {
-        return new DecisionView(decision.orderId(), decision.denied());
+        return new DecisionView(decision.orderId(), decision.denied(), decision.strongestRule());
     }
`,
        ],
      ],
    },
    {
      service: "payments",
      type: "chore",
      titles: ["Count denies from fraud as declines"],
      diffs: [
        [
          "src:metrics/PaymentMetrics.java",
          `
@@ class PaymentMetrics {
     void declined(Decision decision) {
-        declines.increment();
+        Counter.builder("declines").tag("by", decision.denied() ? "fraud" : "psp").register(registry).increment();
     }
`,
        ],
      ],
    },
  ],
  delay: "minutes",
  both: {
    lines: [warn("checkout", 7, "order refused order=#ord by=fraud total=#eur")],
    curves: [
      step("fraud", 'decisions:ratio5m{decision="deny"}', 0.02, 0.36),
      flat("fraud", 'score_seconds{quantile="0.99"}', 0.034),
    ],
  },
  guilty: {
    lines: [
      info(
        "fraud",
        14,
        "scored order=#ord score=0.90 decision=deny rules=velocity recent=#big customer_orders=#n account_age_days=#big",
      ),
    ],
    curves: [
      flat("fraud", "attempts:rate1m", 12, 12, { daily: true }),
      step("fraud", 'rule_hits:ratio5m{rule="velocity"}', 0.01, 0.97),
      flat("payments", 'psp_declines:ratio5m{reason="stolen_card"}', 0.004, 0.004, { noise: 0.3 }),
    ],
  },
  twin: {
    lines: [
      info(
        "fraud",
        14,
        "scored order=#ord score=0.88 decision=deny rules=velocity,country recent=#n account_age_days=0 amount=1.00 asn=AS64513",
      ),
    ],
    curves: [
      step("fraud", "attempts:rate1m", 12, 61, { daily: true }),
      step("fraud", 'rule_hits:ratio5m{rule="velocity"}', 0.01, 0.34),
      step("payments", 'psp_declines:ratio5m{reason="stolen_card"}', 0.004, 0.22, { noise: 0.1 }),
    ],
  },
  spare: ["symptom", "deploys"],
};

const settlement: Story = {
  name: "nightly reconciliation differs",
  service: "ledger",
  symptoms: [
    "[FIRING] LedgerReconciliationDiff: ledger differs from the settlement file by more than 100 EUR",
    "ledger: nightly reconciliation job failed, see job log",
  ],
  culprit: {
    service: "ledger",
    type: "refactor",
    titles: ["Compute fees with Money", "Simplify the fee calculation", "Remove the double rounding of fees"],
    diffs: [
      [
        "src:fees/FeeCalculator.java",
        `
@@ class FeeCalculator {
     Money fee(Payment payment) {
-        var percent = payment.amount().value().multiply(plan.rate());
-        return Money.of(percent.add(plan.fixed()).setScale(2, RoundingMode.HALF_EVEN), payment.currency());
+        var percent = payment.amount().times(plan.rate(), RoundingMode.DOWN);
+        return percent.plus(plan.fixed());
     }
`,
      ],
      [
        "src:Money.java",
        `
 public record Money(BigDecimal value, String currency) {
+    public Money times(BigDecimal factor, RoundingMode mode) {
+        return new Money(value.multiply(factor).setScale(2, mode), currency);
+    }
+
     public Money plus(BigDecimal other) {
`,
      ],
    ],
  },
  mend: [["RoundingMode.DOWN", "RoundingMode.HALF_EVEN"]],
  decoys: [
    {
      service: "ledger",
      type: "feat",
      titles: ["Reconciliation job prints a summary", "Link the settlement file in the reconciliation mail"],
      diffs: [
        [
          "src:reconcile/ReconciliationReport.java",
          `
@@ class ReconciliationReport {
     String text(Result result) {
-        return "diff=" + result.difference();
+        return "diff=%s entries=%d file=%s".formatted(result.difference(), result.count(), result.fileName());
     }
`,
        ],
      ],
    },
    {
      service: "payments",
      type: "fix",
      titles: ["Round the displayed amount, not the stored one"],
      diffs: [
        [
          "src:web/AmountView.java",
          `
@@ record AmountView
     static String text(Money money) {
-        return money.value().toPlainString();
+        return money.value().setScale(2, RoundingMode.HALF_UP).toPlainString();
     }
`,
        ],
      ],
    },
  ],
  delay: "night",
  both: {
    lines: [
      info("ledger", 1, "reconciliation started day=yesterday", "lead"),
      error("ledger", 1, "reconciliation finished with differences status=FAILED", "onset"),
    ],
    curves: [
      flat("ledger", "posted_entries:rate1m", 24, 24, { daily: true }),
      step("ledger", 'job_last_exit_code{job="reconciliation"}', 0, 1, { noise: 0 }),
    ],
  },
  guilty: {
    lines: [
      warn("ledger", 18, "difference entry=#id order=#ord expected_fee=1.#n actual_fee=1.#n delta=-0.01 EUR"),
      warn(
        "ledger",
        2,
        "settlement file complete lines=48211 matched=48211 with_delta=23907 first_delta_posted_after_deploy=%new%",
      ),
    ],
    curves: [
      step("ledger", "reconciliation_entries_with_delta", 0, 23907, { noise: 0 }),
      flat("ledger", "reconciliation_entries_missing", 0, 0, { noise: 0 }),
    ],
  },
  twin: {
    lines: [
      warn("ledger", 18, "no settlement line for entry=#id order=#ord psp=adypay amount=#eur"),
      warn(
        "ledger",
        2,
        "settlement file truncated lines=30112 trailer says 48211 file=adypay-settlement.csv",
      ),
    ],
    curves: [
      step("ledger", "reconciliation_entries_missing", 0, 18099, { noise: 0 }),
      flat("ledger", "reconciliation_entries_with_delta", 0, 0, { noise: 0 }),
    ],
  },
  spare: ["symptom", "series", "deploys"],
};

const quietDuplicate: Story = {
  name: "mail quota is exhausted",
  service: "notifications",
  symptoms: [
    "[FIRING] MailSendFailures: notifications mail failures above 20% for 10m",
    "Order confirmations do not arrive, says support.",
  ],
  culprit: {
    service: "notifications",
    type: "fix",
    titles: [
      "Send again when the template changed",
      "Store sent mails by template",
      "Key of the outbox holds the template version",
    ],
    diffs: [
      [
        "src:outbox/SentMails.kt",
        `
@@ class SentMails(private val jdbc: JdbcClient)
     fun firstTime(mail: Mail): Boolean {
-        val key = mail.orderId + ":" + mail.template
+        val key = mail.orderId + ":" + mail.template + ":" + mail.renderedAt
         return jdbc.sql("insert into sent_mail(key) values (?) on conflict do nothing")
             .param(key)
             .update() == 1
     }
`,
      ],
      [
        "src:outbox/Mail.kt",
        `
 data class Mail(
     val orderId: String,
     val template: String,
+    val templateVersion: Int,
     val renderedAt: Instant,
 )
`,
      ],
    ],
  },
  mend: [["mail.renderedAt\n", "mail.templateVersion\n"]],
  decoys: [
    {
      service: "notifications",
      type: "feat",
      titles: ["New layout for the order confirmation mail", "Order confirmations in two columns"],
      diffs: [
        [
          "res:templates/order-confirmation.html",
          `
 <table class="order">
-  <tr><td>{{line.title}}</td></tr>
+  <tr><td>{{line.title}}</td><td>{{line.price}}</td></tr>
 </table>
 <p>{{footer}}</p>
`,
        ],
      ],
    },
  ],
  delay: "hours",
  both: {
    lines: [
      error(
        "notifications",
        14,
        "send failed template=order-confirmation order=#ord smtp=454 throttling failure: daily quota exceeded",
      ),
    ],
    curves: [
      step("notifications", "mail_failures:ratio5m", 0.004, 0.83),
      flat("orders", "orders_confirmed:rate1m", 10, 10, { daily: true }),
    ],
  },
  guilty: {
    lines: [
      info(
        "notifications",
        16,
        "mail sent template=order-confirmation order=O-4412#n attempt=#n reason=redelivery duplicate_of=#id",
        "before",
      ),
      warn("notifications", 5, "unsubscribe complaints rising: 'same mail many times'", "before"),
    ],
    curves: [
      {
        ...step("notifications", 'mails_sent:rate1m{template="order-confirmation"}', 10, 96),
        since: "deploy",
      },
      flat("notifications", 'mails_sent:rate1m{template="newsletter"}', 0.2, 0.2, { noise: 0.4 }),
    ],
  },
  twin: {
    lines: [
      info(
        "notifications",
        16,
        "mail sent template=newsletter campaign=summer-sale batch=#n started_by=marketing-ui",
        "before",
      ),
      warn("notifications", 5, "campaign summer-sale uses 81% of the daily quota", "before"),
    ],
    curves: [
      flat("notifications", 'mails_sent:rate1m{template="order-confirmation"}', 10, 10, { daily: true }),
      step("notifications", 'mails_sent:rate1m{template="newsletter"}', 0.2, 940, {
        since: "lead",
        noise: 0.2,
      }),
    ],
  },
  spare: ["symptom", "deploys"],
};

export const accountStories: readonly Story[] = [cardTesting, settlement, quietDuplicate];
