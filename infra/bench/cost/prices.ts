/** A price in US dollars for one of a unit. */
type Price = { usd: number; unit: string; source: string };

const each = (usd: number, unit: string, source: string): Price => ({ usd, unit, source });
const million = 1_000_000;
const aws = "https://aws.amazon.com";

/** AWS's list prices in us-east-1 without free tiers and discounts, as they stood on this day; the sources say today's. */
export const pricesOf = "us-east-1, November 2026";
export const prices = {
  httpRequest: each(1 / million, "request", `${aws}/api-gateway/pricing/`),
  lambdaRequest: each(0.2 / million, "invocation", `${aws}/lambda/pricing/`),
  lambdaGbSecond: each(0.0000133334, "GB-second (arm64)", `${aws}/lambda/pricing/`),
  writeUnit: each(0.625 / million, "write unit", `${aws}/dynamodb/pricing/on-demand/`),
  readUnit: each(0.125 / million, "read unit", `${aws}/dynamodb/pricing/on-demand/`),
  storedGb: each(0.25 + 0.2, "GB of table and backup", `${aws}/dynamodb/pricing/on-demand/`),
  event: each(1 / million, "event", `${aws}/eventbridge/pricing/`),
  logGb: each(0.5, "GB of logs", `${aws}/cloudwatch/pricing/`),
  metric: each(0.3, "metric", `${aws}/cloudwatch/pricing/`),
  alarmedMetric: each(0.1, "alarmed metric", `${aws}/cloudwatch/pricing/`),
  decrypt: each(0.03 / 10_000, "decryption", `${aws}/kms/pricing/`),
  balancerHour: each(0.0225, "hour of a load balancer", `${aws}/elasticloadbalancing/pricing/`),
  capacityHour: each(0.008, "hour of a capacity unit", `${aws}/elasticloadbalancing/pricing/`),
} as const satisfies Record<string, Price>;
