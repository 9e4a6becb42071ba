import type { Language } from "./languages.ts";

/** A company: its services, its words, its data and the systems it calls; `key` is that of its tickets. */
export type Domain = {
  org: string;
  key: string;
  vendor: string;
  services: [name: string, language: Language][];
  entities: string[];
  features: string[];
  tables: string[];
};
const company = ({
  services,
  entities,
  features,
  tables,
  ...named
}: Record<keyof Domain, string>): Domain => ({
  ...named,
  services: services.split(", ").map((one) => one.split(" ") as [string, Language]),
  entities: entities.split(", "),
  features: features.split(", "),
  tables: tables.split(", "),
});

export const known: Domain[] = [
  company({
    ...{ org: "acme", key: "SHOP", vendor: "api.taxjar.com" },
    services: "checkout java, cart ts, catalog go, pricing py, inventory go, storefront ts, promo ruby",
    entities: "basket, voucher, sku, price list, stock level, wishlist",
    features: "express checkout, gift wrap, bundle offer",
    tables: "orders, basket_items, sku_prices",
  }),
  company({
    ...{ org: "northbank", key: "PAY", vendor: "api.adyen.com" },
    services: "ledger java, payouts go, cards java, fx py, kyc py, statements ruby, gateway go",
    entities: "mandate, posting, settlement, iban, chargeback, balance",
    features: "instant transfer, split settlement, card freeze",
    tables: "postings, mandates, fx_quotes",
  }),
  company({
    ...{ org: "haulio", key: "LOG", vendor: "api.here.com" },
    services: "dispatch go, routing py, tracking ts, depot ruby, labels java, customs py, fleet go",
    entities: "parcel, waybill, manifest, driver shift, geofence, pickup slot",
    features: "route batching, proof of delivery, slot booking",
    tables: "parcels, waybills, stop_events",
  }),
  company({
    ...{ org: "medlink", key: "CARE", vendor: "api.surescripts.net" },
    services: "appointments ruby, records java, rx py, claims java, messaging ts, lab-results go, portal ts",
    entities: "encounter, prescription, referral, lab order, patient consent, coverage",
    features: "video visit, e prescribe, family access",
    tables: "encounters, prescriptions, coverage_spans",
  }),
  company({
    ...{ org: "playforge", key: "GAME", vendor: "api.steampowered.com" },
    services:
      "matchmaker go, lobby ts, leaderboard go, inventory-svc java, chat ts, telemetry py, store ruby",
    entities: "match ticket, party, loadout, season pass, loot roll, player profile",
    features: "cross play, ranked reset, daily quest",
    tables: "match_tickets, loadouts, season_rewards",
  }),
  company({
    ...{ org: "streamly", key: "VOD", vendor: "licence.widevine.com" },
    services: "playback go, manifest go, entitlements java, recs py, profiles ts, billing ruby, transcode py",
    entities: "playlist, drm licence, watch history, rendition, ad slot, device session",
    features: "skip intro, offline download, kids mode",
    tables: "watch_history, licences, device_sessions",
  }),
  company({
    ...{ org: "peoply", key: "HR", vendor: "api.xero.com" },
    services: "payroll java, timesheets ruby, directory ts, leave ruby, notifier ts, exports py, auth go",
    entities: "payslip, shift, leave request, cost centre, contract, org unit",
    features: "bulk approve, shift swap, payslip archive",
    tables: "payslips, shifts, leave_balances",
  }),
  company({
    ...{ org: "gridsense", key: "IOT", vendor: "mqtt.eu1.sigfox.com" },
    services:
      "ingest go, device-registry java, rules py, rollups py, alerts-api ts, firmware go, meter-billing ruby",
    entities: "meter reading, device twin, firmware image, tariff, rollup window, site",
    features: "edge buffering, tariff preview, bulk provisioning",
    tables: "readings, device_twins, tariff_bands",
  }),
  company({
    ...{ org: "wander", key: "TRIP", vendor: "api.amadeus.com" },
    services: "search java, booking ruby, hotels go, flights java, quotes py, loyalty ts, mailer ts",
    entities: "itinerary, fare, room rate, passenger, seat map, loyalty tier",
    features: "fare hold, multi city, room upgrade",
    tables: "itineraries, fares, room_rates",
  }),
  company({
    ...{ org: "adlane", key: "ADS", vendor: "rtb.openx.net" },
    services: "bidder go, budget java, creative ts, segments py, reporting py, console ruby, pixel go",
    entities: "campaign, bid request, frequency cap, segment, creative, pacing curve",
    features: "lookalike audience, video bidding, pacing",
    tables: "campaigns, segment_members, spend_hourly",
  }),
];

/** Only in half B. */
export const heldOut: Domain[] = [
  company({
    ...{ org: "cityhall", key: "GOV", vendor: "login.eidas.example" },
    services:
      "permits ruby, registry java, tax-assess py, documents go, citizen-portal ts, identity go, queueing ts",
    entities: "permit, parcel deed, assessment, civil record, appointment slot, fee notice",
    features: "online renewal, e signature, fee waiver",
    tables: "permits, deeds, assessments",
  }),
  company({
    ...{ org: "mapster", key: "MAP", vendor: "planet.openstreetmap.org" },
    services: "tiles go, geocoder java, traffic py, poi ruby, directions go, sdk-api ts, imports py",
    entities: "tile, road segment, place, turn restriction, polyline, address point",
    features: "lane guidance, isochrones, place autocomplete",
    tables: "places, road_segments, address_points",
  }),
];
