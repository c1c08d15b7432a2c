//! The catalogue of rules. Ids never change, and none is given out twice.

use super::rule::{Checked, Examples, Need, RuleEntry};
use crate::diag::Severity;

macro_rules! here {
    ($folder:literal, [$($need:ident),*]) => {
        Checked::Here {
            needs: &[$(Need::$need),*],
            examples: Examples {
                triggers: include_str!(concat!("../../../fixtures/lint/", $folder, "/triggers/input.yaml")),
                passes: include_str!(concat!("../../../fixtures/lint/", $folder, "/passes/input.yaml")),
            },
        }
    };
}

macro_rules! catalogue {
    ($($rule:ident = $id:literal, $severity:ident, $title:literal, $explanation:literal, $source:literal, $checked:expr;)*) => {
        /// A rule of the catalogue.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleId {
            $(#[doc = $title] $rule,)*
        }

        impl RuleId {
            /// All rules, in order.
            pub const ALL: &'static [Self] = &[$(Self::$rule,)*];

            /// What is known of the rule.
            pub fn entry(self) -> &'static RuleEntry {
                match self {
                    $(Self::$rule => const {
                        &RuleEntry {
                            id: $id,
                            severity: Severity::$severity,
                            title: $title,
                            explanation: $explanation,
                            source: $source,
                            checked: $checked,
                        }
                    },)*
                }
            }
        }
    };
}

