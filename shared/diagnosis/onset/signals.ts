import type { Series } from "../model.ts";
import { isLoad, type Shift } from "./change-point.ts";

/** The four golden signals of a service (Beyer et al., *Site Reliability Engineering*, chapter 6). */
export type Signal = "errors" | "latency" | "traffic" | "saturation";

type Named = Pick<Series, "metric" | "alert"> & { load?: boolean };

const errors = /error|fail|5xx|exception|abort|timed?_?out|unavailab|success|availab|apdex/i;
const latency =
  /latency|duration|response_?time|_(ms|millis|milliseconds)\b|(?<!cpu\w*)seconds|quantile|(^|_)p(50|9\d)\b/i;
const saturation =
  /event_?loop|cpu|mem(ory)?(_|\b)|heap|rss|working_?set|goroutine|thread|(^|_)fds?(_|\b)|file_descriptor|disk|(^|_)gc(_|\b)|pool|queue|backlog|connections|restart|throttl|saturat/i;

/** The age of a process and the time that it took to start: each version has its own, however it fares. A limit of memory fails no request. */
const ofProcess =
  /start(ed|up)?_(time|duration|seconds)|up_?time|boot_time|ready_time|_created\b|timestamp|(^|_)age(_|\b)|memory_fail/i;

/** The golden signal that a metric's name tells; undefined for any other metric. */
export const signalOf = (series: Named): Signal | undefined => {
  const name = series.metric.replace(/\{.*/s, "");
  if (ofProcess.test(name)) return undefined;
  if (errors.test(name)) return "errors";
  if (isLoad(series)) return "traffic";
  if (saturation.test(name)) return "saturation";
  return latency.test(name) ? "latency" : undefined;
};

/** Errors, latency and what the alert watches tell how a service fares. A fresh pod moves every other signal. */
export const isHealth = (series: Named): boolean => {
  if (series.alert !== undefined && !isLoad(series)) return true;
  const signal = signalOf(series);
  return signal === "errors" || signal === "latency";
};

const aboutSaturation = /cpu|memory|oom|heap|leak|restart|crash|throttl|disk|saturat/i;
/** Signals of saturation that hurt by themselves, at any age of the pod. */
const hurts = /throttl|oom|restart|wait|exhaust|full/i;
/** A step of memory, CPU and the like is the youth of a fresh pod, unless the trouble is about it. A bend is a leak. */
export const isOfYouth = (shift: Shift, symptom: string): boolean =>
  shift.isBend !== true &&
  shift.alert === undefined &&
  signalOf(shift) === "saturation" &&
  !hurts.test(shift.metric) &&
  !aboutSaturation.test(symptom);
