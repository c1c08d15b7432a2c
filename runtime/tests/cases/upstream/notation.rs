//! The short notation of the cases, written out as Kubernetes objects.

use serde_json::{Map, Value, json};

/// Lays one value over another: maps are merged, all else is replaced.
pub(super) fn merge(below: &Value, above: &Value) -> Value {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            let mut merged = below.clone();
            for (key, value) in above {
                let value = below
                    .get(key)
                    .map_or_else(|| value.clone(), |old| merge(old, value));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        _ => above.clone(),
    }
}

/// The name of the node that a set-up is about.
pub(super) fn node_name(setup: &Value) -> &str {
    setup["node"]["name"].as_str().unwrap_or("test-node")
}

/// What a set-up hands to the command: its objects, or the text that it is.
pub(super) fn manifests(setup: &Value) -> String {
    if let Some(text) = setup["text"].as_str() {
        return text.to_owned();
    }
    let mut objects = vec![node(setup)];
    objects.extend(setup.get("facts").map(|facts| node_facts(setup, facts)));
    if let Some(config) = setup.get("config").filter(|config| !config.is_null()) {
        let frame = json!({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration",
        });
        objects.push(merge(&frame, config));
    }
    objects.extend(list(&setup["services"]).iter().map(service));
    objects.extend(
        list(&setup["slices"])
            .iter()
            .zip(1..)
            .map(|(s, i)| endpoint_slice(s, i)),
    );
    objects.extend(list(&setup["objects"]).iter().cloned());
    objects.iter().fold(String::new(), |text, object| {
        text + &format!("---\n{object}\n")
    })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A value where one is expected to be a list: itself, or a list of it.
fn one_or_more(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
}

fn node(setup: &Value) -> Value {
    let node = &setup["node"];
    let ips = node
        .get("ips")
        .cloned()
        .unwrap_or_else(|| json!(["192.168.0.2"]));
    let addresses: Vec<Value> = list(&ips)
        .iter()
        .map(|ip| json!({"type": "InternalIP", "address": ip}))
        .collect();
    let mut object = json!({
        "apiVersion": "v1", "kind": "Node", "metadata": {"name": node_name(setup)},
        "status": {"addresses": addresses},
    });
    if let Some(labels) = node.get("labels") {
        object["metadata"]["labels"] = labels.clone();
    }
    if let Some(ranges) = node.get("podCIDRs") {
        object["spec"] = json!({"podCIDR": ranges[0], "podCIDRs": ranges});
    }
    object
}

fn node_facts(setup: &Value, facts: &Value) -> Value {
    let interfaces: Vec<Value> = facts["interfaces"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, addresses)| json!({"name": name, "addresses": addresses}))
        .collect();
    let mut object = json!({
        "apiVersion": "portolan.dev/v1alpha1", "kind": "NodeFacts",
        "metadata": {"name": node_name(setup)}, "interfaces": interfaces,
    });
    for key in ["kernel", "iptables", "nft"] {
        if let Some(value) = facts.get(key) {
            object[key] = value.clone();
        }
    }
    object
}

/// `name:port/PROTOCOL>targetPort@nodePort`, all but the port optional; or the object itself.
fn port(value: &Value) -> Value {
    if value.is_object() {
        return value.clone();
    }
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    let (text, node_port) = cut(&text, '@');
    let (text, target) = cut(text, '>');
    let (text, protocol) = cut(text, '/');
    let (name, number) = match text.split_once(':') {
        Some((name, number)) => (Some(name), number),
        None => (None, text),
    };
    let mut port = json!({
        "port": number.parse::<u32>().unwrap(), "protocol": protocol.unwrap_or("TCP"),
    });
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        port["name"] = name.into();
    }
    if let Some(target) = target {
        port["targetPort"] = target
            .parse::<u32>()
            .map_or_else(|_| target.into(), Value::from);
    }
    if let Some(node_port) = node_port {
        port["nodePort"] = node_port.parse::<u32>().unwrap().into();
    }
    port
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Fields whose value is `<absent>` are taken out: what lies below would come through otherwise.
fn without_absent(fields: &mut Map<String, Value>) {
    fields.retain(|_, value| value != "<absent>");
}

