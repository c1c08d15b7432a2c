//! What no single object shows: [`validate`] turns a program into a [`Valid`] one, which back ends
//! ask for.

mod claims;

use crate::diag::Findings;
use crate::ir::Program;

/// Proof that a value has been validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valid<T>(T);

impl<T> Valid<T> {
    /// What was found valid, and has not changed since.
    pub fn get(&self) -> &T {
        &self.0
    }
}

/// Checks a program as a whole.
///
/// Returns nothing where the program is refused; why stands in `findings`.
pub fn validate(program: Program, findings: &mut Findings) -> Option<Valid<Program>> {
    let _span = tracing::debug_span!("valid", node = program.node.name.as_str()).entered();
    let mut found = Findings::default();
    claims::check(&program, &mut found);
    let refused = found.has_errors();
    findings.append(found);
    (!refused).then_some(Valid(program))
}
