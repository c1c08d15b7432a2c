//! What was approved as a bundle: signed by minisign and by portolan, carried by skopeo through a
//! registry, and taken for nothing else.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::repository::Repository;
use crate::whole::{has, run};

/// A repository with a bundle, and keys that no password locks.
fn bundled() -> Repository {
    let repository = Repository::demo();
    repository
        .succeeds("portolan bundle create rules --out prod.portolan --cluster prod --counter 147");
    repository.succeeds("minisign -G -W -p key.pub -s key");
    repository
}

#[test]
fn minisign_verifies_ours_and_makes_what_we_verify() {
    let repository = bundled();
    repository.succeeds("portolan sign --key key prod.portolan");
    let said = repository.succeeds("minisign -Vm prod.portolan -p key.pub");
    has(&said, &["Trusted comment: cluster=prod counter=147"]);
    let ours = repository.succeeds("portolan verify-signature prod.portolan --key key.pub");
    has(&ours, &["prod 147, signed by "]);
    // Its own comment names the time and the file.
    repository.succeeds("minisign -S -W -m prod.portolan -s key");
    let text = fs::read_to_string(repository.path().join("prod.portolan.minisig")).unwrap();
    has(&text, &["timestamp:", "file:prod.portolan"]);
    let theirs = repository.succeeds("portolan verify-signature prod.portolan --key key.pub");
    assert_eq!(ours, theirs);
    // One that contradicts the header counts for nothing, though minisign takes it.
    repository.succeeds("minisign -S -W -m prod.portolan -s key -t counter=148");
    repository.succeeds("minisign -Vm prod.portolan -p key.pub");
    let (code, said) = run(
        &repository,
        "portolan verify-signature prod.portolan --key key.pub",
    );
    assert_eq!(code, Some(13), "{said}");
    has(
        &said,
        &["its comment says counter=148, and the bundle is prod 147"],
    );
}

#[test]
fn a_key_that_a_password_locks_is_unlocked_by_the_pipe() {
    let repository = bundled();
    repository
        .succeeds("printf 'secret\\nsecret\\n' | minisign -G -f -p key.pub -s key >/dev/null");
    repository.succeeds("echo secret | portolan sign --key key prod.portolan");
    repository.succeeds("minisign -Vm prod.portolan -p key.pub");
    let (code, said) = run(
        &repository,
        "echo wrong | portolan sign --key key prod.portolan",
    );
    assert_eq!(code, Some(77), "{said}");
    has(&said, &["the password does not unlock the key"]);
}

