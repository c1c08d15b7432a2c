use minisign::KeyPair;
use portolan_compiler::bundle::Packer;

use super::sign::{Locked, SigningKey};
use super::*;
use crate::report::{Exit, Explain as _};
use crate::rules::Signature;

/// A key, and its two files as minisign writes them.
struct Pair {
    secret: String,
    public: String,
}

fn pair() -> Pair {
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    Pair {
        secret: pair.sk.to_box(None).unwrap().into_string(),
        public: pair.pk.to_base64(),
    }
}

fn edition(cluster: &str, counter: u64) -> Edition {
    Edition {
        cluster: cluster.parse().unwrap(),
        counter: counter.try_into().unwrap(),
    }
}

fn bytes(edition: Option<Edition>) -> Vec<u8> {
    Packer::new(edition, None).finish()
}

fn file(bytes: Vec<u8>, signature: Option<&[u8]>) -> Result<BundleFile, crate::rules::RulesError> {
    let signature = signature.map(|bytes| Signature {
        path: "b.portolan.minisig".into(),
        bytes: bytes.to_vec(),
    });
    BundleFile::of(Path::new("b.portolan"), bytes, signature)
}

fn signed(pair: &Pair, bundle: &[u8]) -> String {
    let key = SigningKey::read(&pair.secret, None).unwrap();
    key.sign(&file(bundle.to_vec(), None).unwrap()).unwrap()
}

fn keys(text: &str) -> TrustedKeys {
    TrustedKeys::parse(Path::new("trusted-keys"), text).unwrap()
}

fn judged(text: &str, bundle: &[u8], signature: &[u8]) -> Result<Vouched, TrustError> {
    let trust = Trust::Demanded(keys(text));
    let file = file(bundle.to_vec(), Some(signature)).unwrap();
    trust.vouch(Presented::Bundle(&file), Unsigned::Refused)
}

#[test]
fn what_a_trusted_key_has_signed_is_taken() {
    let (pair, other) = (pair(), pair());
    let bundle = bytes(Some(edition("prod", 147)));
    let signature = signed(&pair, &bundle);
    let id = SigningKey::read(&pair.secret, None).unwrap().id().unwrap();
    let commented = format!("untrusted comment: minisign public key\n{}\n", pair.public);
    for text in [
        pair.public.clone(),
        commented,
        format!("# ours\n\n{} cluster=staging cluster=prod\n", pair.public),
        format!("{}\n{}\n", other.public, pair.public),
        format!("revoked {}\n{}\n", other.public, pair.public),
        format!("{0} cluster=staging\n{0} cluster=prod\n", pair.public),
    ] {
        let vouched = judged(&text, &bundle, signature.as_bytes());
        assert_eq!(vouched.unwrap(), Vouched::Signed(id), "{text}");
    }
}

#[test]
fn everything_else_is_refused_as_untrusted() {
    let (pair, other) = (pair(), pair());
    let bundle = bytes(Some(edition("prod", 147)));
    let signature = signed(&pair, &bundle);
    for (what, text, signature) in [
        ("no keys", String::new(), &signature),
        ("another key", other.public.clone(), &signature),
        (
            "a revoked key",
            format!("{0}\nrevoked {0}\n", pair.public),
            &signature,
        ),
        (
            "a key of another cluster",
            format!("{} cluster=staging\n", pair.public),
            &signature,
        ),
        (
            "a signature of another bundle",
            pair.public.clone(),
            &signed(&pair, &bytes(Some(edition("prod", 148)))),
        ),
        (
            "a signature by another key",
            pair.public.clone(),
            &signed(&other, &bundle),
        ),
    ] {
        let error = judged(&text, &bundle, signature.as_bytes()).unwrap_err();
        assert_eq!(error.exit(), Exit::Untrusted, "{what}: {error}");
        assert!(error.help().is_some(), "{what}");
    }
    let trust = Trust::Demanded(keys(&pair.public));
    let alone = file(bundle, None).unwrap();
    for presented in [Presented::Bundle(&alone), Presented::Plain("a folder")] {
        let refused = trust.vouch(presented, Unsigned::Refused).unwrap_err();
        assert_eq!(refused.exit(), Exit::Untrusted);
        let waived = trust.vouch(presented, Unsigned::Allowed).unwrap();
        assert_eq!(waived, Vouched::Waived);
        let not_asked = Trust::NotAsked.vouch(presented, Unsigned::Refused).unwrap();
        assert_eq!(not_asked, Vouched::NotAsked);
        let recorded = Trust::NotAsked.vouch(presented, Unsigned::Allowed).unwrap();
        assert_eq!(recorded, Vouched::Waived);
    }
}