catalogue! {
    Ptl001 = "PTL001", Error,
        "an address, port and protocol claimed by two Services",
        "\
Cluster IPs, external IPs and load balancer addresses share one name space: a second \
claim on the same address, port and protocol takes traffic from the first. \
kube-proxy lets whichever it walks last win, at random; compile refuses the input. \
Give one of the Services another address or port.",
        "kubernetes#69599, kubernetes#80158; the kernel refuses the second (EEXIST)",
        here!("PTL001-address-claims", []);
    Ptl002 = "PTL002", Error,
        "a node port used twice, or taken by an address of the node",
        "\
Each node port belongs to one Service port per protocol, on all nodes. A clash with \
another node port, or with an external or load balancer IP that is an address of the \
node, takes traffic from one of the two. compile refuses the input. Use another node \
port.",
        "kubernetes#69599",
        here!("PTL002-node-port-clashes", []);
    Ptl003 = "PTL003", Warning,
        "a Service port without any usable endpoint",
        "\
No slice gives the port an endpoint that is ready, or at least still serving: on \
every node connections are refused. Check the Service's selector, and the readiness \
of its pods.",
        "",
        here!("PTL003-no-endpoints", [Endpoints, Whole]);
    Ptl004 = "PTL004", Error,
        "ports of a Service and of its slices that do not fit",
        "\
Slices and Services are joined by the name and protocol of their ports. A slice port \
of another name gets no traffic; a Service port that no slice has, such as one whose \
named targetPort no pod knows, has no endpoint. Nothing else reports either. Make \
the names agree.",
        "kube-proxy joins by name, and the empty name is one too",
        here!("PTL004-port-mismatch", [Whole]);
    Ptl005 = "PTL005", Warning,
        "endpoints of no Service",
        "\
A slice belongs to the Service that its label kubernetes.io/service-name names, in \
its own namespace. Without the label, or without that Service, its endpoints get no \
traffic.",
        "",
        here!("PTL005-orphan-slices", [Whole]);
    Ptl006 = "PTL006", Error,
        "an address family without addresses or endpoints",
        "\
Everything about a Service exists once for each address family: cluster IPs in the \
order of ipFamilies, slices of each family, external addresses and source ranges. \
Where one of them is missing, that family is dead while the other works, which is \
hard to see from outside.",
        "",
        here!("PTL006-families", [Whole]);
    Ptl007 = "PTL007", Warning,
        "the same endpoint in several slices, with different conditions",
        "\
portolan takes the ready, then the serving, then the local one. kube-proxy before \
1.36 chooses at random, so the same cluster behaves differently from node to node. \
Remove the stale one.",
        "kubernetes#135266, fixed in 1.36 by kubernetes#135593",
        here!("PTL007-contradicting-slices", []);
    Ptl008 = "PTL008", Warning,
        "an endpoint shared by Services of different namespaces",
        "\
Who may write EndpointSlices in one namespace can direct traffic to pods of another, \
past its network policies. Pods of the host network, such as the API server's, share \
addresses with good reason: suppress those with one.",
        "CVE-2021-25740, kubernetes#103675",
        here!("PTL008-shared-endpoints", []);
    Ptl009 = "PTL009", Error,
        "an endpoint at a loopback, link-local, multicast or unspecified address",
        "\
No pod has such an address. Endpoints there reach services of the node itself, or \
the cloud's metadata service at 169.254.169.254. IPVS refuses multicast, broadcast \
and unspecified addresses, and takes 127.0.0.1 and 169.254.0.0/16.",
        "CVE-2021-25737, kubernetes#102106",
        here!("PTL009-special-endpoints", []);
    Ptl010 = "PTL010", Error,
        "an endpoint at the address of a Service, or of a node",
        "\
An endpoint whose address, port and protocol are those of a Service, its node port at a \
node included, sends packets from Service to Service, possibly round and round; one at \
a cluster IP or in the range of cluster IPs (serviceCIDRs of LintConfig) is nobody's. \
Point the slice at pods. An endpoint at a node's own address \
is a warning if the input has Pods that may be behind it, and none of them has \
hostNetwork; without Pods nobody can tell the host network's from mistakes, and the \
API servers behind default/kubernetes are always right.",
        "",
        here!("PTL010-endpoint-loops", []);
    Ptl011 = "PTL011", Warning,
        "an external IP that nothing allows, or that belongs to somebody else",
        "\
Whoever may set externalIPs can draw any address's traffic to their pods, in the \
whole cluster: node addresses, DNS, other people's servers. With an allow-list \
(externalIPs of LintConfig) only what it lacks is reported, as an error; without \
one, every external IP is. Addresses of nodes, pods, other Services and the metadata \
service are errors even so. The field is deprecated from Kubernetes 1.36 on, gets no \
rules by default from 1.40 on, and none from 1.43 on: that is told even of those that \
are allowed.",
        "CVE-2020-8554, KEP-5707",
        here!("PTL011-external-ips", []);
    Ptl012 = "PTL012", Warning,
        "a load balancer address that nothing vouches for, or that gets no rule",
        "\
Whoever may write a Service's status can draw traffic as with externalIPs. An \
address is vouched for by loadBalancerClass, or by an allow-list (loadBalancerIPs of \
LintConfig). One that is a node's own is an error in mode ipvs whatever vouches for \
it: every other node binds it, and keeps all traffic to that node. An address with ipMode Proxy gets no rule at all: packets to it leave \
the node even if an endpoint is there.",
        "CVE-2020-8554, second vector; kubernetes#97076",
        here!("PTL012-load-balancer-ips", []);
    Ptl013 = "PTL013", Error,
        "an address or range that readers disagree on",
        "\
Leading zeros are octal to some readers and decimal to others; an IPv4 address in \
IPv6 form belongs to either family; a zone id means another interface on each \
machine; bits beyond a prefix are sometimes ignored and sometimes refused. Write the \
canonical form.",
        "CVE-2021-29923, KEP-4858, kubernetes#108074",
        here!("PTL013-ambiguous-addresses", []);
    Ptl014 = "PTL014", Warning,
        "source ranges that do not filter as they read",
        "\
A /0 beside other ranges opens the load balancer to everyone (kube-proxy before 1.34 \
shuts everyone out instead). Ranges of one family leave the load balancer's address \
of the other open. Ranges of a family that the Service lacks, and spaces, are \
dropped. Ranges that leave out where the load balancer checks its addresses from \
(healthCheckRanges of LintConfig; nothing else says it) make it take all nodes for \
dead. Node ports and external IPs of the Service are open to everybody whatever the \
ranges, and the annotation of old, \
service.beta.kubernetes.io/load-balancer-source-ranges, filters nothing.",
        "kubernetes#132719",
        here!("PTL014-source-ranges", []);
    Ptl015 = "PTL015", Warning,
        "external policy Local without what it needs",
        "\
With externalTrafficPolicy Local a node serves outside clients with its own \
endpoints only. Where it has none, mode ipvs sends to others without masquerading, \
and clients get no answer; the other modes drop. Load balancers learn from the \
health check node port which nodes have endpoints: it must be there, and its own.",
        "kubernetes#93456, kubernetes#97081",
        here!("PTL015-external-local-policy", [Whole]);
    Ptl016 = "PTL016", Warning,
        "internal policy Local on nodes without an endpoint",
        "\
With internalTrafficPolicy Local clients on a node reach endpoints of that node \
only. Where it has none connections are refused, or, in mode ipvs and if the Service \
is reachable from outside too, leak to other nodes.",
        "",
        here!("PTL016-internal-local-policy", [Node, Whole]);
    Ptl017 = "PTL017", Error,
        "an affinity timeout that the kernel cannot keep",
        "\
Session affinity lasts 1 to 86400 seconds; the kernel silently wraps longer \
timeouts. compile refuses the input. Whether affinity survives a drain is for plan \
to say.",
        "kubernetes#71809",
        here!("PTL017-affinity-timeout", []);
    Ptl018 = "PTL018", Error,
        "a protocol that Services cannot have",
        "\
Services know TCP, UDP and SCTP, in capital letters. IPVS itself would take more, \
ICMP for example, and do something else with them. compile refuses the input. \
Whether a node's kernel balances SCTP (CONFIG_IP_VS_PROTO_SCTP) is in no manifest \
and in no NodeFacts, and not checked.",
        "",
        here!("PTL018-protocols", []);
    Ptl019 = "PTL019", Warning,
        "a node port that something else may have",
        "\
A node port outside the API server's range (nodePortRange of LintConfig, 30000-32767 \
by default), among the ports of nodes' own connections (localPortRange, 32768-60999 \
by default), or equal to a port that Kubernetes or something else listens on \
(hostPorts) cuts off whoever had it first.",
        "CVE-2019-9946",
        here!("PTL019-node-port-ranges", []);
    Ptl020 = "PTL020", Warning,
        "host listeners reachable through addresses of Services",
        "\
In mode ipvs each Service's address is an address of the node, so that without a \
guard everything that listens on the node answers there too. The rules that portolan \
writes always have the guard (KUBE-IPVS-FILTER), so that no input can trigger this.",
        "kubernetes#72236",
        Checked::Elsewhere("portolan always writes the guard; `portolan doctor` and `portolan plan` show a node where it is missing");
    Ptl021 = "PTL021", Error,
        "node ports on loopback addresses",
        "\
localhostNodePorts of mode iptables sets route_localnet, with which neighbours on \
the same network reach what listens on 127.0.0.1; kube-proxy adds a rule against \
that only while it runs. nodePortAddresses within 127.0.0.0/8 asks for the same, and \
serves nothing in the other modes. localhostNodePorts is on by default in mode \
iptables: set it to false.",
        "CVE-2020-8558, kubernetes#92315, kubernetes#90259",
        here!("PTL021-localhost-node-ports", [Configuration]);
    Ptl022 = "PTL022", Warning,
        "node ports on every address of a node, or on none",
        "\
Without nodePortAddresses modes ipvs and iptables serve node ports on every address \
of a node, those towards the outside too. Ranges that hold no address of a node \
serve them nowhere. Set nodePortAddresses to the range of the nodes, or, from 1.31 \
on, to primary.",
        "",
        here!("PTL022-node-port-scope", [Configuration]);
    Ptl023 = "PTL023", Error,
        "ranges of Services, pods and nodes that overlap",
        "\
An address belongs to a Service, to a pod or to a node. A cluster IP within a range \
of pods, or outside serviceCIDRs of LintConfig; a node's address within a range of \
pods; pod ranges of two nodes that overlap: in each case one of the two is \
unreachable.",
        "",
        here!("PTL023-overlapping-ranges", []);
    Ptl024 = "PTL024", Error,
        "a name longer than what it ends up in",
        "\
Names end up in comments, sets and chains: the kernel and its tools cut long ones \
without a word (255 bytes of an iptables comment, 15 of an interface or scheduler \
name), and two that differ in their ends become one. The API's own limits keep \
within that; compile refuses longer names.",
        "measured: iptables 1.8.9, ipset 7.17",
        here!("PTL024-long-names", []);
    Ptl025 = "PTL025", Error,
        "a name with a character that has no business in rule text",
        "\
Names end up in files that root feeds to iptables-restore. A newline in one starts a \
rule of its own, a quote ends a comment, a bidirectional mark hides the rest from a \
reviewer. Manifests that no API server has seen may hold anything. compile refuses \
the input.",
        "measured: injection works in both iptables variants",
        here!("PTL025-names-in-rules", []);
    Ptl026 = "PTL026", Error,
        "more than a set or a chain takes",
        "\
A set takes 65536 entries, and the kernel refuses the rest in the middle of a \
restore. A port with very many endpoints (endpointsPerPort of LintConfig, 1000 by \
default) makes chains that are long to walk and to rewrite in mode iptables, and \
many requests in mode ipvs. Split the Service. The number of sets does not depend on \
the input and is far below the 256 of a kernel, node ports are kept in bitmaps that \
hold every port, and what other programs keep in sets, and how long a restore takes, \
show only on the node.",
        "measured: ipset 7.17",
        here!("PTL026-capacity", []);
    Ptl027 = "PTL027", Info,
        "endpoints that are used before they are ready",
        "\
publishNotReadyAddresses is meant for the DNS records of headless Services. On \
others it makes every pod an endpoint from its first moment on, and connections to \
pods that do not listen yet fail.",
        "",
        here!("PTL027-not-ready-addresses", []);
    Ptl028 = "PTL028", Warning,
        "only terminating endpoints left",
        "\
No endpoint is ready, so connections go to those that are on their way out and still \
serve, until they are gone too.",
        "KEP-1669",
        here!("PTL028-terminating-endpoints", [Whole]);
    Ptl029 = "PTL029", Warning,
        "topology hints that are not followed",
        "\
Hints count only if every ready endpoint has one and one of them names the place of \
the node. Hints on some endpoints, for zones that no Node is in, or a \
trafficDistribution in a cluster whose Nodes have no zone, are ignored without a \
word.",
        "KEP-2433, KEP-4444",
        here!("PTL029-topology-hints", [Whole]);
    Ptl030 = "PTL030", Info,
        "a field without effect on such a Service",
        "\
Nothing is programmed for headless and ExternalName Services. Node ports, external \
IPs, source ranges, affinity and traffic policies on them do nothing, which somebody \
may not expect.",
        "",
        here!("PTL030-fields-without-effect", []);
    Ptl031 = "PTL031", Warning,
        "fields of a load balancer that contradict each other",
        "\
allocateLoadBalancerNodePorts false keeps node ports that are there already: remove \
them by hand. A loadBalancerClass that no controller of the cluster has \
(loadBalancerClasses of LintConfig) never gets an address.",
        "",
        here!("PTL031-load-balancer-fields", []);
    Ptl032 = "PTL032", Info,
        "a Service that another proxy serves",
        "\
With the label service.kubernetes.io/service-proxy-name, of whatever value, \
kube-proxy passes a Service by, and so does portolan.",
        "",
        here!("PTL032-other-proxies", []);
    Ptl033 = "PTL033", Warning,
        "endpoints of the older API",
        "\
Endpoints hold at most 1000 addresses, and know neither zones nor conditions; the \
annotation endpoints.kubernetes.io/over-capacity: truncated says that some are \
missing. They count only where a Service has no EndpointSlice. Pass the slices.",
        "KEP-752",
        here!("PTL033-legacy-endpoints", [Whole]);
    Ptl034 = "PTL034", Warning,
        "masquerading that hides or keeps the wrong senders",
        "\
Traffic of pods keeps its sender's address, other traffic to a cluster IP does not: \
that takes clusterCIDR or another detectLocalMode that can tell the two apart, in \
each family. masqueradeAll hides every sender from network policies and logs. A \
masquerade bit that others use as well (bit 15 is kubelet's; foreignMarks of \
LintConfig) masquerades or drops their packets.",
        "",
        here!("PTL034-masquerading", [Configuration]);
    Ptl035 = "PTL035", Warning,
        "UDP flows that stay with an endpoint that is gone",
        "\
A UDP Service that loses or swaps endpoints leaves flows behind that the kernel goes \
on sending nowhere. That is a matter of two states, the one on the node and the one \
asked for.",
        "kubernetes#119249, kubernetes#139628",
        Checked::Elsewhere("`portolan plan` compares the two states, and says whose connections end");
    Ptl036 = "PTL036", Warning,
        "a proxy mode on its way out",
        "\
Mode ipvs of kube-proxy is deprecated from Kubernetes 1.35 on, off by default from \
1.40 and gone in 1.43. portolan goes on writing its rules; a cluster that still runs \
kube-proxy should plan the change to nftables. A configuration without a mode means \
iptables up to 1.39 and nftables from 1.40 on: write the mode that the nodes run in.",
        "KEP-5495, KEP-5343",
        here!("PTL036-ipvs-deprecated", [Configuration]);
    Ptl037 = "PTL037", Error,
        "endpoints that no rule can be made from",
        "\
A slice without ports, or a port without a number, means every port to the API. No \
rule can express that, and kube-proxy ignores it.",
        "",
        here!("PTL037-endpoint-ports", []);
    Ptl038 = "PTL038", Warning,
        "Nodes that do not say where they are, and endpoints on unknown ones",
        "\
Locality comes from names and labels: an endpoint whose nodeName is no Node of the \
input is local nowhere; a Node without topology.kubernetes.io/zone among others that \
have it follows no zone hint; a Node without an InternalIP of a family that Services \
use has no address of its own there.",
        "",
        here!("PTL038-node-descriptions", [Node, Whole]);
    Ptl039 = "PTL039", Warning,
        "settings of a node that contradict each other",
        "\
In mode ipvs load balancer and external addresses are addresses of every node: \
without strictARP each of them answers ARP for all, and traffic goes to whichever is \
first. On kernels before 5.9 (kernel of NodeFacts) conn_reuse_mode has to be 0, so \
that clients which use a port again stay with an endpoint that drains. The other \
settings (ip_forward, expire_nodest_conn, expire_quiescent_template) are not in \
manifests and are always written alike; `portolan plan` shows where the node's \
differ.",
        "MetalLB's and kube-vip's manuals; kubernetes#81775",
        here!("PTL039-settings", [Configuration]);
    Ptl040 = "PTL040", Error,
        "YAML that readers take for different things",
        "\
Of a key or an object that stands twice, readers take the first or the last: compile \
refuses both. yes, no, on and off are booleans to readers of YAML 1.1 and text to \
those of 1.2; numbers with a leading zero are octal or decimal; an alias repeats \
text that a reviewer sees once. A document after `...`, on the line of its `---` or \
behind a directive is none to kubectl. Quote such text, and write such values out.",
        "YAML 1.1 against 1.2",
        here!("PTL040-yaml", []);
    Ptl041 = "PTL041", Warning,
        "a change that alters too much at once",
        "\
How much a change alters shows only beside what is there: in review the share of \
Services that change or go, on a node the share of virtual servers that go or lose \
their last endpoint.",
        "",
        Checked::Elsewhere("`portolan diff --blast-radius` fails where more of the Services change or go, and `portolan plan --max-removal` refuses plans that remove too much");
    Ptl042 = "PTL042", Warning,
        "a mode in which one endpoint more changes many rules",
        "\
Mode iptables spreads connections by one rule per endpoint, each with a probability \
that depends on how many follow: adding one endpoint of n rewrites n rules, and \
reviews are noise. Modes ipvs and nftables change one line.",
        "",
        here!("PTL042-large-pools", [Configuration]);
    Ptl043 = "PTL043", Error,
        "what the API server refuses, though no rule depends on it",
        "\
A field where it does not belong, or a value that the API does not know: the cluster \
will not take the object. compile goes on where that changes no rule (policies, source \
ranges, affinity settings and health check ports on Services that do not have them, a \
Service without ports, labels and classes that are no names, anything within a \
headless Service), and refuses what kube-proxy would act on, such as a node port on \
type ClusterIP.",
        "pkg/apis/core/validation, pkg/apis/discovery/validation",
        here!("PTL043-what-the-api-refuses", []);
    Ptl044 = "PTL044", Warning,
        "a selector that nobody has",
        "\
No Pod of the Service's namespace and no Pod template (Deployment, StatefulSet, \
DaemonSet, ReplicaSet, Job, CronJob) has all labels of the selector: the Service will \
have no endpoint. Checked where Pods or templates of the namespace are known, and \
slices have no endpoint of the Service. Correct the selector, or the labels.",
        "",
        here!("PTL044-selector-of-nobody", [Whole]);
    Ptl045 = "PTL045", Warning,
        "a selector that takes the Pods of several workloads",
        "\
Connections are spread over all Pods that have the labels, whatever made them: a \
second Deployment with the same labels answers a part of them. Add a label that only \
one has; accept the finding where both are meant, as with a canary.",
        "",
        here!("PTL045-selector-of-several", []);
    Ptl046 = "PTL046", Warning,
        "a targetPort by a name that Pods lack",
        "\
A targetPort that is a name is looked up in the containers of each Pod, by name and \
protocol. A Pod that has none is no endpoint of that port, and connections are \
refused where no Pod has it. Before Kubernetes 1.33 ports of sidecars do not count.",
        "k8s.io/endpointslice FindPort; kubernetes#128850",
        here!("PTL046-target-port-lacking", []);
    Ptl047 = "PTL047", Info,
        "a targetPort that no Pod declares",
        "\
Containers may listen at ports that they do not declare, so nothing is wrong for \
certain; but where they declare others, the number is often a slip of the pen.",
        "",
        here!("PTL047-target-port-undeclared", []);
}
