mod event;

pub use event::*;

/// What LM and NT response amount to.
#[must_use]
pub fn classify(_user_empty: bool, _ess: bool, _lm: &[u8], _nt: &[u8]) -> Response {
    Response::None
}
