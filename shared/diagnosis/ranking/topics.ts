import { words } from "./tokens.ts";

/** Words that operators use of one subject: an alert on logins and a change to LDAP share no word, and belong together. Written by hand. */
const subjects: Record<string, string> = {
  "logins and permissions":
    "auth login logon logout oauth saml ldap sso password credentials token session user permissions role acl sudo kerberos nslcd pam signin account denied forbidden unauthorized 401 403 secret cookie csrf",
  databases:
    "db database mysql mariadb postgres postgresql sql query table schema migration migrate replica pg row column index transaction mongo mongodb cassandra redis deadlock lock pgbouncer datastore spanner",
  memory: "oom memory heap gc leak jvm ram swap malloc xmx buffer",
  "load and latency":
    "cpu load slow latency timeout timeouts performance throttle hang stuck thread worker concurrency spike loop throughput pool",
  "names in the network":
    "dns resolve resolver resolution hostname record zone pdns bind unbound nameserver domain ttl cname",
  "the network":
    "network ip ipv firewall ferm iptables route router routing bgp vip lvs pybal subnet vlan interface port tcp udp packet connection connect socket proxy haproxy nginx envoy ingress gateway traffic",
  certificates: "tls ssl cert certificate 509 acme letsencrypt ca key cipher handshake http",
  caches: "cache varnish memcached cdn purge trafficserver ats vcl squid ttl etag hit",
  queues: "queue kafka rabbitmq amqp job consumer producer pubsub topic message celery sidekiq event stream",
  "virtual machines":
    "vm nova openstack instance libvirt kvm qemu hypervisor cloud vendordata ec aws gce image ami neutron",
  "tests and builds":
    "test unittest spec ci bot roll roller tryjob flake flaky cq assert mock karma pytest tox swarming coverage expectation",
  "the page":
    "ui css html page button render browser display scroll click font layout component view frontend javascript polymer element style menu dialog form",
  mail: "mail email smtp exim postfix mailman spam sendmail",
  monitoring:
    "monitor alert alarm icinga nagios prometheus grafana monitoring metric check notification page pager exporter graphite statsd dashboard",
  logs: "log logging logstash syslog rsyslog kibana elasticsearch logrotate journald trace sentry",
  disks:
    "disk storage ceph swift nfs mount filesystem raid lvm partition volume space inode bucket backup rsync",
  building:
    "build compile bazel cmake make makefile link gcc webpack npm artifact docker dockerfile container image package debian deb apt",
  dependencies:
    "dependency import module package pip python py gem bundler requirement version upgrade node npm jar library vendor six ruby php",
  Kubernetes:
    "kubernetes pod kubelet helm deployment namespace cluster ingress daemonset statefulset crd operator istio",
  configuration:
    "config configuration yaml hiera setting flag default option variable env parameter template",
  "jobs and services": "cron crontab timer systemd schedule job service unit restart start init upstart",
  deploying:
    "deploy deployment release rollout canary scap puppet provision ansible terraform bootstrap install",
  "requests and answers":
    "api endpoint rest request response header http get post 500 502 503 504 404 status url redirect rewrite cors rpc grpc client server",
  formats:
    "parse json xml yaml encode decode unicode utf charset format syntax regex serialize deserialize string byte",
  "broken values":
    "nil null none undefined typeerror nameerror attributeerror keyerror valueerror exception crash segfault panic traceback stack",
  "mobile devices": "android adb device ios emulator apk mobile phone",
  search: "search index elasticsearch solr lucene cirrus query result rank",
  repositories: "git gerrit commit branch merge checkout repo repository github submodule clone review",
  hosts: "host server machine node hardware reimage reboot kernel boot pxe installer decommission rack",
  files: "file path directory permission symlink mode owner chmod folder",
  time: "time timezone date utc timestamp clock ntp expire epoch",
  payments: "payment billing checkout cart order invoice currency price rate",
};

const byWord = new Map<string, number[]>();
for (const [subject, line] of Object.values(subjects).entries())
  for (const word of new Set(words(line))) byWord.set(word, [...(byWord.get(word) ?? []), subject]);

/** The number of stemmed words in each topic. */
export const topicsOf = (vocabulary: Iterable<string>): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const word of vocabulary)
    for (const subject of byWord.get(word) ?? []) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
};
