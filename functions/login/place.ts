/** A longer address would not fit into the cookie that keeps it during the sign-in. */
const maxLength = 800;

/** The page of ours that the person came for. Any other address is the list: a link must not lead away from here. */
export const placeOf = (to: string | undefined): string =>
  to !== undefined &&
  to.length <= maxLength &&
  /^\/(?:left-alone|report|incidents(\/[A-Za-z0-9][\w.-]*){0,3}(\?(?:(?:page|after|service|status|q)=[\w.~%+-]{0,100}(?:&(?!$)|$))+)?)$/.test(
    to,
  )
    ? to
    : "/incidents";
