//! What the node holds, to be compared with what it held before.

use portolan_compiler::kernel::iptables::SavedChain;
use portolan_compiler::observed::Observed;
use portolan_runtime::host;

/// What the node holds, as text.
pub(crate) fn read_once() -> String {
    let found = host::read_once(&*host::machine().unwrap()).unwrap();
    without_empty_tables(found).canonical()
}

/// Tables in which nothing is left are as good as none.
pub(crate) fn without_empty_tables(mut found: Observed) -> Observed {
    let used = |chain: &SavedChain| chain.policy.is_none() || !chain.rules.is_empty();
    for rules in &mut found.iptables {
        rules.tables.retain(|table| table.chains.iter().any(used));
    }
    found
}
