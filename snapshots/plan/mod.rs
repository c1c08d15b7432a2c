//! `portolan plan` as its user sees it: one case per kind of change under `fixtures/plan`.

mod outputs;