#[test]
fn a_bundle_is_the_folder_it_was_made_of() {
    let repository = bundled();
    repository.succeeds(
        "portolan bundle extract prod.portolan --out extracted && diff -r rules extracted",
    );
    repository.succeeds("portolan bundle create extracted --out again.portolan --cluster prod --counter 147 && cmp prod.portolan again.portolan");
    let (code, said) = run(
        &repository,
        "portolan bundle extract prod.portolan --out extracted",
    );
    assert_eq!(code, Some(74), "{said}");
    let (code, said) = run(&repository, "portolan diff rules prod.portolan");
    assert_eq!(code, Some(0), "{said}");
    has(&said, &["No Service changes"]);
    // In Git it is told by what it holds, whatever it is called.
    repository.succeeds(
        "cp prod.portolan approved.yaml && git add approved.yaml && git commit -q -m Bundle",
    );
    let (code, said) = run(&repository, "portolan diff HEAD:approved.yaml rules");
    assert_eq!(code, Some(0), "{said}");
    let one = "portolan bundle create rules --out one.portolan --cluster prod --counter 147 --node node-b";
    repository.succeeds(one);
    let said = repository.succeeds("portolan bundle show one.portolan");
    has(&said, &["node-b", "Cluster  prod", "Counter  147"]);
    assert_eq!(repository.succeeds("portolan show one.portolan"), said);
    assert!(!said.contains("node-a"), "{said}");
    // What was changed in the folder is in no bundle.
    repository.succeeds(
        "sed -i 's/10.244/10.245/' rules/nodes/node-a/*.restore rules/nodes/node-a/ipvs.rules",
    );
    let (code, said) = run(
        &repository,
        "portolan bundle create rules --out two.portolan",
    );
    assert_eq!(code, Some(13), "{said}");
    assert!(!repository.path().join("two.portolan").exists());
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    let repository = bundled();
    repository
        .succeeds("sed 's/^portolan-bundle 1/portolan-bundle 2/' prod.portolan > newer.portolan");
    repository.succeeds("head -c 2000 prod.portolan > cut.portolan && cp prod.portolan longer.portolan && echo >> longer.portolan");
    repository.succeeds("portolan bundle create rules --out unnamed.portolan");
    for (command, code, part) in [
        (
            "bundle show newer.portolan",
            65,
            "format \"2\" is not known",
        ),
        ("bundle show cut.portolan", 13, "was cut"),
        ("bundle show longer.portolan", 13, "digest does not match"),
        ("bundle show rules", 64, "bundle create"),
        ("bundle show key.pub", 65, "not a bundle"),
        (
            "bundle create rules --out x.portolan --cluster prod",
            64,
            "--counter",
        ),
        (
            "bundle create rules --out x.portolan --cluster Prod --counter 1",
            64,
            "name of a cluster",
        ),
        (
            "bundle create rules --out x.portolan --cluster prod --counter 0",
            64,
            "number from 1",
        ),
        (
            "sign --key key unnamed.portolan",
            13,
            "neither cluster nor counter",
        ),
        ("sign --key key.pub prod.portolan", 65, "no secret key"),
        (
            "verify-signature prod.portolan --key key.pub",
            13,
            "no signature beside it",
        ),
        (
            "verify-signature prod.portolan --trusted-keys nowhere",
            66,
            "no keys are trusted",
        ),
    ] {
        let (found, said) = run(&repository, &format!("portolan {command}"));
        assert_eq!(found, Some(code), "{command}: {said}");
        has(&said, &[part]);
    }
}

/// A registry on loopback, which ends with the test.
struct Registry {
    process: Child,
    port: u16,
}

impl Registry {
    fn start(repository: &Repository) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = repository.path().join("registry");
        let settings = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"127.0.0.1:{port}\"}}\n",
            folder.display()
        );
        fs::write(repository.path().join("registry.yaml"), settings).unwrap();
        let process = repository
            .bash("exec docker-registry serve registry.yaml")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let registry = Self { process, port };
        let begin = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(60), "no registry");
            std::thread::sleep(Duration::from_millis(50));
        }
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[test]
fn a_registry_carries_bundle_and_signature() {
    let repository = bundled();
    repository.succeeds("portolan sign --key key prod.portolan --oci image");
    let registry = Registry::start(&repository);
    let place = format!("docker://127.0.0.1:{}/portolan/prod:147", registry.port);
    let copy = "skopeo --insecure-policy copy --quiet";
    repository.succeeds(&format!(
        "{copy} --dest-tls-verify=false oci:image:147 {place}"
    ));
    repository.succeeds(&format!(
        "{copy} --src-tls-verify=false {place} oci:pulled:147"
    ));
    let said = repository.succeeds("portolan verify-signature pulled --key key.pub");
    has(&said, &["prod 147, signed by "]);
    let (code, said) = run(&repository, "portolan diff rules:pulled rules");
    assert_eq!(code, Some(0), "{said}");
    // The same bytes come out, as files too.
    repository
        .succeeds("portolan bundle extract pulled --out extracted && diff -r rules extracted");
    repository.succeeds(
        "cmp prod.portolan pulled/blobs/sha256/$(sha256sum < prod.portolan | cut -d' ' -f1)",
    );
}