#[test]
fn no_byte_of_bundle_and_signature_is_free() {
    let pair = pair();
    let bundle = bytes(Some(edition("prod", 147)));
    let signature = signed(&pair, &bundle).into_bytes();
    for at in 0..signature.len() {
        for bit in 0..8 {
            let mut flipped = signature.clone();
            flipped[at] ^= 1 << bit;
            assert!(
                judged(&pair.public, &bundle, &flipped).is_err(),
                "byte {at}, bit {bit}"
            );
        }
        assert!(
            judged(&pair.public, &bundle, &signature[..at]).is_err(),
            "{at} bytes"
        );
    }
    for at in 0..bundle.len() {
        let mut flipped = bundle.clone();
        flipped[at] ^= 1;
        assert!(file(flipped, None).is_err(), "byte {at}");
    }
    let longer = [&signature[..], b"\n"].concat();
    assert!(judged(&pair.public, &bundle, &longer).is_err());
}

#[test]
fn comments_do_not_say_otherwise_than_headers() {
    let pair = pair();
    let bundle = bytes(Some(edition("prod", 147)));
    let key = minisign::SecretKeyBox::from_string(&pair.secret).unwrap();
    let key = key.into_unencrypted_secret_key().unwrap();
    let comment = |comment: &str| {
        let untrusted = Some("signature from minisign secret key");
        let made = minisign::sign(None, &key, &bundle[..], Some(comment), untrusted);
        judged(
            &pair.public,
            &bundle,
            made.unwrap().into_string().as_bytes(),
        )
    };
    for text in [
        "timestamp:1700000000\tfile:prod-147.portolan\thashed",
        "cluster=prod counter=147",
        "cluster:prod",
        "signed on a Tuesday",
    ] {
        assert!(comment(text).is_ok(), "{text}");
    }
    for text in [
        "cluster=staging",
        "counter=148 cluster=prod",
        "counter:148",
        "generation=1",
    ] {
        assert!(
            matches!(comment(text), Err(TrustError::Contradiction { .. })),
            "{text}"
        );
    }
}

#[test]
fn what_says_not_whose_it_is_is_not_signed() {
    let pair = pair();
    let key = SigningKey::read(&pair.secret, None).unwrap();
    let unnamed = file(bytes(None), None).unwrap();
    assert!(matches!(
        key.sign(&unnamed),
        Err(TrustError::NoEdition { .. })
    ));
}

#[test]
fn a_file_of_keys_that_makes_no_sense_is_refused_with_its_line() {
    let pair = pair();
    for text in [
        "RWQ",
        "ssh-ed25519 AAAA",
        "revoked",
        "revoked 1234",
        &format!("{} prod", pair.public),
        &format!("{} cluster=", pair.public),
        &format!("{} cluster=Prod", pair.public),
        &format!("revoked {} because", pair.public),
        &format!("revoke {}", pair.public),
    ] {
        let text = format!("# a comment\n{text}\n");
        let error = TrustedKeys::parse(Path::new("trusted-keys"), &text).unwrap_err();
        assert!(
            matches!(error, TrustError::Keys { line: 2, .. }),
            "{text}: {error}"
        );
    }
}

#[test]
fn editions_come_one_after_the_other() {
    let had = |counter: u64| move |_: &ClusterName| Counter::try_from(counter).ok();
    let new = edition("prod", 147);
    for (had, older, expected) in [
        (had(0), Older::Refused, Some(Order::InOrder)),
        (had(146), Older::Refused, Some(Order::InOrder)),
        (had(147), Older::Refused, Some(Order::InOrder)),
        (had(148), Older::Refused, None),
        (had(148), Older::Allowed, Some(Order::Older)),
        (had(147), Older::Allowed, Some(Order::InOrder)),
    ] {
        assert_eq!(in_order(Some(&new), had, older).ok(), expected);
    }
    assert_eq!(
        in_order(None, had(9), Older::Refused).unwrap(),
        Order::InOrder
    );
}

#[test]
fn what_was_taken_once_needs_its_key_still() {
    let (pair, other) = (pair(), pair());
    let id = SigningKey::read(&pair.secret, None).unwrap().id().unwrap();
    let of = |vouched| Provenance {
        edition: Some(edition("prod", 1)),
        vouched,
        order: Order::InOrder,
    };
    let trusts = |text: &str, vouched, unsigned| {
        Trust::Demanded(keys(text))
            .take_again(&of(vouched), unsigned)
            .is_ok()
    };
    let (here, gone) = (&pair.public, &other.public);
    let revoked = format!("{here}\nrevoked {here}\n");
    for (text, vouched, expected) in [
        (here, Vouched::Signed(id), true),
        (gone, Vouched::Signed(id), false),
        (&revoked, Vouched::Signed(id), false),
        (here, Vouched::Waived, true),
        (here, Vouched::NotAsked, false),
    ] {
        assert_eq!(
            trusts(text, vouched, Unsigned::Refused),
            expected,
            "{vouched:?}"
        );
        assert!(trusts(text, vouched, Unsigned::Allowed));
        let not_asked = Trust::NotAsked.take_again(&of(vouched), Unsigned::Refused);
        assert!(not_asked.is_ok());
    }
}

