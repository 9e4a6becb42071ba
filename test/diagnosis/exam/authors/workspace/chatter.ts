import type { ServiceName } from "./services.ts";

/** Lines that each service writes on any day. */
export const chatter: Record<ServiceName, readonly [level: string, text: string][]> = {
  web: [
    ["info", "GET /w/%tenant%/home 200 %ms%ms ssr=hit"],
    ["info", "GET /api/session 200 %n%ms"],
    ["warn", "hydration took %ms%ms on /p/%id%"],
    ["warn", "browser report: ResizeObserver loop completed with undelivered notifications"],
  ],
  gateway: [
    ["info", "200 GET /api/pages/%id% %ms%ms upstream=documents"],
    ["info", "200 POST /api/comments %ms%ms upstream=documents"],
    ["info", "304 GET /api/spaces %n%ms tenant=%tenant%"],
    ["warn", "client closed request path=/api/export %slow%ms"],
    ["warn", "upstream documents slow %slow%ms path=/api/pages/%id%"],
  ],
  identity: [
    ["info", "token refreshed user=%id% ttl=3600"],
    ["info", "session.opened user=%id% method=google"],
    ["warn", "password rejected user=%id% attempts=2"],
    ["warn", "clock of token issuer differs by 2 s kid=%id%"],
  ],
  documents: [
    ["info", "page %id% saved revision=%k% tenant=%tenant% %ms%ms"],
    ["info", "GET /spaces/%k%/tree 200 %ms%ms cache=hit"],
    ["debug", "lock page %id% for user=%user%"],
    ["warn", "deadlock found, transaction tried again page=%id%"],
    ["warn", "attachment %id% has no thumbnail"],
  ],
  search: [
    ["info", "query tenant=%tenant% took=%n%ms hits=%n%"],
    ["info", "suggest tenant=%tenant% took=%n%ms"],
    ["warn", "long query cut to 12 terms tenant=%tenant%"],
  ],
  collab: [
    ["info", "room %id% opened sockets=%n%"],
    ["info", "room %id% saved after %ms%ms idle"],
    ["warn", "socket closed code=1006 user=%id% after %k%s"],
  ],
  notifier: [
    ["info", "task send_email[%id%] kind=digest succeeded in %ms%ms"],
    ["info", "handled %n% events page.changed in %ms%ms"],
    ["warn", "bounce for user=%id%: mailbox full"],
    ["error", "push failed: device unregistered token=%id%, device removed"],
  ],
  billing: [
    ["info", "200 POST /webhooks/payments event=evt_%id% %ms%ms"],
    ["info", "seat added tenant=%tenant% seats=%n%"],
    ["warn", "card declined tenant=%tenant% code=insufficient_funds"],
  ],
  exporter: [
    ["info", "task export_pdf[%id%] succeeded in %ms%0ms pages=%n%"],
    ["info", "task export_markdown[%id%] received"],
    ["warn", "font Noto Sans Lao missing, fallback used export=%id%"],
  ],
  pipeline: [
    ["info", "dag reindex_changed run %id% success in %ms%s"],
    ["info", "task extract_text ok tenant=%tenant% letters=%k%"],
    ["warn", "task extract_text: encrypted PDF skipped tenant=%tenant%"],
    ["error", "task thumbnails failed: cannot identify image file, tenant=%tenant% try=1"],
  ],
};
