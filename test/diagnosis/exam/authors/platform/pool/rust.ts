import type { Change } from "../change.ts";
import type { Random } from "../random.ts";
import type { Service } from "../services.ts";

const snake = (noun: string) => noun.toLowerCase();

const clippy = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: r.pick([
      "Fix clippy::needless_clone",
      "Silence new clippy warnings",
      `Tidy ${snake(noun)} module for clippy`,
    ]),
    files: {
      [`${source}/src/${snake(noun)}/mod.rs`]: `
@@ impl ${noun} {
     pub fn label(&self) -> &str {
-        return &self.label;
+        &self.label
     }
 
-    pub fn is_empty(&self) -> bool {
-        self.parts.len() == 0
+    pub fn is_empty(&self) -> bool {
+        self.parts.is_empty()
     }`,
    },
  };
};

const metric = (r: Random, { name, source, nouns }: Service): Change => {
  const noun = snake(r.pick(nouns));
  return {
    title: `Count ${noun}s by outcome`,
    files: {
      [`${source}/src/telemetry.rs`]: `
@@ pub struct Metrics {
     pub requests: Counter<u64>,
+    pub ${noun}s: Counter<u64>,
     pub in_flight: UpDownCounter<i64>,
 }
@@ impl Metrics {
             requests: meter.u64_counter("${name}.requests").init(),
+            ${noun}s: meter
+                .u64_counter("${name}.${noun}s")
+                .with_description("${noun}s by outcome")
+                .init(),
             in_flight: meter.i64_up_down_counter("${name}.in_flight").init(),`,
    },
  };
};

const tests = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Cover ${snake(noun)} rounding with table tests`,
    files: {
      [`${source}/tests/${snake(noun)}_rounding.rs`]: `
+use rstest::rstest;
+
+#[rstest]
+#[case(1_005, 2, 1_01)]
+#[case(994, 2, 99)]
+#[case(0, 2, 0)]
+#[case(${r.int(10_000, 99_999)}, 4, ${r.int(1, 9)})]
+fn rounds_half_even(#[case] minor: i64, #[case] digits: u32, #[case] expected: i64) {
+    assert_eq!(crate::money::round(minor, digits), expected);
+}`,
    },
  };
};

const split = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: r.pick([
      `Split ${snake(noun)}.rs by concern`,
      `refactor: move ${snake(noun)} parsing to its own module`,
    ]),
    files: {
      [`${source}/src/${snake(noun)}.rs`]: `
 use crate::money::Minor;
+mod parse;
+pub use parse::parse_${snake(noun)};
 
-pub fn parse_${snake(noun)}(raw: &str) -> Result<${noun}, ParseError> {
-    let (id, rest) = raw.split_once(';').ok_or(ParseError::Separator)?;
-    Ok(${noun} { id: id.into(), amount: rest.parse()? })
-}
-
 #[derive(Debug, Clone, PartialEq)]
 pub struct ${noun} {`,
      [`${source}/src/${snake(noun)}/parse.rs`]: `
+use super::${noun};
+use crate::error::ParseError;
+
+pub fn parse_${snake(noun)}(raw: &str) -> Result<${noun}, ParseError> {
+    let (id, rest) = raw.split_once(';').ok_or(ParseError::Separator)?;
+    Ok(${noun} { id: id.into(), amount: rest.parse()? })
+}`,
    },
  };
};

const bump = (r: Random, { name, source }: Service): Change => {
  const crate = r.pick(["serde_json", "tracing-subscriber", "thiserror", "uuid", "clap", "itertools"]);
  const minor = r.int(1, 30);
  return {
    title: `Bump ${crate} from 1.${minor}.${r.int(0, 2)} to 1.${minor}.${r.int(3, 9)} in /services/${name}`,
    bot: true,
    author: "dependabot[bot]",
    files: {
      [`${source}/Cargo.lock`]: `
@@ [[package]]
 name = "${crate}"
-version = "1.${minor}.2"
+version = "1.${minor}.3"
 source = "registry+https://github.com/rust-lang/crates.io-index"
-checksum = "${r.hex(40)}"
+checksum = "${r.hex(40)}"
 dependencies = [
  "memchr",`,
      [`${source}/Cargo.toml`]: `
@@ [dependencies]
 anyhow = "1"
-${crate} = "1.${minor}.2"
+${crate} = "1.${minor}.3"
 tokio = { version = "1.38", features = ["rt-multi-thread", "macros"] }`,
    },
  };
};

const reason = (r: Random, { source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  const code = r.int(60, 99);
  return {
    title: `Map reason ${code} of the ${snake(noun)} service`,
    body: "Until now it was shown as Other; the answer to the caller does not change.",
    files: {
      [`${source}/src/${snake(noun)}/reason.rs`]: `
@@ impl From<u16> for Reason {
             51 => Reason::Limit,
             54 => Reason::Expired,
+            ${code} => Reason::Referred,
             other => Reason::Other(other),
@@ impl Reason {
             Reason::Limit => "limit reached",
             Reason::Expired => "expired",
+            Reason::Referred => "referred to the issuer",
+            // Kept for reports of earlier years.
             Reason::Other(_) => "other",`,
    },
  };
};

const docs = (r: Random, { name, source, nouns }: Service): Change => {
  const noun = r.pick(nouns);
  return {
    title: `Document the ${snake(noun)} life cycle`,
    files: {
      [`${source}/docs/${snake(noun)}.md`]: `
 # ${noun}
 
-TODO
+A ${snake(noun)} is created by ${name}, confirmed once and never deleted.
+
+| state | next | by |
+| --- | --- | --- |
+| new | confirmed, void | ${name} |
+| confirmed | settled | nightly run |`,
    },
  };
};

export const rust = [clippy, metric, tests, split, bump, reason, docs];
