import fc from "fast-check";

const surrogates = { first: 0xd800, count: 0x800 };

const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - surrogates.count })
  .map((index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count));

/** Text of any code points but surrogates. The `binary` unit of fast-check's strings first lists a million code points. */
export const anyText = (maxLength?: number): fc.Arbitrary<string> =>
  fc.array(codePoint, maxLength === undefined ? {} : { maxLength }).map((points) => points.join(""));

const inUrl = fc
  .array(fc.oneof(anyText(3).map(encodeURIComponent), fc.constantFrom(..."$&+,;=:@")), { maxLength: 6 })
  .map((parts) => parts.join(""));

const afterMark = (mark: string) =>
  fc.option(
    inUrl.map((text) => mark + text),
    { nil: "" },
  );

/** An address of a page, with a path, a query and a fragment. The `webUrl` of fast-check lists a million code points as well. */
export const anyUrl: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom("http://", "https://"),
    fc.domain(),
    fc.array(
      inUrl.map((text) => `/${text}`),
      { maxLength: 4 },
    ),
    afterMark("?"),
    afterMark("#"),
  )
  .map(([scheme, domain, path, query, fragment]) => `${scheme}${domain}${path.join("")}${query}${fragment}`);
