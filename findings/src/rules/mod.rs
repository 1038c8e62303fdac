//! One file a rule. The list is in `catalogue.rs`.

pub(crate) mod http_client;
pub(crate) mod loc_multianswer;
pub(crate) mod loc_poison;
pub(crate) mod loc_wins_bcast;
pub(crate) mod loc_wins_conflict;
pub(crate) mod loc_wins_fallback;
pub(crate) mod loc_wins_query;
pub(crate) mod loc_wins_reg;
