//! One file a rule. The list is in `catalogue.rs`.

pub(crate) mod bgb_fallback;
pub(crate) mod http_client;
pub(crate) mod http_ehttp;
pub(crate) mod http_fallback;
pub(crate) mod http_ntlm;
pub(crate) mod loc_multianswer;
pub(crate) mod loc_poison;
pub(crate) mod loc_wins_bcast;
pub(crate) mod loc_wins_conflict;
pub(crate) mod loc_wins_fallback;
pub(crate) mod loc_wins_query;
pub(crate) mod loc_wins_reg;
pub(crate) mod msg_badsig;
pub(crate) mod msg_noenc;
pub(crate) mod msg_sha1;
pub(crate) mod msg_unsigned;
pub(crate) mod state_clear;
pub(crate) mod status_clear;
pub(crate) mod status_flood;
pub(crate) mod status_forged;
pub(crate) mod status_unauth;
pub(crate) mod status_unsigned;
pub(crate) mod sup_http;
pub(crate) mod tls_old;
pub(crate) mod tls_oldclient;
pub(crate) mod tls_weakcipher;
