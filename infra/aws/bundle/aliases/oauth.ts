const refused = (): never => {
  throw new Error("functions log in to GitHub with a token or as an App, never by OAuth");
};

/** Stand in for the OAuth logins of GitHub's client, which is told none of their credentials here. */
export const createOAuthAppAuth = () => async () => refused();
export const createOAuthUserAuth = refused;
export const requiresBasicAuth = () => false;
