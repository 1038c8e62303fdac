//! Lists in sentences.

/// Words as a sentence lists them: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_comes_after_an_and() {
        assert_eq!(listed([]), "");
        assert_eq!(listed(["policy"]), "policy");
        assert_eq!(listed(["policy", "status"]), "policy and status");
        assert_eq!(listed(["policy", "state", "status"]), "policy, state and status");
    }
}
