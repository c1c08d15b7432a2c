//! Completions: that every shell gets some, and that they know the flags.

use golden_support::Portolan;
use portolan_runtime::report::Exit;

#[test]
fn every_shell_gets_completions() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Portolan::new("completions").arg(shell).run();
        assert_eq!(run.exit, Exit::Done, "{shell}");
        assert!(run.text().contains("message-format"), "{shell}");
    }
}
