//! Compiles Kubernetes Services into the packet rules of a node: bytes in, values and bytes out. No
//! clock, no environment, no kernel.
//!
//! Data flows one way, and each stage's result is what the next one needs:
//!
//! 1. [`source`] holds the text; every later value leads back to an object and a field of it.
//! 2. [`front`] splits and parses it into Kubernetes objects, as written.
//! 3. [`model`] validates them as the API server would, completes their defaults, and merges in what
//!    a running cluster allocated.
//! 4. [`endpoints`] makes endpoints of Pods, as the cluster's controller does, where no slice says them.
//! 5. [`lower`] takes one node's view: which endpoints serve which address. The result is the
//!    mode-neutral [`ir`].
//! 6. [`valid`] checks what no single object shows. Modes ask for a [`valid::Valid`] program: reviews
//!    and lints alone look at one before, since one clash must not silence the rest.
//! 7. [`mode`] lowers that to what a proxy mode keeps on a node, in the terms of [`kernel`]: what each
//!    subsystem can hold, as typed data, with the writers and readers around it.
//! 8. [`bundle`] names the artefacts and digests them; [`canonical`] digests what decided them.
//!
//! [`compile`] leads all the way; it and [`lint`] go through the stages by one pipeline. Beside it, [`observed`] is what a node holds already, [`plan`] the
//! steps from there to what is asked for, and [`apply`] those steps in the words of the kernel and its
//! tools. [`diff`] tells two states apart, as a Service's users see it or object by object. [`explain`]
//! follows a packet through a node's state. [`lint`] looks at the same values for what is legal and
//! unwise. [`what_if`] takes nodes or Pods away, and compares. [`diag`] is how all of them report, and [`escape`] how text of others is printed.

#[macro_use]
pub mod closed_set;

pub mod apply;
pub mod base;
pub mod bundle;
pub mod canonical;
pub mod compile;
pub mod diag;
pub mod diff;
pub mod endpoints;
pub mod english;
pub mod escape;
pub mod explain;
pub mod front;
pub mod ir;
pub mod kernel;
pub mod lint;
pub mod lower;
pub mod mode;
pub mod model;
pub mod nearest;
pub mod observed;
mod pipeline;
pub mod plan;
pub mod source;
pub mod source_map;
pub mod target;
pub mod valid;
pub mod what_if;
