import fc from "fast-check";

const surrogates = { first: 0xd800, count: 0x800 };

const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map((index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count));

/** Text of any code points but surrogates. The `binary` unit of fast-check's strings first lists a million code points. */
export const anyText = (maxLength?: number): fc.Arbitrary<string> =>
  fc.array(codePoint, maxLength === undefined ? {} : { maxLength }).map((points) => points.join(""));
