/** One of the four golden signals (Beyer et al., *Site Reliability Engineering*, chapter 6). */
export type Signal = "errors" | "latency" | "traffic" | "saturation";

/**
 * The metrics in which one convention counts the requests that a service is asked. `failed`: matchers of those that failed, each tried. `only`
 * narrows all of them. `version` is a label that tells the version.
 */
export type Requests = {
  name: string;
  source: string;
  of: "http" | "rpc" | "mesh" | "spans";
  labels: readonly string[];
  counted: string;
  failed: readonly string[];
  /** A histogram, without `_bucket`. */
  timed: string;
  only?: string;
  version?: string;
};

/** A metric of a service's pods that tells how full they are. `$of` stands for the pods' matchers. */
export type Saturation = { name: string; source: string; metric: string; is: string; query: string };

const byInstrument = ["service_name", "service", "job", "app", "application", "exported_job"] as const;
const instrumented = { labels: byInstrument };
const failedStatus = (label: string): string => `${label}=~"5.."`;
/** The codes of gRPC that the conventions of OpenTelemetry count as errors of a server. */
const failedCalls = "UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS";

/** Of each kind the first that a service has counts. */
export const requests: readonly Requests[] = [
  {
    ...{ name: "OpenTelemetry HTTP", of: "http", ...instrumented },
    source: "https://opentelemetry.io/docs/specs/semconv/http/http-metrics/",
    counted: "http_server_request_duration_seconds_count",
    failed: [failedStatus("http_response_status_code")],
    timed: "http_server_request_duration_seconds",
  },
  {
    ...{ name: "OpenTelemetry HTTP before 1.23", of: "http", ...instrumented },
    source: "https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/",
    counted: "http_server_duration_milliseconds_count",
    failed: [failedStatus("http_status_code")],
    timed: "http_server_duration_milliseconds",
  },
  {
    ...{ name: "Micrometer", of: "http", ...instrumented },
    source: "https://docs.spring.io/spring-boot/reference/actuator/metrics.html",
    counted: "http_server_requests_seconds_count",
    failed: [failedStatus("status")],
    timed: "http_server_requests_seconds",
  },
  {
    ...{ name: "RED", of: "http", ...instrumented },
    source: "https://prometheus.io/docs/practices/instrumentation/#online-serving-systems",
    counted: "http_requests_total",
    failed: ["code", "status", "status_code"].map(failedStatus),
    timed: "http_request_duration_seconds",
  },
  {
    ...{ name: "RED", of: "http", ...instrumented },
    source: "https://prometheus.io/docs/practices/instrumentation/#online-serving-systems",
    counted: "http_request_duration_seconds_count",
    failed: ["code", "status", "status_code"].map(failedStatus),
    timed: "http_request_duration_seconds",
  },
  {
    ...{ name: "OpenTelemetry RPC", of: "rpc", ...instrumented },
    source: "https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/",
    counted: "rpc_server_call_duration_seconds_count",
    failed: [`rpc_response_status_code=~"${failedCalls}"`],
    timed: "rpc_server_call_duration_seconds",
  },
  {
    ...{ name: "OpenTelemetry RPC before 1.38", of: "rpc", ...instrumented },
    source: "https://github.com/open-telemetry/semantic-conventions/blob/v1.37.0/docs/rpc/rpc-metrics.md",
    counted: "rpc_server_duration_milliseconds_count",
    failed: ['rpc_grpc_status_code=~"2|4|12|13|14|15"'],
    timed: "rpc_server_duration_milliseconds",
  },
  {
    ...{ name: "gRPC", of: "rpc", ...instrumented },
    source: "https://github.com/grpc-ecosystem/go-grpc-middleware/tree/main/providers/prometheus",
    counted: "grpc_server_handled_total",
    failed: ['grpc_code=~"Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"'],
    timed: "grpc_server_handling_seconds",
  },
  {
    ...{ name: "Istio", of: "mesh" },
    source: "https://istio.io/latest/docs/reference/config/metrics/",
    labels: ["destination_service_name", "destination_canonical_service", "destination_app"],
    counted: "istio_requests_total",
    failed: [failedStatus("response_code"), 'response_code!~"5..",grpc_response_status=~"2|4|12|13|14|15"'],
    timed: "istio_request_duration_milliseconds",
    version: "destination_version",
  },
  {
    ...{ name: "span metrics of Tempo", of: "spans" },
    source: "https://grafana.com/docs/tempo/latest/metrics-from-traces/span-metrics/",
    labels: ["service", "service_name"],
    counted: "traces_spanmetrics_calls_total",
    failed: ['status_code="STATUS_CODE_ERROR"'],
    timed: "traces_spanmetrics_latency",
    only: 'span_kind="SPAN_KIND_SERVER"',
  },
  {
    ...{ name: "span metrics of OpenTelemetry", of: "spans" },
    source:
      "https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/main/connector/spanmetricsconnector",
    labels: ["service_name"],
    counted: "traces_span_metrics_calls_total",
    failed: ['status_code="STATUS_CODE_ERROR"'],
    timed: "traces_span_metrics_duration_milliseconds",
    only: 'span_kind="SPAN_KIND_SERVER"',
  },
];

/** Each of these that a service's pods have is read. */
export const saturations: readonly Saturation[] = [
  {
    name: "kube-state-metrics",
    source: "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md",
    metric: "kube_pod_container_status_restarts_total",
    is: "restarts",
    query: "sum(increase(kube_pod_container_status_restarts_total{$of}[10m]))",
  },
  {
    name: "cAdvisor",
    source: "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md",
    metric: "container_cpu_cfs_throttled_periods_total",
    is: "cpu throttled ratio",
    query:
      'sum(rate(container_cpu_cfs_throttled_periods_total{$of,container!=""}[2m])) / sum(rate(container_cpu_cfs_periods_total{$of,container!=""}[2m]))',
  },
  {
    name: "cAdvisor",
    source: "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md",
    metric: "container_memory_working_set_bytes",
    is: "memory working set",
    query: 'max(container_memory_working_set_bytes{$of,container!="",container!="POD"})',
  },
];

/** Labels that tell where a series is of, beside its service: a name may be used in several environments, namespaces and clusters. */
export const places = {
  environment: ["environment", "env", "deployment_environment", "deployment_environment_name"],
  namespace: ["namespace", "destination_service_namespace", "service_namespace", "exported_namespace"],
  cluster: ["cluster"],
} as const;
