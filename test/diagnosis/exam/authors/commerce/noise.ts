type Routine = readonly [level: string, text: string];

const common: readonly Routine[] = [
  ["debug", "health probe ok path=/healthz took=1ms"],
  ["info", "rotated access log segment=#n"],
  ["warn", "slow consumer of response body client=#ip bytes=#big"],
  ["info", "reloaded feature configuration revision=#n"],
];

const own: Readonly<Record<string, readonly Routine[]>> = {
  storefront: [
    ["info", "GET /product/#sku 200 #msms trace=#trace"],
    ["info", "rendered home page variant=b took=#msms"],
    ["warn", "missing translation key=returns.banner locale=nl"],
  ],
  gateway: [
    ["info", "200 POST /api/cart/items upstream=cart took=#msms"],
    ["info", "200 GET /api/search?q=shoes upstream=search took=#msms"],
    ["warn", "client closed request status=499 route=search client=#ip"],
  ],
  catalog: [
    ["info", "served products page=#n size=48 took=#msms"],
    ["info", "ETag match for #sku, 304"],
    ["debug", "HikariPool-1 - Pool stats (total=20, active=#n, idle=11, waiting=0)"],
  ],
  search: [
    ["info", "query took=#msms hits=#big shard=#p"],
    ["info", "suggest took=#msms prefix=run"],
    ["warn", "query with leading wildcard rewritten id=#id"],
  ],
  cart: [
    ["info", "item added basket=#id sku=#sku qty=1"],
    ["info", "basket merged after login basket=#id"],
    ["warn", "item no longer sellable sku=#sku basket=#id"],
  ],
  checkout: [
    ["info", "order placed order=#ord total=#eur took=#msms"],
    ["info", "address validated country=DE session=#id"],
    ["warn", "voucher rejected code=SPRING reason=expired session=#id"],
  ],
  pricing: [
    ["info", "priced basket=#id lines=#n took=#msms"],
    ["debug", "exchange rates refreshed base=EUR count=31"],
    ["warn", "price older than 24h sku=#sku"],
  ],
  promotions: [
    ["info", "evaluated rules basket=#id matched=1 took=#msms"],
    ["debug", "rule index rebuilt rules=#n"],
  ],
  payments: [
    ["info", "authorized order=#ord psp=adypay amount=#eur took=#msms"],
    ["info", "captured order=#ord psp=klarpay amount=#eur"],
    ["warn", "declined order=#ord reason=insufficient_funds"],
  ],
  ledger: [
    ["info", "posted entry=#id debit=cash credit=sales amount=#eur"],
    ["debug", "committed offsets partition=#p offset=#off"],
  ],
  orders: [
    ["info", "order confirmed order=#ord"],
    ["info", "order cancelled by customer order=#ord"],
    ["debug", "outbox flushed events=#n took=#msms"],
  ],
  inventory: [
    ["info", "reserved sku=#sku qty=1 order=#ord"],
    ["info", "released expired reservations count=#n"],
    ["warn", "stock below threshold sku=#sku left=2"],
  ],
  shipping: [
    ["info", "label created order=#ord carrier=parcelgo took=#msms"],
    ["info", "tracking update order=#ord state=in_transit"],
    ["warn", "carrier quote retried once carrier=nordpost took=#msms"],
  ],
  notifications: [
    ["info", "mail queued template=order-confirmation order=#ord"],
    ["warn", "mail bounced code=550 order=#ord"],
  ],
  fraud: [
    ["info", "scored order=#ord score=0.1#p took=#msms decision=allow"],
    ["info", "velocity window compacted keys=#big"],
  ],
  customers: [
    ["info", "login ok customer=#id method=password"],
    ["warn", "login failed customer=#id reason=bad_password"],
    ["info", "token refreshed customer=#id"],
  ],
};

/** Routine lines of a service: the noise among which a trouble is looked for. */
export const noise = (service: string): readonly Routine[] => [...(own[service] ?? []), ...common];
