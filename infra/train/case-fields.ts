/** The fields of a case, for `--help`: the form that `case-format.ts` reads. Every time is epoch ms. */
export const caseFields = `Fields of a case (times in epoch ms):
  id            its name, text or number
  at            the moment at which the alert fired
  candidates    the commits that had landed by then, newest first:
    sha           the commit
    at            its landing on the branch; without it, or after the case's moment, it counts as landed at that moment
    subject, body the first line of its message, and the rest
    files         its paths; a renamed file as git writes it, a/{old => new}/b, or a pair whose first is the path
    patch         its changed lines as a unified diff, with the headings of its files
The rest may be missing:
  symptom       what the alert says, or an account that a person wrote of the trouble
  service       the service that alerts; without it, the first that symptom names
  servicePaths  path prefixes of its files, where the repository holds more than it
  dependsOn     the services that it calls
  deploys       what went live, of any service of the case:
    at, service   the moment and the service
    sha           the deployed commit; the candidates that it holds and the deploy before does not went live with it
    version       the deployer's name of it, as metrics label it
    heardAt       when its report came: a deployer whose clock is ahead is set right by it, and a look before it does not know the deploy
  logs          lines of any service:
    at, service   the moment and the service
    level         error, warn, info, …
    text          the message, with its structured fields
    trace         the stack trace, a frame a line: files and libraries in it point at changes; not an id of a trace
  series        metrics of any service:
    service       whose it is; empty, of the alerting one
    metric        its name, with labels in braces: errors{version="1.4"}; a label version or pod tells versions apart
    points        [[at, value], …]; a value of null is a gap
  flags         feature flags that were changed:
    at, service   the moment and the service
    flag          its name
    change        what became of it, text or any JSON
  looks         later moments {at} at which the case is judged again; then nothing told or measured later counts at each`;
