import { createHash } from "node:crypto";
import { BadRequest } from "../../errors.ts";
import { isRecord } from "../../records.ts";

/** Whether it is an event that EventBridge sends when an alarm of CloudWatch changes its state. */
export const isAlarmEvent = (json: unknown): json is Record<string, unknown> =>
  isRecord(json) &&
  json.source === "aws.cloudwatch" &&
  json["detail-type"] === "CloudWatch Alarm State Change";

/**
 * The event (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html) as the body of Alertmanager's
 * webhook. Its labels are the alarm's name, the dimensions of its metric, and words such as `service=checkout` of its description. An alarm
 * without data is not a recovery and tells nothing. Throws BadRequest.
 */
export const readAlarm = (event: Record<string, unknown>): unknown => {
  const { detail, resources, account, region } = event;
  if (!isRecord(detail) || !isRecord(detail.state)) throw new BadRequest(400, "detail.state: not an object");
  const { alarmName: name, state, previousState, configuration } = detail;
  if (typeof name !== "string") throw new BadRequest(400, "detail.alarmName: not a text");
  const { value, reason } = state;
  const about = isRecord(configuration) ? configuration : {};
  const description = textOf(about.description);
  const alert = {
    fingerprint: fingerprintOf(Array.isArray(resources) ? resources[0] : name),
    labels: {
      ...dimensionsIn(about.metrics),
      ...labelsIn(description),
      ...{ alertname: name, account: textOf(account), region: textOf(region) },
    },
    annotations: { summary: textOf(reason), ...(description !== "" && { description }) },
  };
  const at = instant(state.timestamp);
  const alerts =
    value === "ALARM"
      ? [{ ...alert, status: "firing", startsAt: at }]
      : value === "OK"
        ? [
            {
              ...alert,
              status: "resolved",
              startsAt: instant(isRecord(previousState) ? previousState.timestamp : at),
              endsAt: at,
            },
          ]
        : [];
  return { version: "4", alerts };
};

const fingerprintOf = (arn: unknown): string =>
  createHash("sha256").update(String(arn)).digest("hex").slice(0, 16);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** CloudWatch writes `2026-01-02T03:04:05.678+0000`. */
const instant = (time: unknown): unknown =>
  typeof time === "string" ? time.replace(/([+-]\d\d)(\d\d)$/, "$1:$2") : time;

const dimensionsIn = (metrics: unknown): Record<string, string> => {
  const all = Array.isArray(metrics) ? metrics : [];
  const found = all.flatMap((one) => {
    const metric = isRecord(one) && isRecord(one.metricStat) ? one.metricStat.metric : undefined;
    const dimensions = isRecord(metric) && isRecord(metric.dimensions) ? metric.dimensions : {};
    return Object.entries(dimensions).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    );
  });
  return Object.fromEntries(found);
};

const labelsIn = (description: string): Record<string, string> =>
  Object.fromEntries(
    [...description.matchAll(/(?:^|\s)([A-Za-z_]\w{0,63})=([\w./:-]{1,256})(?=\s|$)/g)].map(
      ([, name = "", value = ""]) => [name, value],
    ),
  );
