//! A repository's own configuration starts no program when its files are read.

use crate::repository::Repository;

/// What would start a program, by the command that sets it.
const SETTINGS: [&str; 14] = [
    "git config core.fsmonitor $PWD/mark",
    "git config core.hooksPath $PWD/hooks",
    "git config core.pager $PWD/mark",
    "git config pager.cat-file $PWD/mark; git config pager.ls-files $PWD/mark",
    "git config core.sshCommand $PWD/mark",
    "git config core.gitProxy $PWD/mark",
    "git config core.alternateRefsCommand $PWD/mark",
    "git config core.askPass $PWD/mark",
    "git config diff.external $PWD/mark",
    "git config credential.helper $PWD/mark",
    "git config alias.cat-file !$PWD/mark; git config alias.rev-parse !$PWD/mark",
    "git config filter.f.smudge $PWD/mark; git config filter.f.clean $PWD/mark; \
     git config filter.f.process $PWD/mark; git config diff.f.textconv $PWD/mark; \
     mkdir -p .git/info; echo '* filter=f diff=f' >.git/info/attributes",
    "git config extensions.partialClone origin; git config remote.origin.promisor true; \
     git config remote.origin.url ext::$PWD/mark; git config protocol.ext.allow always; \
     git rev-parse HEAD:clusters/demo/facts.yaml | \
     sed 's#^\\(..\\)#.git/objects/\\1/#' | xargs rm -f",
    "git config gpg.program $PWD/mark; git config log.showSignature true",
];

#[test]
fn no_setting_of_a_repository_starts_a_program() {
    let repository = Repository::demo();
    repository.succeeds(
        "printf '#!/bin/sh\\ntouch %s/marked\\n' \"$PWD\" >mark && chmod +x mark && mkdir hooks \
         && for hook in post-index-change post-checkout reference-transaction; do \
         cp mark hooks/$hook; cp mark .git/hooks/$hook; done",
    );
    // One more each time.
    for setting in SETTINGS {
        repository.succeeds(setting);
        // The index is older than what it knows of, so that git would look again.
        repository.succeeds("touch clusters/demo/*");
        for old in ["HEAD:clusters/demo", ":clusters/demo", ":./clusters/demo"] {
            let output = repository.run(&format!("portolan diff {old} @nothing --output json"));
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                !repository.path().join("marked").exists(),
                "{setting}: {old}: {said}"
            );
        }
    }
}

/// The settings above do start programs where git itself is asked.
#[test]
fn the_test_would_notice() {
    let repository = Repository::demo();
    repository.succeeds(
        "printf '#!/bin/sh\\ntouch %s/marked\\n' \"$PWD\" >mark && chmod +x mark \
         && git config core.fsmonitor $PWD/mark && touch clusters/demo/* && git status",
    );
    assert!(repository.path().join("marked").exists());
}

/// A folder in a checkout that has the looks of a repository is none.
#[test]
fn a_repository_within_a_checkout_is_not_asked() {
    let repository = Repository::demo();
    repository.succeeds("git clone -q --bare . inner && git -C inner config core.fsmonitor false");
    let output = repository.run("cd inner && portolan diff HEAD:clusters/demo @nothing");
    assert_eq!(output.status.code(), Some(66), "{output:?}");
}

/// A partial clone has trees without their files, or not even these.
#[test]
fn what_a_partial_clone_left_out_is_told_as_such() {
    let repository = Repository::demo();
    repository.succeeds(
        "git config uploadpack.allowFilter true && git clone -q --no-checkout --filter=blob:none \
         file://$PWD files && git clone -q --no-checkout --filter=tree:0 file://$PWD trees",
    );
    for (clone, side, left_out) in [
        ("files", "HEAD:clusters/demo", true),
        ("files", "HEAD:clusters/demo/facts.yaml", true),
        ("trees", "HEAD:clusters/demo", true),
        ("files", "HEAD:clusters/none", false),
    ] {
        let output = repository.run(&format!("cd {clone} && portolan diff {side} @nothing"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(66), "{clone} {side}: {said}");
        assert_eq!(
            said.contains("not in this partial clone"),
            left_out,
            "{clone} {side}: {said}"
        );
    }
    repository.succeeds("cd files && git fetch -q --refetch --no-filter origin");
    let output = repository.run("cd files && portolan diff HEAD:clusters/demo @nothing");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn the_index_is_read_from_the_top_and_from_here() {
    let repository = Repository::demo();
    repository.edit("timeoutSeconds: 600", "timeoutSeconds: 900");
    repository.succeeds("git add clusters && git checkout -q HEAD~0 2>/dev/null; true");
    repository.edit("timeoutSeconds: 900", "timeoutSeconds: 1200");
    for (here, staged) in [
        (".", ":clusters/demo"),
        (".", ":0:clusters/demo/"),
        ("clusters", ":./demo"),
        ("clusters", ":clusters/demo"),
    ] {
        let output = repository.run(&format!(
            "cd {here} && portolan diff HEAD:clusters/demo {staged}"
        ));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("600 s -> 900 s"), "{staged}: {output:?}");
    }
    let output = repository.run("portolan diff :nowhere @nothing");
    assert_eq!(output.status.code(), Some(66), "{output:?}");
}
