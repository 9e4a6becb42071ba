/** A price in US dollars for one of a unit: AWS's own page, and the page of others that had the same number, with its date. */
type Price = { usd: number; unit: string; source: string; compared: string };

const each = (usd: number, unit: string, [source, compared]: readonly [string, string]): Price => ({
  ...{ usd, unit },
  ...{ source, compared },
});
const million = 1_000_000;
const aws = "https://aws.amazon.com";
const api = `${aws}/api-gateway/pricing/`;
const lambda = [`${aws}/lambda/pricing/`, "cloudchipr.com/blog/aws-lambda-pricing, 2024"] as const;
const table = `${aws}/dynamodb/pricing/on-demand/`;
const units = [table, "airbyte.com/data-engineering-resources/dynamodb-pricing, 21 July 2025"] as const;
const stored = [
  table,
  "the table's part: aws.amazon.com/dynamodb/pricing/, no date; the backup's part: nowhere",
] as const;
const watch = `${aws}/cloudwatch/pricing/`;
const balancer = [
  `${aws}/elasticloadbalancing/pricing/`,
  "cloud-horizons.com/blog/alb-the-line-item-nobody-watches/, 8 May 2026",
] as const;

/**
 * AWS's list prices in us-east-1 without free tiers and discounts. The tables of AWS's own pages could not be read, so each price was compared
 * on 30 November 2026 with a stored page of somebody else; AWS's say today's.
 */
export const pricesOf = "us-east-1, compared on 30 November 2026 with pages of others";
export const prices = {
  httpRequest: each(1 / million, "request", [
    api,
    "awsforengineers.com/blog/aws-api-gateway-pricing-explained, 19 May 2025",
  ]),
  lambdaRequest: each(0.2 / million, "invocation", lambda),
  lambdaGbSecond: each(0.0000133334, "GB-second (arm64)", lambda),
  writeUnit: each(0.625 / million, "write unit", units),
  readUnit: each(0.125 / million, "read unit", units),
  storedGb: each(0.25 + 0.2, "GB of table and backup", stored),
  event: each(1 / million, "event", [
    `${aws}/eventbridge/pricing/`,
    "cloudburn.io/blog/amazon-eventbridge-pricing, 13 March 2026",
  ]),
  logGb: each(0.5, "GB of logs", [
    watch,
    "factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/, 13 June 2026",
  ]),
  metric: each(0.3, "metric", [watch, "signoz.io/guides/cloudwatch-pricing, 15 February 2026"]),
  alarmedMetric: each(0.1, "alarmed metric", [
    watch,
    "c3x.dev/resources/aws/aws_cloudwatch_metric_alarm, no date",
  ]),
  decrypt: each(0.03 / 10_000, "decryption", [
    `${aws}/kms/pricing/`,
    "factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region/, June 2026",
  ]),
  balancerHour: each(0.0225, "hour of a load balancer", balancer),
  capacityHour: each(0.008, "hour of a capacity unit", balancer),
} as const satisfies Record<string, Price>;
