//! Location requests: content, software update points, management points, site assignment.

use super::event::Content;
use super::xml::{Element, Visit};

/// Roots of location requests, in lower case.
const ROOTS: [&str; 11] = [
    "contentlocationrequest",
    "wsuslocationrequest",
    "localmplocationrequest",
    "enumeratemplocationrequest",
    "mplocationrequest",
    "proxymplocationrequest",
    "siteinformationrequest",
    "assignedsiterequest",
    "updatesfrequest",
    "fsplocationrequest",
    "tokenservicesrequest",
];

/// Reads a location request.
pub(super) struct Location {
    root: String,
    site_code: Option<String>,
}

impl Location {
    /// Whether a root element, in lower case, is a location request.
    pub(super) fn reads(root: &str) -> bool {
        ROOTS.contains(&root)
    }

    /// A reader for a document with this root.
    pub(super) fn new(root: &Element<'_>) -> Self {
        Self { root: root.cut(root.name()), site_code: None }
    }

    /// What was read.
    pub(super) fn into_content(self) -> Content {
        Content::Location { root: self.root, site_code: self.site_code }
    }
}

impl Visit for Location {
    fn close(&mut self, element: &Element<'_>) {
        if self.site_code.is_none() {
            self.site_code = site_code(element);
        }
    }
}

/// A site code that an element names, in an attribute or as its text.
pub(super) fn site_code(element: &Element<'_>) -> Option<String> {
    let attribute = ["SiteCode", "AssignedSiteCode"].iter().find_map(|name| element.raw_attribute(name));
    let named = ["SiteCode", "AssignedSiteCode"].iter().any(|name| element.is(name));
    let source = || element.raw_text().strip_prefix("SMS:").filter(|_| element.is("PolicySource"));
    let code = attribute.or_else(|| named.then(|| element.raw_text())).or_else(source)?;
    is_site_code(code).then(|| element.cut(code))
}

/// Whether text can be a site code: three letters or digits.
pub(super) fn is_site_code(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
