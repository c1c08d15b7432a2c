//! Help pages, one snapshot per command.

use golden_support::{Portolan, snapshot};
use portolan_runtime::app;
use portolan_runtime::report::Exit;

#[test]
fn every_command_has_a_page() {
    let names = app::command()
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect::<Vec<_>>();
    let page = |words: &str| {
        let run = Portolan::new(words).run();
        assert_eq!((run.exit, run.stderr.as_str()), (Exit::Done, ""), "{words}");
        // Help pads empty lines, which no editor keeps.
        let lines = run
            .text()
            .lines()
            .map(|line| format!("{}\n", line.trim_end()));
        lines.collect::<String>()
    };
    snapshot("cli", "help", page("help"));
    for name in names {
        snapshot(
            "cli",
            &format!("help-{name}"),
            page(&format!("help {name}")),
        );
    }
}

#[test]
fn the_short_page_fits_a_screen() {
    let run = Portolan::new("compile -h").run();
    snapshot("cli", "help-compile-short", run.to_string());
}

#[test]
fn the_version_is_that_of_the_package() {
    let run = Portolan::new("--version").run();
    assert_eq!(run.exit, Exit::Done);
    assert!(run.text().starts_with("portolan "), "{run}");
}

#[test]
fn exit_codes_are_a_command_too() {
    snapshot(
        "cli",
        "exit-codes",
        Portolan::new("exit-codes").run().to_string(),
    );
}
