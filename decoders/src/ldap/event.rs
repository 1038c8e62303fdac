//! What is told of LDAP: that it was spoken, and whether it answered.

/// Something seen of an LDAP or CLDAP flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LdapEvent {
    /// A search request, with its base object and the attribute names in its filter, where readable.
    Search {
        /// baseObject.
        base: String,
        /// Attribute descriptions in the filter, each once, in order.
        filter_attributes: Vec<String>,
    },
    /// searchResultDone with its resultCode, and whether entries came before it.
    SearchDone {
        /// resultCode: 0 success.
        code: u32,
        /// searchResultEntry messages before it.
        entries: u64,
    },
}
