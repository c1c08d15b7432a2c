//! As `KUBECTL_EXTERNAL_DIFF`: two folders with a file for each object, named after it.

use std::fs;

use golden_support::{Portolan, Run, folder, snapshot};
use portolan_runtime::report::Exit;

use super::AREA;

const CART: &str = "\
apiVersion: v1
kind: Service
metadata:
  annotations: {kubectl.kubernetes.io/last-applied-configuration: '{}'}
  creationTimestamp: \"2026-03-02T08:15:30Z\"
  managedFields: []
  name: cart
  namespace: shop
  uid: 5f34a271-19d1-46b2-aeb4-2781994c9ac1
spec:
  clusterIP: 10.96.14.3
  clusterIPs: [10.96.14.3]
  ports: [{name: http, port: 80, protocol: TCP, targetPort: http}]
  sessionAffinity: None
  type: ClusterIP
status: {loadBalancer: {}}
";
const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec: {replicas: 2}
";

fn run(live: &[(&str, &str)], merged: &[(&str, &str)]) -> Run {
    let folder = folder();
    let side = |name: &str, files: &[(&str, &str)]| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        for (file, text) in files {
            fs::write(path.join(file), text).unwrap();
        }
        path.display().to_string()
    };
    Portolan::new("diff")
        .arg(side("LIVE-2541", live))
        .arg(side("MERGED-3972", merged))
        .run()
}

#[test]
fn a_changed_service_among_others() {
    let changed = CART.replace("sessionAffinity: None", "sessionAffinity: ClientIP");
    let scaled = DEPLOYMENT.replace('2', "3");
    let run = run(
        &[
            ("v1.Service.shop.cart", CART),
            ("apps.v1.Deployment.shop.cart", DEPLOYMENT),
        ],
        &[
            ("v1.Service.shop.cart", &changed),
            ("apps.v1.Deployment.shop.cart", &scaled),
        ],
    );
    assert_eq!(run.exit, Exit::Differs, "{run}");
    let shown = run.text().split_once("\n\n").unwrap().1;
    snapshot(AREA, "kubectl", format!("{shown}{}", run.stderr));
}

#[test]
fn kinds_that_are_not_read_pass_by() {
    let scaled = DEPLOYMENT.replace('2', "3");
    let name = "apps.v1.Deployment.shop.cart";
    let run = run(&[(name, DEPLOYMENT)], &[(name, &scaled)]);
    assert_eq!(run.exit, Exit::Done, "{run}");
}

/// Of a new object kubectl writes an empty file.
#[test]
fn a_new_service() {
    let name = "v1.Service.shop.cart";
    let run = run(&[(name, "")], &[(name, CART)]);
    assert_eq!(run.exit, Exit::Differs, "{run}");
    assert!(run.text().contains("shop/cart (new)"), "{run}");
}

#[test]
fn nothing_at_all() {
    let run = run(&[], &[]);
    assert_eq!(run.exit, Exit::Done, "{run}");
}
