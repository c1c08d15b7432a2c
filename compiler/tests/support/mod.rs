//! The conformance cases, for every test that needs them, those of the other package among them:
//! what each is compiled to, what kube-proxy programmed, and the form in which the two compare.

pub(crate) mod case;
pub(crate) mod expectation;
pub(crate) mod programmed;
