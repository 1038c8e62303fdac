//! Answers to `.sms_aut` queries: lists of management points, keys and certificates of the site, without signature.

use sha2::{Digest, Sha256};

use super::event::SiteData;
use super::location::site_code;
use super::public_key::from_hex;
use super::xml::{Element, Visit};
use crate::text::hex;

/// Reads an answer into it.
pub(super) struct Answer<'a> {
    /// What is filled.
    pub(super) data: &'a mut SiteData,
    /// The management point whose element is open: name or FQDN, `SSLState`.
    point: (Option<String>, Option<u32>),
}

impl<'a> Answer<'a> {
    /// A reader that fills this.
    pub(super) fn new(data: &'a mut SiteData) -> Self {
        Self { data, point: (None, None) }
    }

    fn name_point(&mut self, name: Option<String>, ssl_state: Option<u32>, element: &Element<'_>) {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return };
        let points = &mut self.data.management_points;
        if !points.iter().any(|(known, _)| *known == name) && element.has_room(points.len()) {
            points.push((name, ssl_state));
        }
    }
}

impl Visit for Answer<'_> {
    fn open(&mut self, element: &Element<'_>) {
        if element.is("MP") {
            let fqdn = element.attribute("FQDN").filter(|fqdn| !fqdn.is_empty());
            self.point = (fqdn.or_else(|| element.attribute("Name")), None);
        } else if element.is("MPLocation") {
            self.name_point(element.attribute("MP"), None, element);
        } else if element.is("Property")
            && element.is_in("Capabilities")
            && element.raw_attribute("Name").is_some_and(|name| name.eq_ignore_ascii_case("SSLState"))
        {
            self.point.1 = element.raw_attribute("Value").and_then(|value| value.trim().parse().ok());
        }
    }

    fn close(&mut self, element: &Element<'_>) {
        if self.data.site_code.is_none() {
            self.data.site_code = site_code(element);
        }
        let digest = || {
            let bytes = from_hex(element.raw_text()).filter(|bytes| !bytes.is_empty())?;
            Some(hex(&Sha256::digest(bytes)))
        };
        match element.name().to_ascii_lowercase().as_str() {
            "mp" => {
                let (name, ssl_state) = std::mem::take(&mut self.point);
                self.name_point(name, ssl_state, element);
            }
            "fqdn" if element.is_in("MP") => self.point.0 = element.text().or(self.point.0.take()),
            "fqdn" | "machinename" if element.is_in("MPKEYINFORMATION") => self.key_owner(element),
            "trustedrootkey" => self.data.root_key_sha256 = digest(),
            "x509certificate" if self.data.query.starts_with("SITESIGNCERT") => {
                self.data.signing_certificate_sha256 = digest();
            }
            _ => {}
        }
    }
}

impl Answer<'_> {
    /// `MACHINENAME` comes before `FQDN`, and both name one machine; the latter says more.
    fn key_owner(&mut self, element: &Element<'_>) {
        let Some(name) = element.text() else { return };
        if element.is("FQDN") {
            self.data.management_points.clear();
        }
        self.name_point(Some(name), None, element);
    }
}
