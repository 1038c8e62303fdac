//! One file a rule. The list is in `catalogue.rs`.

pub(crate) mod http_client;
