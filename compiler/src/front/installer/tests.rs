use super::*;

/// What a configuration says, by its `kind.group` or without one.
fn said(kind: &str, text: &str) -> Option<String> {
    let tree: Tree = serde_yaml::from_str(text).unwrap();
    let found = match kind {
        "" => of_text(text, &tree),
        kind => of_kind(kind, &tree),
    }?;
    let manifest = found.manifest;
    let told = manifest.told.iter().map(|told| {
        let words = match &told.settings {
            Settings::K3s { flags, ranges } => [&ranges[..], flags].concat(),
            Settings::K3sWords(words) | Settings::Flags(words) | Settings::Fields(words) => {
                words.clone()
            }
        };
        format!("{}: {}", told.path, words.join(" "))
    });
    let off = manifest.off.iter().map(|path| format!("off by {path}"));
    Some(told.chain(off).collect::<Vec<_>>().join("; "))
}

#[test]
fn installers_say_how_kube_proxy_is_started() {
    for (kind, text, expected) in [
        (
            "",
            "kube-proxy-arg: [proxy-mode=ipvs]\nkube-proxy-arg+: [ipvs-scheduler=lc]\ncluster-cidr: 10.42.0.0/16",
            Some("kube-proxy-arg: 10.42.0.0/16 proxy-mode=ipvs ipvs-scheduler=lc"),
        ),
        (
            "",
            "kube-proxy-arg+: proxy-mode=ipvs",
            Some("kube-proxy-arg+: proxy-mode=ipvs"),
        ),
        (
            "",
            "kube-proxy-arg: proxy-mode=ipvs\ndisable-kube-proxy: true",
            Some("off by disable-kube-proxy"),
        ),
        ("", "write-kubeconfig-mode: '0644'", Some("")),
        ("", "replicas: 2\nproxy: x", None),
        (
            "ConfigMap",
            "data: {config.yaml: 'kube-proxy-arg: [proxy-mode=ipvs]'}",
            Some("data[config.yaml]: proxy-mode=ipvs"),
        ),
        (
            "ConfigMap",
            "data: {README: 'kube-proxy-arg is a word'}",
            None,
        ),
        (
            "Secret",
            "stringData: {a: 'disable-kube-proxy: true'}",
            Some("off by stringData.a"),
        ),
        (
            "Cluster.provisioning.cattle.io",
            "spec: {rkeConfig: {machineGlobalConfig: {cni: calico, kube-proxy-arg: [proxy-mode=ipvs]}, machineSelectorConfig: [{config: {protect-kernel-defaults: true}}, {config: {kube-proxy-arg: [v=2]}}]}}",
            Some(
                "spec.rkeConfig.machineGlobalConfig.kube-proxy-arg: proxy-mode=ipvs; spec.rkeConfig.machineSelectorConfig[1].config.kube-proxy-arg: v=2",
            ),
        ),
        (
            "Simple.k3d.io",
            "options: {k3s: {extraArgs: [{arg: --disable=traefik, nodeFilters: [all]}, {arg: --kube-proxy-arg=proxy-mode=ipvs}]}}",
            Some(
                "options.k3s.extraArgs[0].arg: --disable=traefik --kube-proxy-arg=proxy-mode=ipvs",
            ),
        ),
        (
            "Simple.k3d.io",
            "options: {k3s: {extraServerArgs: [--kube-proxy-arg=proxy-mode=ipvs]}}",
            Some("options.k3s.extraServerArgs[0]: --kube-proxy-arg=proxy-mode=ipvs"),
        ),
        (
            "Cluster.management.cattle.io",
            "spec: {rancherKubernetesEngineConfig: {services: {kubeproxy: {extraArgs: {proxy-mode: ipvs}}}}}",
            Some(
                "spec.rancherKubernetesEngineConfig.services.kubeproxy.extraArgs: --proxy-mode=ipvs",
            ),
        ),
        (
            "",
            "nodes: [{address: 192.0.2.1}]\nservices: {kubeproxy: {extra_args: {proxy-mode: ipvs, ipvs-scheduler: lc}}}",
            Some("services.kubeproxy.extra_args: --ipvs-scheduler=lc --proxy-mode=ipvs"),
        ),
        (
            "",
            "services: {kubelet: {extra_args: {v: 2}}, proxy: 1}",
            None,
        ),
        (
            "KubeOneCluster.kubeone.k8c.io",
            "clusterNetwork: {kubeProxy: {ipvs: {scheduler: lc, strictARP: true}}}",
            Some(
                "clusterNetwork.kubeProxy: --proxy-mode=ipvs; clusterNetwork.kubeProxy: --ipvs-scheduler=lc --ipvs-strict-arp=true",
            ),
        ),
        (
            "KubeOneCluster.kubeone.k8c.io",
            "clusterNetwork: {kubeProxy: {ipvs: null, iptables: {}}}",
            Some("clusterNetwork.kubeProxy: --proxy-mode=iptables"),
        ),
        (
            "KubeOneCluster.kubeone.k8c.io",
            "clusterNetwork: {kubeProxy: {skipInstallation: true, ipvs: {}}}",
            Some("off by clusterNetwork.kubeProxy.skipInstallation"),
        ),
        (
            "KubeOneCluster.kubeone.k8c.io",
            "clusterNetwork: {podSubnet: x}",
            None,
        ),
        (
            "Simple.k3d.io",
            "options: {k3s: {extraArgs: [{arg: --disable-kube-proxy}]}}",
            Some("off by options.k3s.extraArgs[0].arg"),
        ),
        (
            "Cluster.kind.x-k8s.io",
            "networking: {kubeProxyMode: ipvs}",
            Some("networking: --proxy-mode=ipvs"),
        ),
        (
            "Cluster.kind.x-k8s.io",
            "networking: {kubeProxyMode: none}",
            Some("off by networking.kubeProxyMode"),
        ),
        (
            "Cluster.kind.x-k8s.io",
            "kubeadmConfigPatches: ['{kind: ClusterConfiguration}', 'kind: KubeProxyConfiguration\n\nmode: ipvs']",
            Some("kubeadmConfigPatches[1]: --proxy-mode=ipvs"),
        ),
        ("Cluster.kind.x-k8s.io", "nodes: [{role: worker}]", None),
        (
            "Cluster.cluster.x-k8s.io",
            "networking: {kubeProxyMode: ipvs}",
            None,
        ),
        (
            "Cluster.kops.k8s.io",
            "spec: {kubeProxy: {proxyMode: ipvs, ipvsScheduler: lc, ipvsExcludeCidrs: [10.0.0.0/8, 10.1.0.0/16], featureGates: {A: true}}}",
            Some(
                "spec.kubeProxy: --proxy-mode=ipvs --ipvs-scheduler=lc --ipvs-exclude-cidrs=10.0.0.0/8,10.1.0.0/16 --feature-gates=A=true",
            ),
        ),
        (
            "Cluster.kops.k8s.io",
            "spec: {kubeProxy: {enabled: false}}",
            Some("off by spec.kubeProxy.enabled"),
        ),
        (
            "ClusterConfig.k0s.k0sproject.io",
            "spec: {network: {kubeProxy: {mode: ipvs, ipvs: {strictARP: true}}}}",
            Some("spec.network.kubeProxy: --proxy-mode=ipvs --ipvs-strict-arp=true"),
        ),
        (
            "ClusterConfig.k0s.k0sproject.io",
            "spec: {network: {kubeProxy: {disabled: true, mode: ipvs}}}",
            Some("off by spec.network.kubeProxy.disabled"),
        ),
        (
            "RKE2ControlPlane.controlplane.cluster.x-k8s.io",
            "spec: {agentConfig: {kubeProxy: {extraArgs: [proxy-mode=ipvs, --v=2]}}}",
            Some("spec.agentConfig.kubeProxy.extraArgs: --proxy-mode=ipvs --v=2"),
        ),
        (
            "RKE2ControlPlane.controlplane.cluster.x-k8s.io",
            "spec: {serverConfig: {disableComponents: {kubernetesComponents: [kubeProxy]}}}",
            Some("off by spec.serverConfig.disableComponents.kubernetesComponents"),
        ),
        (
            "KThreesControlPlane.controlplane.cluster.x-k8s.io",
            "spec: {kthreesConfigSpec: {agentConfig: {kubeProxyArgs: [--proxy-mode=ipvs]}, files: [{content: 'kube-proxy-arg: v=2'}]}}",
            Some(
                "spec.kthreesConfigSpec.agentConfig.kubeProxyArgs: --proxy-mode=ipvs; spec.kthreesConfigSpec.files[0].content: v=2",
            ),
        ),
        (
            "",
            "machine: {type: worker}\ncluster: {proxy: {mode: ipvs, extraArgs: {ipvs-strict-arp: 'true', nodeport-addresses: [10.0.0.0/8, fd00::/8]}}}",
            Some(
                "cluster.proxy: --proxy-mode=ipvs; cluster.proxy.extraArgs: --ipvs-strict-arp=true --nodeport-addresses=10.0.0.0/8 --nodeport-addresses=fd00::/8",
            ),
        ),
        (
            "",
            "cluster: {proxy: {disabled: true}}",
            Some("off by cluster.proxy.disabled"),
        ),
        ("", "cluster: {name: x}", None),
        (
            "KubeProxyConfig",
            "enabled: true\nmode: nftables\nconfig: {ipvs: {scheduler: lc}}",
            Some(": --proxy-mode=nftables; config: --ipvs-scheduler=lc"),
        ),
        (
            "",
            "kube_proxy_mode: ipvs\nkube_proxy_strict_arp: true\nkube_proxy_nodeport_addresses: \"{{ x }}\"\n",
            Some(": --proxy-mode=ipvs --ipvs-strict-arp=true"),
        ),
        (
            "Cluster.kubekey.kubesphere.io",
            "spec: {kubernetes: {proxyMode: ipvs}}",
            Some("spec.kubernetes: --proxy-mode=ipvs"),
        ),
    ] {
        assert_eq!(said(kind, text).as_deref(), expected, "{kind} {text}");
    }
}

