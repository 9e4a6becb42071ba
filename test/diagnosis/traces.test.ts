import assert from "node:assert/strict";
import { test } from "node:test";
import { gather } from "../../functions/diagnose/gather.ts";
import { readTraces } from "../../functions/diagnose/traces.ts";
import { rank } from "../../shared/diagnosis/rank.ts";
import { calledBy, failuresOf } from "../../shared/diagnosis/traces.ts";
import type { Span } from "../../shared/ports/traces.ts";
import { alert, id, sha } from "../support/incident.ts";
import { service, world } from "../support/world.ts";

const minute = 60_000;
const onsetAt = Date.parse("2026-11-22T12:00:00Z");
let traces = 0;

/** A request through services, each the child of the one before; `!` marks those that failed. */
const request = (at: number, ...path: string[]): Span[] => {
  traces += 1;
  return path.map((part, index) => {
    const [, where = "", name = "", failed] = /^(\S+) (.+?)(!?)$/.exec(part) ?? [];
    return {
      ...{ trace: `t${traces}`, id: `s${index}`, ...(index > 0 && { parent: `s${index - 1}` }) },
      ...{ service: where, name, at: at + index, isFailed: failed === "!" },
      ...(failed === "!" && { text: `${name} said no` }),
    };
  });
};
const names = (spans: Span[], own = ["checkout"]) =>
  failuresOf(spans, own).map(({ operation, origin }) => `${operation} < ${origin.service} ${origin.name}`);

test("a request fails first in the deepest failed span below its entry", () => {
  assert.deepEqual(names(request(0, "web GET /!", "checkout POST /pay!", "fx GET /rates!", "db SELECT")), [
    "POST /pay < fx GET /rates",
  ]);
  assert.deepEqual(names(request(0, "checkout POST /pay!", "fx GET /rates", "db SELECT!")), [
    "POST /pay < checkout POST /pay",
  ]);
  assert.deepEqual(names(request(0, "checkout POST /pay!", "checkout charge!")), [
    "POST /pay < checkout charge",
  ]);
  assert.deepEqual(names(request(0, "checkout POST /pay", "fx GET /rates!")), []);
  assert.deepEqual(names(request(0, "web GET /!", "fx GET /rates!")), ["GET / < fx GET /rates"]);
});

test("of two failed children the earlier one failed first, and a circle of parents ends", () => {
  const [entry, first] = request(0, "checkout POST /pay!", "fx GET /rates!") as [Span, Span];
  const second = { ...first, id: "s9", service: "mail", at: first.at + 5 };
  assert.deepEqual(names([entry, second, first]), ["POST /pay < fx GET /rates"]);
  assert.deepEqual(names([{ ...entry, parent: "s1" }, first]), ["POST /pay < fx GET /rates"]);
});

test("the services that are called are those whose spans are children of ours", () => {
  const spans = [
    ...request(0, "web GET /", "checkout POST /pay", "fx GET /rates", "db SELECT"),
    ...request(0, "checkout POST /pay", "bank POST /charge"),
  ];
  assert.deepEqual(calledBy(spans, ["checkout"]), ["fx", "bank"]);
});

const services = [
  service({
    name: "checkout",
    traces: { tempo: '{ resource.service.name="shop-checkout" && status=error }' },
  }),
  service({ name: "fx", repository: "acme/fx", traces: { jaeger: "fx-rates" } }),
  service({ name: "mailer", repository: "acme/mailer" }),
];

const read = (spans: { before: Span[]; since: Span[] }, over = {}) => {
  const asked: [number, number][] = [];
  const { work } = world();
  const reading = readTraces(
    {
      ...work,
      clock: () => onsetAt + 3 * minute,
      configuration: () => ({ services }),
      serviceOf: (name) => services.find((one) => one.name === name)!,
      traces: {
        async spans(_, { from, to }) {
          asked.push([(from - onsetAt) / minute, (to - onsetAt) / minute]);
          return { spans: from < onsetAt - 2 * minute ? spans.before : spans.since };
        },
        pageOf: (_, { id }) => `https://jaeger.test/trace/${id}`,
      },
      ...over,
    },
    { service: "checkout", onsetAt },
  );
  return { reading, asked };
};
const failing = (at: number) => request(at, "shop-checkout POST /pay!", "fx-rates GET /rates!");

test("failures are lines of the service in which they began, by the configuration's names, with links and a sentence", async () => {
  traces = 0;
  const since = [
    ...failing(onsetAt),
    ...failing(onsetAt + 1_000),
    ...request(onsetAt, "shop-checkout GET /cart!", "redis GET!"),
  ];
  const { reading, asked } = read({
    before: request(onsetAt - minute * 30, "shop-checkout POST /pay", "mailer POST /mail"),
    since,
  });
  const found = await reading;
  assert.deepEqual(asked, [
    [-60, -2],
    [-1, 3],
  ]);
  assert.deepEqual(
    found.lines.map(({ service: of, level, text }) => [of, level, text]),
    [
      ["fx", "error", "GET /rates failed (of POST /pay): GET /rates said no"],
      ["fx", "error", "GET /rates failed (of POST /pay): GET /rates said no"],
      ["checkout", "error", "redis: GET failed (of GET /cart): GET said no"],
    ],
  );
  assert.deepEqual(found.called, ["mailer", "fx"]);
  assert.deepEqual(found.notes, [
    "2 of 3 failed traces since the onset are of POST /pay, which fails first in fx-rates (GET /rates); none of the traces from before it shows that",
    "traces show calls of checkout to mailer, fx, which its dependsOn does not name",
  ]);
  assert.deepEqual(
    found.links.map(({ text, url }) => `${text} ${url}`),
    [
      "Trace https://jaeger.test/trace/t1",
      "Trace 2 https://jaeger.test/trace/t2",
      "Trace 3 https://jaeger.test/trace/t3",
    ],
  );
});

