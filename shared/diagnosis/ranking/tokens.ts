/** Words that say nothing about a cause: glue of the languages in which teams write, and what every alert, commit and file says. */
const common = new Set(
  `the and for with from into that this than then when has have had was were are not but its our all any can
  will via per use used using it is to of in on by be as at an or we so if do no should would could there which
  they them some only just also because been more less one two let var const def function return import export true
  false null undefined none self new old src lib app com org http https www alertname severity critical warning
  de la le les des du un une et en au aux par pour sur dans avec est sont ne pas que qui ce cette
  der das und für von mit den dem ein eine einer ist sind nicht bei zu auf im el los las del para por con una
  il gli che della nel van het een met niet voor um uma não`.split(/\s+/),
);

const ascii = /[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g;
const unicode = /\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu;

/** Each word of a text in turn, lower-cased and stemmed, identifiers split at case, digits and punctuation. Glue comes as "". */
export const eachWord = (text: string, take: (word: string, raw: string) => void): void => {
  const isAscii = /^[\x00-\x7f]*$/.test(text);
  const pattern = isAscii ? ascii : unicode;
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text))
    if (!isAscii && unspaced.test(found[0])) eachSegment(found[0], take);
    else take(stem(found[0]), found[0]);
};

/** Scripts that write words without spaces between them. */
const unspaced = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
/** Made at the first such script: it takes as long as a tenth of a start. */
let segmenter: Intl.Segmenter | undefined;
const eachSegment = (run: string, take: (word: string, raw: string) => void): void => {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  for (const { segment, isWordLike } of segmenter.segment(run)) if (isWordLike) take(stem(segment), segment);
};

/** The words of a text, the glue left out. */
export const words = (text: string): string[] => {
  const found: string[] = [];
  eachWord(text, (word) => {
    if (word !== "") found.push(word);
  });
  return found;
};

const stems = new Map<string, string>();
/** Stems remembered; past it they are computed anew, so that memory stays bounded. */
const maxStems = 20_000;

/** Lower-cased, without the commonest English endings; "" for glue and single letters. */
const stem = (raw: string): string => {
  const known = stems.get(raw);
  if (known !== undefined) return known;
  const computed = cut(raw.slice(0, 40).toLowerCase());
  if (stems.size < maxStems) stems.set(raw, computed);
  return computed;
};

const cut = (word: string): string => {
  if ((word.length < 2 && word.charCodeAt(0) < 128) || common.has(word)) return "";
  let bare = word;
  if (bare.length > 5 && bare.endsWith("ies")) return `${bare.slice(0, -3)}y`;
  if (bare.length > 3 && bare.endsWith("s") && !bare.endsWith("ss")) bare = bare.slice(0, -1);
  if (bare.length > 6 && bare.endsWith("ing")) bare = bare.slice(0, -3);
  if (bare.length > 5 && bare.endsWith("ed")) bare = bare.slice(0, -2);
  return bare.length > 4 && bare.endsWith("e") ? bare.slice(0, -1) : bare;
};

/** Plain English that an account of trouble is told in, whatever the trouble. */
const plain = new Set(
  `about after again almost already although always another any anyone anything appear appeared apparently around away
  back bad become before begin begins being better between both came cannot case cases cause caused causes causing certain change changed changes
  come could current currently did different does doesn didn don doing done down due during each either else enough etc even ever every
  everything existing expect expected far few fine first follow following found further get gets getting give given goes
  going good got happen happened happening happens hard having help here hopefully how however immediately including
  indeed instead investigate investigating investigation issue issues itself keep kind know known large last lately later latest least left
  less let like likely little long longer look looks lot lots made main make makes making many may maybe mean means meantime might most
  much must need needed needs never new next nothing now occur off often okay once other others otherwise out over own part
  per perhaps please point possible possibly previous previously probably problem problems proper properly put quite rather real really reason
  recent recently related result results right same saw say says see seeing seem seemed seems several show shows similar since small
  somehow someone something sometimes soon sorry still such sure take taken than thank thanks thing things think
  those though thought through thus today together told tomorrow too took tried tries trying turned turns two understand unfortunately
  unless until upon usual very want wanted way well went what where whether which while who whole why wish within without
  work worked working works worse wrong yet you your revert reverted reverting reverts commit patch broke break breaks broken breaking
  fail fails failed failing failure failures yesterday tonight morning week weeks days day hours hour seen able unable now am pm utc here anymore actually basically clearly
  suspect suspected believe guess figure attempt lead leads leading led resulting resulted trigger triggers triggered affect affected affecting`.split(
    /\s+/,
  ),
);
/** Whether a word of an account tells of any trouble alike. */
export const isPlain = (raw: string): boolean => plain.has(raw.toLowerCase());
