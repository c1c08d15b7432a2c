//! The conformance cases: what each is compiled to, what kube-proxy programmed, and the form in which
//! the two compare.

pub mod case;
pub mod expectation;
pub mod programmed;
