//! Parts that screens are made of. They know text, widths and styles, and nothing of reports.

pub(crate) mod hexdump;
pub(crate) mod page;
pub(crate) mod table;
pub(crate) mod text;
pub(crate) mod theme;
