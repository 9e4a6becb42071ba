/** Whether an address of Git, or OWNER/REPO, names the repository on GitHub. Names are case-insensitive there. */
export const isRepository = (address: string, repository: string): boolean => {
  const path = address.replace(/(\.git)?\/*$/, "").toLowerCase();
  const wanted = repository.toLowerCase();
  return path === wanted || path.endsWith(`/${wanted}`) || path.endsWith(`:${wanted}`);
};