fn service(short: &Value) -> Value {
    let mut spec =
        json!({"type": short.get("type").cloned().unwrap_or_else(|| "ClusterIP".into())});
    if let Some(ip) = short.get("ip").filter(|ip| !ip.is_null()) {
        let ips = one_or_more(ip);
        spec["clusterIP"] = ips[0].clone();
        spec["clusterIPs"] = json!(ips);
        if ips[0] != "None" {
            let family = |ip: &Value| {
                if ip.as_str().unwrap().contains(':') {
                    "IPv6"
                } else {
                    "IPv4"
                }
            };
            spec["ipFamilies"] = ips.iter().map(family).collect();
            let policy = if ips.len() == 2 {
                "RequireDualStack"
            } else {
                "SingleStack"
            };
            spec["ipFamilyPolicy"] = policy.into();
        }
    }
    if let Some(ports) = short.get("ports") {
        spec["ports"] = list(ports).iter().map(port).collect();
    }
    for (word, field) in [
        ("etp", "externalTrafficPolicy"),
        ("itp", "internalTrafficPolicy"),
        ("ext", "externalIPs"),
        ("ranges", "loadBalancerSourceRanges"),
        ("hc", "healthCheckNodePort"),
        ("dist", "trafficDistribution"),
    ] {
        if let Some(value) = short.get(word) {
            spec[field] = value.clone();
        }
    }
    let mut spec = merge(&spec, short.get("spec").unwrap_or(&json!({})));
    if let Some(timeout) = short.get("affinity").filter(|timeout| !timeout.is_null()) {
        spec["sessionAffinity"] = "ClientIP".into();
        spec["sessionAffinityConfig"] = json!({"clientIP": {"timeoutSeconds": timeout}});
    }
    without_absent(spec.as_object_mut().unwrap());
    let text = |word: &str, other: &str| short.get(word).cloned().unwrap_or_else(|| other.into());
    let metadata = json!({"name": text("name", "svc1"), "namespace": text("ns", "ns1")});
    let metadata = merge(&metadata, short.get("meta").unwrap_or(&json!({})));
    let mut object =
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec});
    if let Some(annotations) = short.get("annotations") {
        object["metadata"]["annotations"] = annotations.clone();
    }
    if let Some(ingress) = short.get("lb") {
        let ingress: Vec<Value> = list(ingress)
            .iter()
            .map(|ip| {
                if ip.is_object() {
                    ip.clone()
                } else {
                    json!({"ip": ip})
                }
            })
            .collect();
        object["status"] = json!({"loadBalancer": {"ingress": ingress}});
    }
    object
}

/// `ADDRESS[,ADDRESS] [node=N] [host=H] [ready=B] [serving=B] [terminating=B] [z=Z,…] [n=N,…]`, zones
/// and nodes being hints; or the object itself.
fn endpoint(value: &Value) -> Value {
    let Some(text) = value.as_str() else {
        return value.clone();
    };
    let mut words = text.split_whitespace();
    let addresses: Vec<&str> = words.next().unwrap().split(',').collect();
    let mut endpoint = json!({"addresses": addresses});
    for word in words {
        let (key, value) = word.split_once('=').unwrap();
        let names = || -> Value { value.split(',').map(|name| json!({"name": name})).collect() };
        match key {
            "node" => endpoint["nodeName"] = value.into(),
            "host" => endpoint["hostname"] = value.into(),
            "ready" | "serving" | "terminating" => {
                endpoint["conditions"][key] =
                    value.parse::<bool>().map_or(Value::Null, Value::from);
            }
            "z" => endpoint["hints"]["forZones"] = names(),
            "n" => endpoint["hints"]["forNodes"] = names(),
            _ => panic!("{word} means nothing in an endpoint"),
        }
    }
    endpoint
}

fn endpoint_slice(short: &Value, number: usize) -> Value {
    let (namespace, service) = short["svc"].as_str().unwrap().split_once('/').unwrap();
    let mut endpoints: Vec<Value> = list(&short["eps"]).iter().map(endpoint).collect();
    if let Some(many) = short.get("many") {
        endpoints.extend(numbered(many));
    }
    let first = endpoints
        .first()
        .map(|endpoint| endpoint["addresses"][0].to_string());
    let family = if first.is_some_and(|text| text.contains(':')) {
        "IPv6"
    } else {
        "IPv4"
    };
    let ports = short
        .get("ports")
        .cloned()
        .unwrap_or_else(|| json!(["p80:80"]));
    let name = || format!("{service}-{number}").into();
    let object = json!({
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {
            "name": short.get("name").cloned().unwrap_or_else(name), "namespace": namespace,
            "labels": {"kubernetes.io/service-name": service},
        },
        "addressType": short.get("type").cloned().unwrap_or_else(|| family.into()),
        "endpoints": endpoints,
        "ports": list(&ports).iter().map(port).collect::<Vec<_>>(),
    });
    let mut object = merge(&object, short.get("raw").unwrap_or(&json!({})));
    without_absent(object.as_object_mut().unwrap());
    object
}

/// `{count, net, unready}`: so many endpoints in a network, the last of them not ready.
fn numbered(many: &Value) -> impl Iterator<Item = Value> {
    let number = |key: &str| many[key].as_u64().unwrap_or(0);
    let (count, unready) = (number("count"), number("unready"));
    let network = many["net"].as_str().unwrap();
    (0..count).map(move |i| {
        let state = if i >= count - unready {
            " ready=false"
        } else {
            ""
        };
        endpoint(&format!("{network}.{}.{}{state}", i % 256, i / 256).into())
    })
}