#[test]
fn records_keep_where_rules_came_from() {
    let id = SigningKey::read(&pair().secret, None)
        .unwrap()
        .id()
        .unwrap();
    for vouched in [Vouched::Signed(id), Vouched::Waived, Vouched::NotAsked] {
        for order in [Order::InOrder, Order::Older] {
            for edition in [None, Some(edition("prod", u64::MAX))] {
                let provenance = Provenance {
                    edition,
                    vouched,
                    order,
                };
                let text = serde_json::to_string(&Recorded::from(&provenance)).unwrap();
                let read: Recorded = serde_json::from_str(&text).unwrap();
                assert_eq!(read.read(), Some(provenance), "{text}");
            }
        }
    }
}

#[test]
fn locked_keys_are_told_from_open_ones() {
    assert_eq!(SigningKey::locked(&pair().secret).unwrap(), Locked::No);
    let locked = "untrusted comment: minisign encrypted secret key\nRWRTY0IyAAAA\n";
    assert_eq!(SigningKey::locked(locked).unwrap(), Locked::Yes);
    for text in ["", "one line", "two\nlines\n"] {
        assert!(SigningKey::locked(text).is_err(), "{text}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_of_keys_that_others_may_write_to_is_refused() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("trusted-keys");
    assert!(matches!(Trust::load(&path), Ok(Trust::NotAsked)));
    fs::write(&path, "").unwrap();
    assert!(matches!(Trust::load(&path), Ok(Trust::Demanded(_))));
    for mode in [0o666, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(
            matches!(Trust::load(&path), Err(TrustError::Unsafe { .. })),
            "{mode:o}"
        );
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(Trust::load(&path), Err(TrustError::Unsafe { .. })));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let dangling = folder.path().join("link");
    symlink("nowhere", &dangling).unwrap();
    assert!(matches!(
        Trust::load(&dangling),
        Err(TrustError::Read { .. })
    ));
    assert!(matches!(
        Trust::load(folder.path()),
        Err(TrustError::Unsafe { .. })
    ));
}

/// Numbers of keys are anybody's choice: one that another key has as well would borrow what that is
/// trusted for, and a revoked one would live on under another.
#[test]
fn a_number_names_one_key() {
    use ct_codecs::{Base64, Decoder as _, Encoder as _};

    let (pair, other) = (pair(), pair());
    let bytes = |key: &str| Base64::decode_to_vec(key, None).unwrap();
    let join = |number: &[u8], key: &[u8]| {
        Base64::encode_to_string([&number[..10], &key[10..]].concat()).unwrap()
    };
    let (ours, theirs) = (bytes(&pair.public), bytes(&other.public));
    let borrowed = join(&ours, &theirs);
    let renamed = join(&theirs, &ours);
    for lines in [
        [&*pair.public, &borrowed],
        [&pair.public, &renamed],
        [&format!("revoked {}", pair.public), &renamed],
        [&format!("revoked {borrowed}"), &pair.public],
    ] {
        let text = lines.join("\n");
        let error = TrustedKeys::parse(Path::new("trusted-keys"), &text).unwrap_err();
        let TrustError::Keys {
            line: 2, problem, ..
        } = error
        else {
            panic!("{text}: {error}");
        };
        assert!(
            matches!(problem, keys::KeyProblem::Ambiguous(_)),
            "{text}: {problem}"
        );
    }
}

#[test]
fn secret_keys_are_not_repeated() {
    let pair = pair();
    let error = TrustedKeys::parse(Path::new("trusted-keys"), &pair.secret).unwrap_err();
    let said = error.to_string();
    assert!(said.contains("secret key"), "{said}");
    let secret = pair.secret.lines().nth(1).unwrap();
    assert!(!said.contains(&secret[..12]), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn nobody_can_take_the_keys_away() {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let top = tempfile::tempdir().unwrap();
    let (open, below) = (top.path().join("open"), top.path().join("open/below"));
    fs::create_dir_all(&below).unwrap();
    fs::write(below.join("trusted-keys"), "").unwrap();
    let apart = top.path().join("apart");
    fs::write(&apart, "").unwrap();
    symlink(&apart, open.join("link")).unwrap();
    let path = below.join("trusted-keys");
    assert!(Trust::named(&path).is_ok());
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    for path in [
        path,
        open.join("link"),
        open.join("missing"),
        open.join("no/folder"),
    ] {
        let loaded = Trust::load(&path);
        assert!(
            matches!(loaded, Err(TrustError::Unsafe { .. })),
            "{}",
            path.display()
        );
    }
    let missing = top.path().join("missing");
    assert!(matches!(Trust::load(&missing), Ok(Trust::NotAsked)));
    assert!(matches!(
        Trust::named(&missing),
        Err(TrustError::NoKeys { .. })
    ));
}
