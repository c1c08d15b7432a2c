//! What a bug in portolan looks like to its user.

use std::any::Any;
use std::panic;

use portolan_compiler::escape::visible;

/// Keeps the runtime's own message off the terminal unless a backtrace is asked for; [`message`]
/// takes its place.
pub(super) fn install_hook() {
    if std::env::var_os("RUST_BACKTRACE").is_none() {
        panic::set_hook(Box::new(|info| {
            if let Some(place) = info.location() {
                PLACE.set(Some(place.to_string()));
            }
        }));
    }
}

thread_local! {
    static PLACE: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
}

/// The message for a caught panic.
pub(super) fn message(payload: &(dyn Any + Send)) -> String {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    let place = PLACE.take();
    let place = place
        .map(|place| format!(" at {place}"))
        .unwrap_or_default();
    format!(
        "internal error: {}{place}\n  \
         help: this is a bug in portolan {}; please report it with the command and its input\n",
        visible(what),
        env!("CARGO_PKG_VERSION"),
    )
}
