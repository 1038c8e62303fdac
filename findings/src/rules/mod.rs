//! One file a rule, and the list of them. To add one, write its file here and add its line below.

use crate::rule::Rule;

/// Declares the modules and the list of rules from one list.
macro_rules! rules {
    ($($module:ident => $rule:ident,)*) => {
        $(pub(crate) mod $module;)*

        /// Every rule, in the order of the catalogue.
        pub static RULES: &[&dyn Rule] = &[$(&$module::$rule,)*];

        /// The file names of the rules, to hold against their ids.
        #[cfg(test)]
        pub(crate) static FILES: &[&str] = &[$(stringify!($module),)*];
    };
}

rules! {
    http_client => HttpClient,
    http_ehttp => HttpEhttp,
    http_fallback => HttpFallback,
    http_ntlm => HttpNtlm,
    bgb_fallback => BgbFallback,
    sup_http => SupHttp,
    tls_old => TlsOld,
    tls_oldclient => TlsOldclient,
    tls_weakcipher => TlsWeakcipher,
    tls_noclientauth => TlsNoclientauth,
    cert_selfsigned => CertSelfsigned,
    cert_expired => CertExpired,
    cert_expiring => CertExpiring,
    cert_weak => CertWeak,
    cert_publicca => CertPublicca,
    cert_shared => CertShared,
    crl_nocdp => CrlNocdp,
    crl_ldaponly => CrlLdaponly,
    crl_unreachable => CrlUnreachable,
    msg_unsigned => MsgUnsigned,
    msg_badsig => MsgBadsig,
    msg_sha1 => MsgSha1,
    msg_noenc => MsgNoenc,
    status_clear => StatusClear,
    status_unsigned => StatusUnsigned,
    status_unauth => StatusUnauth,
    status_flood => StatusFlood,
    status_forged => StatusForged,
    state_clear => StateClear,
    push_seen => PushSeen,
    push_possible => PushPossible,
    push_ntlm => PushNtlm,
    push_fallback => PushFallback,
    push_fallback_off => PushFallbackOff,
    push_byip => PushByip,
    push_ntlmv1 => PushNtlmv1,
    push_unsigned => PushUnsigned,
    push_cleartcf => PushCleartcf,
    push_smb1 => PushSmb1,
    push_oneaccount => PushOneaccount,
    push_machineacct => PushMachineacct,
    push_elsewhere => PushElsewhere,
    push_retrystorm => PushRetrystorm,
    smb_ntlm => SmbNtlm,
    smb_nosignreq => SmbNosignreq,
    smb_null => SmbNull,
    smb_guest => SmbGuest,
    krb_rc4 => KrbRc4,
    loc_wins_query => LocWinsQuery,
    loc_wins_bcast => LocWinsBcast,
    loc_wins_reg => LocWinsReg,
    loc_wins_fallback => LocWinsFallback,
    loc_wins_conflict => LocWinsConflict,
    loc_multianswer => LocMultianswer,
    loc_poison => LocPoison,
    cmg_seen => CmgSeen,
    cmg_nomutual => CmgNomutual,
    cmg_tlsold => CmgTlsold,
    cmg_certweak => CmgCertweak,
}

#[cfg(test)]
mod tests;