test("a failure that was usual before says how often, and no traces say nothing", async () => {
  const usual = await read({ before: failing(onsetAt - 10 * minute), since: failing(onsetAt) }).reading;
  assert.match(usual.notes[0] ?? "", /; so do 1 of 1 from before it$/);
  const nothing = { lines: [], called: [], notes: [], links: [], unread: [] };
  assert.deepEqual(await read({ before: [], since: [] }).reading, nothing);
  const unset = await read({ before: [], since: [] }, { traces: undefined }).reading;
  assert.deepEqual(unset.unread, ["the traces of checkout are not read here"]);
});

test("a call that dependsOn names already is not told", async () => {
  const own = { ...services[0]!, dependsOn: ["fx"] };
  const named = await read({ before: [], since: failing(onsetAt) }, { serviceOf: () => own }).reading;
  assert.deepEqual(named.called, ["fx"]);
  assert.deepEqual(
    named.notes.filter((note) => note.includes("dependsOn")),
    [],
  );
});

test("a change that shares words with the failures that are new comes first, as with logged errors", async () => {
  const commit = (letter: string, title: string, at: number) => ({
    ...{ sha: sha(letter), parents: [], title, message: title, author: "Ann", at, url: `http://x/${letter}` },
    ...{ paths: [`src/${letter}.js`], patch: `+${title}` },
  });
  const commits = [
    commit("a", "cache voucher totals", onsetAt - 20 * minute),
    commit("b", "read settleVoucher limits", onsetAt - 25 * minute),
  ];
  const spans = { before: [], since: request(onsetAt, "shop-checkout settleVoucher!") };
  const { lines } = await read(spans).reading;
  const given = {
    ...{ service: "checkout", onsetAt, commits, history: commits.map((one) => one.sha), deploys: [] },
    alerts: [alert({ labels: { service: "checkout" }, annotations: {}, startsAt: onsetAt })],
  };
  const scoreOf = (found: ReturnType<typeof rank>) =>
    found.suspects.find((one) => one.sha === sha("b"))?.score ?? 0;
  const [without, with_] = [rank(given), rank({ ...given, logs: lines })];
  assert.ok(scoreOf(with_) > scoreOf(without) + 0.1, `${scoreOf(without)} ${scoreOf(with_)}`);
  assert.equal(with_.suspects[0]?.sha, sha("b"));
});

test("the changes of a service that traces show to be called are looked at too, after those that are configured, five in all", async () => {
  const others = ["fx", "a", "b", "c", "d", "e"].map((name) => service({ name, repository: `acme/${name}` }));
  const configured = service({ dependsOn: ["a", "b", "c"] });
  const { work } = world({ configured, others });
  const trouble = { service: "payment-gateway", environment: "production", onsetAt: 20_000 };
  const called = Promise.resolve(["payment-gateway", "a", "fx", "d", "e"]);
  const found = await gather(work, { ...trouble, called });
  assert.deepEqual(found.dependsOn, ["a", "b", "c", "fx", "d"]);
  const of = found.elsewhere?.find(({ service: name }) => name === "fx")?.of;
  assert.deepEqual(of, { service: "fx", repository: "acme/fx", approvers: ["UANN"] });
  assert.deepEqual((await gather(work, trouble)).dependsOn, ["a", "b", "c"]);
});

test("a deploy of a service that only traces show to be called is news of its own, and is looked at once", async () => {
  const configured = service({ traces: { jaeger: "payment-gateway" } });
  const made = world({ configured, others: [service({ name: "fx", repository: "acme/fx" })] });
  const { work, state, store } = made;
  work.traces = {
    spans: async () => ({ spans: request(10_000, "payment-gateway POST /pay!", "fx GET /rates!") }),
    pageOf: (_, { id }) => `https://jaeger.test/trace/${id}`,
  };
  await made.alerts([alert({ startsAt: 10_000, annotations: { summary: "payments fail for minor units" } })]);
  const asked = await made.settle();
  assert.equal(asked.status, "proposed");
  const basisOf = ({ incident }: Awaited<ReturnType<typeof store.load>>) =>
    "basis" in incident ? incident.basis : undefined;
  const before = basisOf(await store.load(id));
  state.now = 30_000;
  await made.settle();
  assert.equal(basisOf(await store.load(id)), before);
  await store.recordDeploy({
    ...{ service: "fx", environment: "production", sha: sha("9") },
    ...{ status: "succeeded", at: 9_000 },
  });
  await made.settle();
  assert.match(basisOf(await store.load(id)) ?? "", /others 1$/);
});
