import assert from "node:assert/strict";

/** A native histogram of schema 0: so many observations within (0.5, 1] and within (4, 8] so far. `stale`: the end of its series. */
export type Histogram = { fast: number; slow: number; stale?: true };
/** The samples of one series: a value, or a histogram, at each instant in milliseconds. */
export type Written = {
  labels: [string, string][];
  samples: [value: number, at: number][];
  histograms?: [Histogram, at: number][];
};

/** The NaN that Prometheus writes for a series that its target does not have any more (model/value in its source). */
const staleBits = 0x7ff0000000000002n;
/** Stands for it among the values, as JavaScript does not tell one NaN from another. */
export const stale = Number.NEGATIVE_INFINITY;

/** Writes series into a Prometheus with the remote-write receiver (https://prometheus.io/docs/concepts/remote_write_spec/). */
export const remoteWrite = async (url: string, series: Written[]): Promise<void> => {
  const body = snappy(Buffer.concat(series.map((one) => field(1, encoded(one)))));
  const headers = {
    "content-type": "application/x-protobuf",
    "content-encoding": "snappy",
    "x-prometheus-remote-write-version": "0.1.0",
  };
  const answer = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body: new Uint8Array(body) });
  assert.equal(answer.status, 204, await answer.text());
};

const encoded = ({ labels, samples, histograms = [] }: Written): Buffer =>
  Buffer.concat([
    ...labels.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => field(1, label(name, value))),
    ...samples.map(([value, at]) => field(2, sample(value, at))),
    ...histograms.map(([one, at]) => field(4, histogram(one, at))),
  ]);

/** https://github.com/prometheus/prometheus/blob/main/prompb/types.proto: count, sum, the two spans of buckets, their deltas, the instant. */
const histogram = ({ fast, slow, stale: isStale }: Histogram, at: number): Buffer => {
  const sum = Buffer.alloc(9);
  sum[0] = 0x19;
  if (isStale) sum.writeBigUInt64LE(staleBits, 1);
  else sum.writeDoubleLE(fast * 0.75 + slow * 6, 1);
  const span = (offset: number) => field(11, Buffer.from([0x08, 2 * offset, 0x10, 1]));
  const deltas = Buffer.concat([varint(2 * fast), zigzag(slow - fast)]);
  return Buffer.concat([
    ...[Buffer.from([0x08]), varint(fast + slow), sum, span(0), span(2), field(12, deltas)],
    ...[Buffer.from([0x78]), varint(at)],
  ]);
};

const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value);

const label = (name: string, value: string): Buffer =>
  Buffer.concat([field(1, Buffer.from(name)), field(2, Buffer.from(value))]);

const sample = (value: number, at: number): Buffer => {
  const double = Buffer.alloc(9);
  double[0] = 0x09;
  if (value === stale) double.writeBigUInt64LE(staleBits, 1);
  else double.writeDoubleLE(value, 1);
  return Buffer.concat([double, Buffer.from([0x10]), varint(at)]);
};

/** A field of bytes, by its number. */
const field = (number: number, bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from([number * 8 + 2]), varint(bytes.length), bytes]);

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) + 128);
  }
};

/** A block of snappy that holds its bytes as one literal, not compressed. */
const snappy = (bytes: Buffer): Buffer => {
  const literal = Buffer.alloc(5, 0xfc);
  literal.writeUInt32LE(bytes.length - 1, 1);
  return Buffer.concat([varint(bytes.length), literal, bytes]);
};
