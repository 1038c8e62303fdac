//! The filter: what is typed after `/`, taken apart, and what it says about a row.
//!
//! Words must all occur somewhere in the row. `key:value` asks one thing, `sev>=medium` compares, `!` denies. A term
//! that cannot be understood is shown as such and asks nothing. What a term asks means the same on every screen: a
//! host is `grade:insecure` when it is an end of an insecure channel, a finding when it is about one.

mod facts;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub(crate) use facts::Facts;

use crate::mark::{Grade, Severity};

/// The terms, for the help screen: as typed, and what they ask.
pub(crate) const TERMS: &[(&str, &str)] = &[
    ("word", "occurs anywhere in the row; all words must"),
    ("grade:insecure", "channel's grade: insecure, weak, not, secure"),
    ("sev:high sev>=medium", "severity is, or compares (>= > <= <)"),
    ("rule:push", "the rule's id has this part"),
    ("role:management", "a host at one end has a role with this part"),
    ("host:10.0.0", "address or name at one end is this, or has this part"),
    ("purpose:policy", "the channel's purpose has this part"),
    ("site:P01", "site code"),
    ("!term", "not this"),
];

/// The keys, for whoever typed another.
pub(crate) const KEYS: &str = "grade sev rule role host purpose site";

/// What one term asks.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ask {
    Word(String),
    Grade(Grade),
    Severity(Compare, Severity),
    Rule(String),
    Role(String),
    Host(String),
    Purpose(String),
    Site(String),
}

/// How a severity is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compare {
    Is,
    AtLeast,
    Above,
    AtMost,
    Below,
}

/// A term as typed and as understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// As typed.
    pub(crate) text: String,
    deny: bool,
    /// None where it cannot be understood.
    ask: Option<Ask>,
}

impl Term {
    /// Whether it was understood.
    pub(crate) fn is_valid(&self) -> bool {
        self.ask.is_some()
    }
}

/// A filter, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Takes apart what was typed.
    pub(crate) fn parse(text: &str) -> Self {
        Self { terms: text.split_whitespace().map(term).collect() }
    }

    /// The filter that lets insecure channels through, and what belongs to them.
    pub(crate) fn insecure() -> Self {
        Self {
            terms: vec![Term {
                text: "grade:insecure".to_owned(),
                deny: false,
                ask: Some(Ask::Grade(Grade::Insecure)),
            }],
        }
    }

    /// The terms in order.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Whether it asks anything.
    pub(crate) fn asks(&self) -> bool {
        self.terms.iter().any(Term::is_valid)
    }

    /// Whether every term holds.
    pub(crate) fn lets_through(&self, facts: &Facts) -> bool {
        self.terms.iter().all(|term| match &term.ask {
            None => true,
            Some(ask) => holds(ask, facts) != term.deny,
        })
    }
}

fn term(text: &str) -> Term {
    let (deny, rest) = match text.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    Term { text: text.to_owned(), deny, ask: ask(&rest.to_lowercase()) }
}

/// Understands a term in lower case. Signs alone are those of another language, like the `==` of Wireshark's.
fn ask(text: &str) -> Option<Ask> {
    if text.chars().all(|character| "=!<>&|()".contains(character)) {
        return None;
    }
    for (sign, compare) in
        [(">=", Compare::AtLeast), ("<=", Compare::AtMost), (">", Compare::Above), ("<", Compare::Below)]
    {
        if let Some((key, value)) = text.split_once(sign) {
            return is_severity(key)
                .then(|| severity(value))
                .flatten()
                .map(|wanted| Ask::Severity(compare, wanted));
        }
    }
    let Some((key, value)) = text.split_once(':') else { return Some(Ask::Word(text.to_owned())) };
    let part = || (!value.is_empty()).then(|| value.to_owned());
    match key {
        "grade" => {
            let wanted = value.replace(['-', '_'], " ");
            let known = || Grade::ALL.into_iter().find(|grade| grade.word().starts_with(&wanted));
            part().and_then(|_| known()).map(Ask::Grade)
        }
        key if is_severity(key) => severity(value).map(|wanted| Ask::Severity(Compare::Is, wanted)),
        "rule" => part().map(Ask::Rule),
        "role" => part().map(Ask::Role),
        "host" => part().map(Ask::Host),
        "purpose" => part().map(Ask::Purpose),
        "site" => part().map(Ask::Site),
        // An address (`fe80::1`, `10.0.0.5:445`) or a URL is a word; `grad:insecure` is a slip that must not pass for
        // an empty result.
        key if looks_like_a_key(key) && !value.starts_with("//") => None,
        _ => Some(Ask::Word(text.to_owned())),
    }
}

fn is_severity(key: &str) -> bool {
    matches!(key, "sev" | "severity")
}

fn looks_like_a_key(key: &str) -> bool {
    key.chars().all(|character| character.is_ascii_lowercase())
        && key.chars().any(|character| !character.is_ascii_hexdigit())
}

/// A severity by the beginning of its word: `crit`.
fn severity(value: &str) -> Option<Severity> {
    if value.is_empty() {
        return None;
    }
    Severity::ALL.into_iter().find(|severity| severity.word().starts_with(value))
}

fn holds(ask: &Ask, facts: &Facts) -> bool {
    let among = |texts: &[String], part: &str| texts.iter().any(|text| text.contains(part));
    match ask {
        Ask::Word(word) => facts.text.contains(word.as_str()),
        Ask::Grade(grade) => facts.grades.contains(grade),
        Ask::Severity(compare, wanted) => facts.severities.iter().any(|severity| match compare {
            Compare::Is => severity == wanted,
            Compare::AtLeast => severity >= wanted,
            Compare::Above => severity > wanted,
            Compare::AtMost => severity <= wanted,
            Compare::Below => severity < wanted,
        }),
        Ask::Rule(part) => among(&facts.rules, part),
        Ask::Role(part) => among(&facts.roles, part),
        // A whole address is that address, and not the beginning of longer ones.
        Ask::Host(part) if part.parse::<IpAddr>().is_ok() => facts.hosts.contains(part),
        Ask::Host(part) => among(&facts.hosts, part),
        Ask::Purpose(part) => among(&facts.purposes, part),
        Ask::Site(code) => facts.sites.iter().any(|site| site == code),
    }
}