/// Bytes in base64, as a Secret has them.
fn encoded(text: &str) -> String {
    let bytes = k8s_openapi::ByteString(text.as_bytes().to_vec());
    let tree = serde_json::to_value(bytes).unwrap();
    tree.as_str().unwrap().to_owned()
}

#[test]
fn secrets_that_nodes_start_with_are_looked_into() {
    let k3s = "kube-proxy-arg: [proxy-mode=ipvs]\n";
    let kubeadm = "kind: ClusterConfiguration\n---\nkind: KubeProxyConfiguration\nmode: ipvs\nipvs: {scheduler: lc}\n";
    let within = encoded(k3s);
    let indented = kubeadm.replace('\n', "\n      ");
    for (text, expected) in [
        (k3s.to_owned(), Some("data.value: proxy-mode=ipvs")),
        (
            kubeadm.to_owned(),
            Some("data.value: --proxy-mode=ipvs --ipvs-scheduler=lc"),
        ),
        (
            format!(
                "#cloud-config\nwrite_files:\n- path: /run/kubeadm/kubeadm.yaml\n  content: |\n      {indented}\n"
            ),
            Some("data.value: --proxy-mode=ipvs --ipvs-scheduler=lc"),
        ),
        (
            // The word is written in base64 alone.
            format!(
                "## template: jinja\n#cloud-config\nwrite_files:\n- {{path: /etc/rancher/k3s/config.yaml, encoding: base64, content: {within}}}\n"
            ),
            Some("data.value: proxy-mode=ipvs"),
        ),
        (
            format!(
                "#cloud-config\nwrite_files:\n- {{path: a, encoding: gzip+base64, content: {within}}}\n"
            ),
            None,
        ),
        ("the reverse proxy of kube-proxy\n".to_owned(), None),
        (
            "disable-kube-proxy: true\n".to_owned(),
            Some("off by data.value"),
        ),
    ] {
        for before in ["", "#\n", "# \n"] {
            let secret = format!(
                "type: cluster.x-k8s.io/secret\ndata: {{value: {}}}",
                encoded(&format!("{before}{text}"))
            );
            assert_eq!(
                said("Secret", &secret).as_deref(),
                expected,
                "{before}{text}"
            );
            assert!(expected.is_none() || may_tell(&secret), "{before}{text}");
        }
    }
    // Bytes that are no text, and text that is no base64.
    for data in [
        "data: {value: /////w==}",
        "data: {value: kube-proxy-arg}",
        "data: {value: [roxy]}",
    ] {
        assert_eq!(said("Secret", data), None, "{data}");
    }
}
