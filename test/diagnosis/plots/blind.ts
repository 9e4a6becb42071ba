import type { LogLine, Series } from "../../../shared/diagnosis/model.ts";
import { lines, minute, now } from "../../ordinary/weigh.ts";

// The helpers of the plots by an author who had not read the evidence: eight stacks with their own everyday lines, and curves of eight hours.

/** A title and its files: path to changed lines. */
export type Change = [title: string, files: Record<string, string>];

type Curve = { ago: number; usual: number; then: number; overMs?: number };

const points = ({ ago, usual, then, overMs = 0 }: Curve): [number, number][] =>
  Array.from({ length: 481 }, (_, index) => {
    const at = now - (480 - index) * minute;
    const gone = at - (now - ago);
    const share = gone < 0 ? 0 : overMs === 0 ? 1 : Math.min(1, gone / overMs);
    const wobble = 1 + 0.08 * Math.sin(index / 90) + 0.03 * Math.sin(index * 1.7) + 0.02 * ((index * 7) % 3);
    return [at, (usual + (then - usual) * share) * wobble];
  });

/** The value of the alert's rule. */
export const ruled = (alert: string, curve: Curve): Series => ({
  ...{ service: "shop", metric: `${alert}'s value`, alert },
  points: points(curve),
});

/** Another metric of the service, which no rule watches. */
export const gauge = (metric: string, curve: Curve): Series => ({
  ...{ service: "shop", metric },
  points: points(curve),
});

/** The requests that come in. */
export const requests = (curve: Curve): Series => ({ ...gauge("traffic", curve), load: true });

type Saying = [level: string, text: (index: number) => string];
const everyday: Record<string, Saying[]> = {
  go: [
    [
      "info",
      (i) => `msg="request completed" method=GET path=/v1/items/${900 + i} status=200 dur=${8 + (i % 40)}ms`,
    ],
    ["info", (i) => `msg="cache refreshed" keys=${400 + i}`],
    ["warn", (i) => `msg="slow upstream" host=catalog dur=${700 + (i % 300)}ms`],
    ["error", () => 'msg="write response" err="write tcp: broken pipe"'],
  ],
  rails: [
    ["info", (i) => `Completed 200 OK in ${20 + (i % 90)}ms (Views: 4.1ms | ActiveRecord: ${i % 17}.2ms)`],
    ["info", (i) => `Performed ReceiptJob (Job ID: ${5000 + i}) from Sidekiq(default)`],
    ["warn", () => "DEPRECATION WARNING: update_attributes is deprecated"],
    ["error", () => 'ActionController::RoutingError (No route matches [GET] "/wp-login.php")'],
  ],
  jvm: [
    ["info", (i) => `c.s.web.AccessLog - GET /api/basket/${i} 200 ${12 + (i % 50)}ms`],
    ["info", () => "o.a.k.c.c.i.ConsumerCoordinator - [Consumer groupId=orders] Synchronizing offsets"],
    ["warn", (i) => `c.s.client.RetryingClient - attempt 1 failed after ${200 + (i % 100)} ms, retrying`],
    ["error", () => "o.a.c.c.C.[dispatcherServlet] - java.io.IOException: Connection reset by peer"],
  ],
  node: [
    ["info", (i) => `GET /api/products/${i} 200 ${9 + (i % 30)} ms`],
    ["info", (i) => `session ${7000 + i} refreshed`],
    ["warn", () => "MaxListenersExceededWarning: Possible EventEmitter memory leak detected"],
    ["error", () => "Error: aborted at connResetException (node:internal/errors:787:14)"],
  ],
  python: [
    ["info", (i) => `"POST /predict HTTP/1.1" 200 - ${30 + (i % 70)}ms`],
    ["info", (i) => `Task tasks.sync_contact[${3000 + i}] succeeded in 0.${i % 9}s`],
    ["warn", () => "urllib3.connectionpool: Retrying (Retry(total=2)) after connection broken"],
    ["error", () => "django.core.exceptions.DisallowedHost: Invalid HTTP_HOST header: '10.0.3.9'"],
  ],
  nginx: [
    ["info", (i) => `10.2.0.${i % 250} "GET /assets/${i}.webp HTTP/2.0" 200 ${1400 + i} "-" rt=0.004`],
    ["info", (i) => `10.2.1.${i % 250} "GET /p/${i} HTTP/2.0" 200 ${8400 + i} "-" rt=0.081`],
    ["warn", () => "an upstream response is buffered to a temporary file"],
    ["error", () => 'open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory)'],
  ],
  php: [
    ["info", (i) => `order ${81_000 + i} accepted`],
    ["info", (i) => `mail ${600 + i} queued`],
    ["warn", (i) => `PHP Deprecated:  Creation of dynamic property Cart::$note${i % 3} is deprecated`],
    ["error", () => "SoapFault: looks like we got no XML document"],
  ],
  iot: [
    ["info", (i) => `client d-${10_000 + i} connected (keepalive 60)`],
    ["info", (i) => `stored ${40 + (i % 20)} readings of gateway ${i % 12}`],
    ["warn", (i) => `client d-${10_000 + i} sent an old firmware version`],
    ["error", (i) => `client d-${10_000 + i} disconnected: keepalive timeout`],
  ],
};

const chatter = (stack: string): LogLine[] =>
  Array.from({ length: 240 }, (_, index) => {
    const sayings = everyday[stack] ?? [];
    const [level, text] = sayings[index % 31 === 30 ? 3 : index % 9 === 8 ? 2 : index % 2] as Saying;
    return { at: now - (240 - index) * 40_000, service: "shop", level, text: text(index) };
  });

/** The stack's everyday lines; then, from `ago` on, each text every seven seconds. */
export const logOf = (stack: string, ago = 0, ...texts: string[]): LogLine[] => [
  ...chatter(stack),
  ...texts.flatMap((text) => lines(ago, text, {}, 7000)),
];

/** A line of another service, or of another level. */
export const heard = (ago: number, text: string, over: Partial<LogLine> = {}): LogLine[] =>
  lines(ago, text, over, 11_000);
